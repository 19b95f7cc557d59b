import { mentionedUsers } from "../bridge/mentions.ts";
import { isMarkedCopy } from "../bridge/loop.ts";
import { roomHash, writeBareOrigin, writeOrigin } from "../bridge/origin.ts";
import { copyRelation, type Counterpart } from "../bridge/relation.ts";
import { replacedEvent, type EventReference } from "../bridge/route.ts";
import {
  copyEdit,
  copyMessage,
  copyReaction,
  describe,
  isMirrored,
  lateEdit,
  placeholder,
  placeholderForOther,
  type CopyContext,
  type CopyRelation,
} from "../bridge/transform.ts";
import type { SkipReason } from "../matrix/codes.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Contents } from "./contents.ts";
import { reactionHashOf } from "./line.ts";
import { prepareNotice, type NoticeOptions } from "./notices.ts";

/** What a row of the outbox comes to, now that it is its turn. */
export type Delivery =
  | {
      action: "send";
      type: string;
      content: JsonObject;
      placeholder?: boolean;
      reactionHash?: string;
      state?: RoomState;
    }
  | { action: "state"; state: RoomState }
  | { action: "redact"; eventId: EventId; ledgerId: number | null }
  /** A reaction that the destination shows already, for somebody else's sake. */
  | { action: "share"; copyEvent: EventId; reactionHash: string }
  | { action: "release"; ledgerId: number }
  /** Nothing is left to do, for a reason that is counted. */
  | { action: "skip"; reason: SkipReason };

/** A state event that goes before the message. */
export interface RoomState {
  type: string;
  stateKey: string;
  content: JsonObject;
}

export interface CopierOptions extends NoticeOptions {
  contents: Contents;
  engine: () => Client<typeof engineRequests>;
}

/** What was left out for these reasons is not shown by quoting it either. */
const LEFT_OUT: ReadonlySet<string> = new Set<SkipReason>(["link-starting", "no-consent", "opted-out", "command"]);

/** Works out what a row of the outbox comes to: finds counterparts in the ledger, and has the content transformed. */
export class Copier {
  readonly #options: CopierOptions;

  constructor(options: CopierOptions) {
    this.#options = options;
  }

  /** @throws FerryError where the source event cannot be had */
  async prepare(row: OutboxRow): Promise<Delivery> {
    const isCopied = row.kind !== "redaction" && row.kind !== "notice";
    // What has been tried stays owed when its author opts out: where it has not arrived, it does not go any more.
    if (isCopied && this.#hasOptedOut(row, row.author)) return { action: "skip", reason: "opted-out" };
    if (isCopied && !this.#isAgreed(row)) return { action: "skip", reason: "no-consent" };
    switch (row.kind) {
      case "copy":
        return this.#copy(row);
      case "edit":
        return this.#edit(row);
      case "late":
        return this.#late(row);
      case "reaction":
        return this.#reaction(row);
      case "redaction":
        return this.#redaction(row);
      case "notice":
        return prepareNotice(row, this.#options);
    }
  }

  async #copy(row: OutboxRow): Promise<Delivery> {
    const event = await this.#source(row);
    const refusal = this.#refusalOf(event);
    if (refusal) return { action: "skip", reason: refusal };
    const context = await this.#context(row, event);
    if (event.undecryptable !== undefined) return { action: "send", ...placeholder(event, context), placeholder: true };
    if (!isMirrored(event)) return { action: "skip", reason: "unsupported-message" };
    return { action: "send", ...copyMessage(event, context) };
  }

  async #edit(row: OutboxRow): Promise<Delivery> {
    const target = row.target && this.#counterpart(row.target, row.destination);
    if (!target) return { action: "skip", reason: "target-not-copied" };
    const event = await this.#readable(row);
    const refusal = this.#refusalOf(event);
    if (refusal) return { action: "skip", reason: refusal };
    if (replacedEvent(event) === null || !isMirrored(event)) return { action: "skip", reason: "unsupported-message" };
    const context = await this.#context(row, event);
    // An edit takes the place of all of the message, a quotation that stands in the copy included.
    const relation = await this.#relationOfOriginal(row, target.eventId);
    return { action: "send", ...copyEdit(event, target.eventId, { ...context, relation }) };
  }

  async #late(row: OutboxRow): Promise<Delivery> {
    const target = this.#counterpart({ roomId: row.sourceRoom, eventId: row.sourceEvent }, row.destination);
    if (!target) return { action: "skip", reason: "target-not-copied" };
    const event = await this.#readable(row);
    const refusal = this.#refusalOf(event) ?? this.#superseding(row);
    if (refusal) return { action: "skip", reason: refusal };
    const context = await this.#context(row, event);
    const fill = isMirrored(event) ? lateEdit : placeholderForOther;
    return { action: "send", ...fill(event, target.eventId, context) };
  }

  async #reaction(row: OutboxRow): Promise<Delivery> {
    const target = row.target && this.#counterpart(row.target, row.destination);
    if (!target) return { action: "skip", reason: "target-not-copied" };
    const event = await this.#source(row);
    if (event.redacted) return { action: "skip", reason: "redacted" };
    const relation = event.content["m.relates_to"];
    const key = isObject(relation) ? relation["key"] : undefined;
    if (typeof key !== "string") return { action: "skip", reason: "unsupported-message" };
    const reactionHash = reactionHashOf(target.eventId, key);
    const shared = this.#options.store.ledger.reactions(row.destination, reactionHash)[0];
    if (shared) return { action: "share", copyEvent: shared.copyEvent, reactionHash };
    const content = copyReaction(key, target.eventId, writeBareOrigin(row.transactionId));
    return { action: "send", ...content, reactionHash };
  }

  async #redaction(row: OutboxRow): Promise<Delivery> {
    const { ledger } = this.#options.store;
    if (!row.target || !row.targetKind) return { action: "skip", reason: "target-not-copied" };
    if (row.targetKind === "original") return { action: "redact", eventId: row.target.eventId, ledgerId: null };
    const copy = ledger.copy(row.target, row.destination, row.targetKind);
    if (!copy || copy.redacted) return { action: "skip", reason: "target-not-copied" };
    const others =
      copy.reactionHash === null
        ? []
        : ledger.reactions(row.destination, copy.reactionHash).filter((entry) => entry.id !== copy.id);
    // Somebody else still reacts with it: the copy stays for their sake.
    if (others.length > 0) return { action: "release", ledgerId: copy.id };
    return { action: "redact", eventId: copy.copyEvent, ledgerId: copy.id };
  }

  async #relationOfOriginal(row: OutboxRow, target: EventId): Promise<CopyRelation> {
    // Of a message that was written in the destination itself the edit is no copy: there is nothing to keep.
    if (!row.target || row.target.eventId === target) return { kind: "none" };
    const original = await this.#options.contents.get(row.target.roomId, row.target.eventId);
    const { relation } = await this.#context({ ...row, sourceRoom: row.target.roomId }, original);
    return relation;
  }

  /** An edit that has gone out since says what the message says now. */
  #superseding(row: OutboxRow): SkipReason | null {
    const sent = this.#options.store.ledger.sentFor({ roomId: row.sourceRoom, eventId: row.sourceEvent });
    return sent.some((entry) => entry.kind === "edit" && entry.destination === row.destination) ? "superseded" : null;
  }

  /** For what had been decrypted when it came: after a new login its key may be missing. */
  async #readable(row: OutboxRow): Promise<SourceEvent> {
    const event = await this.#source(row);
    if (event.undecryptable === undefined) return event;
    throw new FerryError("key-missing", "Ferry cannot decrypt this any more: its key belonged to an earlier login.");
  }

  #source(row: OutboxRow): Promise<SourceEvent> {
    return this.#options.contents.get(row.sourceRoom, row.sourceEvent);
  }

  async #context(row: OutboxRow, event: SourceEvent): Promise<CopyContext> {
    const relation = await copyRelation(event, {
      counterpart: (eventId) => this.#counterpartOf(row.sourceRoom, eventId, row.destination),
      quote: (eventId) => this.#quote(row, eventId),
    });
    const original = "originalSender" in relation && relation.originalSender ? [relation.originalSender] : [];
    const account = this.#options.account();
    return {
      account,
      relation,
      destinationMembers: await this.#membersAmong([...mentionedUsers(event), ...original], row.destination),
      marker: writeOrigin({
        transaction: row.transactionId,
        link: row.linkId,
        sourceEvent: row.sourceEvent,
        sender: event.sender,
        carrier: account,
        room: roomHash(row.destination),
      }),
      allowRoomMention: false,
      language: this.#options.store.settings.all.noticeLanguage,
    };
  }

  /** What stands in the destination for any event of a room: its copy there, or what it is itself a copy of. */
  #counterpartOf(roomId: RoomId, eventId: EventId, destination: RoomId): Counterpart | null {
    const origin = this.#options.store.ledger.origin(roomId, eventId);
    if (origin === null) return this.#counterpart({ roomId, eventId }, destination);
    const found = this.#counterpart({ roomId: origin.sourceRoom, eventId: origin.sourceEvent }, destination);
    return found && { eventId: found.eventId, author: origin.author };
  }

  /** What stands in the destination for an event that was written first. */
  #counterpart(original: EventReference, destination: RoomId): Counterpart | null {
    if (original.roomId === destination) return { eventId: original.eventId, author: null };
    const copy = this.#options.store.ledger.copy(original, destination, "copy");
    return copy && !copy.redacted ? { eventId: copy.copyEvent, author: null } : null;
  }

  async #membersAmong(users: readonly UserId[], roomId: RoomId): Promise<ReadonlySet<UserId>> {
    if (users.length === 0) return new Set();
    const members = new Set(await this.#options.engine().members({ roomId }));
    return new Set(users.filter((user) => members.has(user)));
  }

  async #quote(row: OutboxRow, eventId: EventId): Promise<{ sender: string; text: string | null }> {
    const unseen = { sender: "", text: null };
    const roomId = row.sourceRoom;
    try {
      // The copy of a message from a third room: its own room never agreed to be read here.
      if (this.#options.store.ledger.origin(roomId, eventId)) return unseen;
      if (this.#isLeftOut(row, { roomId, eventId })) return unseen;
      const event = await this.#options.contents.get(roomId, eventId);
      if (this.#hasOptedOut(row, event.sender)) return unseen;
      const readable = event.undecryptable === undefined && this.#refusalOf(event) === null && isMirrored(event);
      return {
        sender: event.senderName,
        text: readable ? describe(event, this.#options.store.settings.all.noticeLanguage) : null,
      };
    } catch (error) {
      // What is gone or hidden is quoted without its words; a network failure holds the reply back.
      if (asFerryError(error).code === "event-not-found") return unseen;
      throw error;
    }
  }

  /** Whether an event came when the row's link did not carry it to the row's destination. */
  #isLeftOut(row: OutboxRow, source: EventReference): boolean {
    const { inbound, ledger, links, outbox } = this.#options.store;
    const seen = inbound.get(source.roomId, source.eventId);
    if (seen === null || LEFT_OUT.has(seen.outcome)) return seen !== null;
    // Carried by another link alone. What was said before the link is quoted like everything before it.
    if (seen.outcome !== "routed" || seen.receivedTs < (links.find(row.linkId)?.createdTs ?? 0)) return false;
    const isOwed = outbox.owedFor(source).some(({ destination }) => destination === row.destination);
    return !isOwed && ledger.copy(source, row.destination, "copy") === null;
  }

  /** Whether both rooms agree to a copy now, and have done so ever since it was owed. */
  #isAgreed({ linkId, sourceRoom, destination, createdTs }: OutboxRow): boolean {
    const { links, consents } = this.#options.store;
    const link = links.get(linkId);
    const rooms = link?.rooms.filter(({ roomId }) => roomId === sourceRoom || roomId === destination) ?? [];
    return (
      link !== null && rooms.every(({ roomId, gap }) => gap === null && consents.heldSince(linkId, roomId, createdTs))
    );
  }

  #hasOptedOut(row: OutboxRow, user: UserId): boolean {
    return this.#options.store.optOuts.has(row.linkId, user);
  }

  /**
   * Why an event is not copied or quoted after all, now that it has been read again. What was true when it came need
   * not be any more, and what is read from the homeserver a second time is no more trusted than the first time.
   */
  #refusalOf(event: SourceEvent): SkipReason | null {
    if (event.redacted) return "redacted";
    if (event.roomEncrypted && !event.encrypted) return "not-encrypted";
    // The user's own are judged when they come, by the ledger.
    const isOthers = event.sender !== this.#options.account();
    return isOthers && event.undecryptable === undefined && isMarkedCopy(event) ? "copy-by-another-ferry" : null;
  }
}

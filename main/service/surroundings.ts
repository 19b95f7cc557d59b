import { describe } from "../bridge/describe.ts";
import { isMarkedCopy } from "../bridge/loop.ts";
import { mentionedUsers } from "../bridge/mentions.ts";
import { roomHash, writeOrigin } from "../bridge/origin.ts";
import { copyRelation, type Counterpart } from "../bridge/relation.ts";
import type { EventReference } from "../bridge/route.ts";
import { isMirrored, type CopyContext, type CopyRelation } from "../bridge/transform.ts";
import type { SkipReason } from "../matrix/codes.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { Contents } from "./contents.ts";

/** What was left out for these reasons is not shown by quoting it either. */
const LEFT_OUT: ReadonlySet<string> = new Set<SkipReason>(["link-starting", "no-consent", "opted-out", "command"]);

export interface SurroundingsOptions {
  store: Store;
  account: () => UserId;
  contents: Contents;
  engine: () => Client<typeof engineRequests>;
}

/** What a copy depends on besides its source: what it relates to in the destination, and who is there. */
export class Surroundings {
  readonly #options: SurroundingsOptions;

  constructor(options: SurroundingsOptions) {
    this.#options = options;
  }

  /** The context of a row's copy. @throws FerryError where what is quoted cannot be had now */
  async context(row: OutboxRow, event: SourceEvent): Promise<Omit<CopyContext, "mayAttach">> {
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
    if (origin === null) return this.counterpart({ roomId, eventId }, destination);
    const found = this.counterpart({ roomId: origin.sourceRoom, eventId: origin.sourceEvent }, destination);
    return found && { eventId: found.eventId, author: origin.author };
  }

  /** What stands in the destination for an event that was written first. */
  counterpart(original: EventReference, destination: RoomId): Counterpart | null {
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
      if (this.hasOptedOut(row, event.sender)) return unseen;
      const readable = event.undecryptable === undefined && this.refusalOf(event) === null && isMirrored(event);
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
    const isOwed = outbox.ofEvent(source).some(({ destination }) => destination === row.destination);
    return !isOwed && ledger.copy(source, row.destination, "copy") === null;
  }

  /** The relation of what an edit replaces. */
  async relationOfOriginal(row: OutboxRow, target: EventId): Promise<CopyRelation> {
    // Of a message that was written in the destination itself the edit is no copy: there is nothing to keep.
    if (!row.target || row.target.eventId === target) return { kind: "none" };
    const original = await this.#options.contents.get(row.target.roomId, row.target.eventId);
    const { relation } = await this.context({ ...row, sourceRoom: row.target.roomId }, original);
    return relation;
  }

  hasOptedOut(row: OutboxRow, user: UserId): boolean {
    return this.#options.store.optOuts.has(row.linkId, user);
  }

  /**
   * Why an event is not copied or quoted after all, now that it has been read again. What was true when it came need
   * not be any more, and what is read from the homeserver a second time is no more trusted than the first time.
   */
  refusalOf(event: SourceEvent): SkipReason | null {
    if (event.redacted) return "redacted";
    if (event.roomEncrypted && !event.encrypted) return "not-encrypted";
    // The user's own are judged when they come, by the ledger.
    const isOthers = event.sender !== this.#options.account();
    return isOthers && event.undecryptable === undefined && isMarkedCopy(event) ? "copy-by-another-ferry" : null;
  }
}

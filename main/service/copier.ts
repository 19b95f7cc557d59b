import type { CarriedFile } from "../bridge/kinds/kind.ts";
import { pollInWords } from "../bridge/kinds/poll.ts";
import { writeBareOrigin } from "../bridge/origin.ts";
import { replacedEvent, type EventReference } from "../bridge/route.ts";
import { readChange } from "../bridge/room-change.ts";
import { withoutFile } from "../bridge/stand-in.ts";
import {
  copyEdit,
  copyMessage,
  copyReaction,
  isMirrored,
  lateEdit,
  placeholder,
  placeholderForOther,
} from "../bridge/transform.ts";
import type { FileFailure, SkipReason } from "../matrix/codes.ts";
import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";
import type { LedgerEntry } from "../store/ledger.ts";
import type { OutboxRow } from "../store/outbox.ts";
import { reactionHashOf } from "./line.ts";
import { prepareNotice, type NoticeOptions } from "./notices.ts";
import { Polls } from "./polls.ts";
import { keyMissing, Surroundings, type SurroundingsOptions } from "./surroundings.ts";

/** What a row of the outbox comes to, now that it is its turn. */
export type Delivery =
  | {
      action: "send";
      type: string;
      content: JsonObject;
      /** What has to be uploaded before, and named in the content. */
      files?: CarriedFile[];
      /** Why a file that belongs to it is only told of. */
      lacks?: FileFailure;
      placeholder?: boolean;
      reactionHash?: string;
      state?: RoomState;
    }
  | { action: "state"; state: RoomState }
  | { action: "redact"; eventId: EventId; ledgerId: number | null }
  /** A reaction that the destination shows already, for somebody else's sake. */
  | { action: "share"; copyEvent: EventId; reactionHash: string }
  | { action: "release"; ledgerId: number }
  /** What is behind it in its line goes first. */
  | { action: "wait" }
  /** Nothing is left to do, for a reason that is counted. */
  | { action: "skip"; reason: SkipReason };

/** A state event that goes before the message. */
export interface RoomState {
  type: string;
  stateKey: string;
  content: JsonObject;
}

export type CopierOptions = NoticeOptions & SurroundingsOptions;

/** Works out what a row of the outbox comes to: finds counterparts in the ledger, and has the content transformed. */
export class Copier {
  readonly #options: CopierOptions;
  readonly #surroundings: Surroundings;
  readonly #polls: Polls;

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#surroundings = new Surroundings(options);
    this.#polls = new Polls(options, this.#surroundings);
  }

  /**
   * @param failure why the files of a message cannot be carried: it is told in words then
   * @throws FerryError where the source event cannot be had
   */
  async prepare(row: OutboxRow, failure: FileFailure | null = null): Promise<Delivery> {
    const isCopied = row.kind !== "redaction" && row.kind !== "notice";
    // What has been tried stays owed when its author opts out: where it has not arrived, it does not go any more.
    const isSaid = isCopied && row.kind !== "votes";
    if (isSaid && this.#surroundings.hasOptedOut(row, row.author)) return { action: "skip", reason: "opted-out" };
    if (isCopied && !this.#isAgreed(row)) return { action: "skip", reason: "no-consent" };
    switch (row.kind) {
      case "copy":
        return this.#copy(row, failure);
      case "edit":
        return this.#edit(row, failure);
      case "late":
        return this.#late(row, failure);
      case "reaction":
        return this.#reaction(row);
      case "poll-end":
        return this.#polls.end(row);
      case "votes":
        return this.#polls.tell(row);
      case "redaction":
        return this.#redaction(row);
      case "notice":
        return prepareNotice(row, this.#options);
    }
  }

  async #copy(row: OutboxRow, failure: FileFailure | null): Promise<Delivery> {
    const source = await this.#source(row);
    const refusal = this.#surroundings.refusalOf(source, row);
    if (refusal) return { action: "skip", reason: refusal };
    if (this.#isUnknownPin(row, source)) return { action: "skip", reason: "target-not-copied" };
    const event = this.#told(source, row, failure);
    const context = await this.#surroundings.context(row, event, failure === null);
    if (event.undecryptable !== undefined) return { action: "send", ...placeholder(event, context), placeholder: true };
    if (!isMirrored(event)) return { action: "skip", reason: "unsupported-message" };
    return { action: "send", ...copyMessage(event, context), ...lacking(failure) };
  }

  /** Whether a message has been pinned that does not stand in the destination. */
  #isUnknownPin({ sourceRoom, destination }: OutboxRow, event: SourceEvent): boolean {
    const change = readChange(event);
    if (change?.kind !== "pins") return false;
    return this.#surroundings.counterpartOf(sourceRoom, change.pinned, destination) === null;
  }

  async #edit(row: OutboxRow, failure: FileFailure | null): Promise<Delivery> {
    const target = row.target && this.#surroundings.counterpart(row.target, row.destination);
    if (!row.target || !target) return { action: "skip", reason: "target-not-copied" };
    const replaced = this.#replaced(row, row.target);
    if (replaced !== null) return replaced;
    const source = await this.#readable(row);
    const refusal = this.#surroundings.refusalOf(source, row);
    if (refusal) return { action: "skip", reason: refusal };
    const event = this.#told(source, row, failure);
    if (replacedEvent(event) === null || !isMirrored(event)) return { action: "skip", reason: "unsupported-message" };
    const context = await this.#surroundings.context(row, event, failure === null);
    // An edit takes the place of all of the message, a quotation that stands in the copy included.
    const relation = await this.#surroundings.relationOfOriginal(row, target.eventId);
    // Where there was a placeholder at first, it is a text for good.
    const isText =
      row.target !== null && this.#options.store.ledger.copy(row.target, row.destination, "copy")?.placeholder;
    const said = isText ? pollInWords(event) : event;
    return { action: "send", ...copyEdit(said, target.eventId, { ...context, relation }), ...lacking(failure) };
  }

  async #late(row: OutboxRow, failure: FileFailure | null): Promise<Delivery> {
    const target = this.#surroundings.counterpart(
      { roomId: row.sourceRoom, eventId: row.sourceEvent },
      row.destination,
    );
    if (!target) return { action: "skip", reason: "target-not-copied" };
    const source = await this.#readable(row);
    const refusal = this.#surroundings.refusalOf(source, row) ?? this.#superseding(row);
    if (refusal) return { action: "skip", reason: refusal };
    const event = this.#told(source, row, failure);
    const context = await this.#surroundings.context(row, event, failure === null);
    const fill = isMirrored(event) ? lateEdit : placeholderForOther;
    return { action: "send", ...fill(event, target.eventId, context), ...lacking(failure) };
  }

  async #reaction(row: OutboxRow): Promise<Delivery> {
    const target = row.target && this.#surroundings.counterpart(row.target, row.destination);
    if (!target) return { action: "skip", reason: "target-not-copied" };
    const event = await this.#source(row);
    if (event.redacted) return { action: "skip", reason: "redacted" };
    const filter = this.#surroundings.filterAgainst(row, event);
    if (filter) return { action: "skip", reason: filter };
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

  /** An event as it is, or in words where its files cannot be carried. */
  #told(event: SourceEvent, row: OutboxRow, failure: FileFailure | null): SourceEvent {
    if (failure === null) return event;
    const { links, settings } = this.#options.store;
    const room = links.find(row.linkId)?.rooms.find(({ roomId }) => roomId === row.sourceRoom)?.name ?? "";
    return withoutFile(event, { failure, room, language: settings.all.noticeLanguage });
  }

  /**
   * Whether a later edit of the same message has gone before this one, or is to go before it: behind by several, only
   * the last one is worth a message. Until that has been sent this one waits, for the last one may be taken back.
   */
  #replaced({ destination, firstAttemptTs, ...row }: OutboxRow, target: EventReference): Delivery | null {
    if (firstAttemptTs !== null) return null;
    const { inbound, ledger, outbox } = this.#options.store;
    const cameAs = (room: RoomId, event: EventId): number => inbound.get(room, event)?.id ?? 0;
    const own = cameAs(row.sourceRoom, row.sourceEvent);
    const isLater = (edit: OutboxRow | LedgerEntry): boolean =>
      edit.kind === "edit" && edit.destination === destination && cameAs(edit.sourceRoom, edit.sourceEvent) > own;
    if (ledger.sentFor(target).some(isLater)) return { action: "skip", reason: "superseded" };
    // Only behind what is as free to go as this is.
    const isAlike = (edit: OutboxRow): boolean =>
      edit.linkId === row.linkId && edit.sourceRoom === row.sourceRoom && edit.state !== "failed";
    const isOwed = outbox.owedFor(target).some((edit) => isLater(edit) && isAlike(edit));
    return isOwed ? { action: "wait" } : null;
  }

  /** An edit that has gone out since says what the message says now. */
  #superseding(row: OutboxRow): SkipReason | null {
    const sent = this.#options.store.ledger.sentFor({ roomId: row.sourceRoom, eventId: row.sourceEvent });
    return sent.some((entry) => entry.kind === "edit" && entry.destination === row.destination) ? "superseded" : null;
  }

  /** For what had been decrypted when it came: after a new login its key may be missing. */
  async #readable(row: OutboxRow): Promise<SourceEvent> {
    const event = await this.#source(row);
    if (event.undecryptable !== undefined) throw keyMissing();
    return event;
  }

  #source(row: OutboxRow): Promise<SourceEvent> {
    return this.#options.contents.get(row.sourceRoom, row.sourceEvent);
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
}

function lacking(failure: FileFailure | null): { lacks?: FileFailure } {
  return failure === null ? {} : { lacks: failure };
}

import { describe } from "../bridge/describe.ts";
import { filtered, isFilterReason } from "../bridge/filter.ts";
import type { Link } from "../bridge/link.ts";
import { isMarkedCopy } from "../bridge/loop.ts";
import { mentionedUsers } from "../bridge/mentions.ts";
import { roomHash, writeOrigin } from "../bridge/origin.ts";
import { copyRelation, type Counterpart } from "../bridge/relation.ts";
import type { EventReference } from "../bridge/route.ts";
import { carryingLinks, isToldState, peopleOf, readChange } from "../bridge/room-change.ts";
import { isOfPoll } from "../bridge/route-poll.ts";
import { isMirrored, type CopyContext, type CopyRelation } from "../bridge/transform.ts";
import { openWays } from "../bridge/ways.ts";
import type { FilterReason, SkipReason } from "../matrix/codes.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { JsonObject, SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import { filterOf, NO_LINK_SETTINGS } from "../matrix/link-settings.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { Avatars } from "./avatars.ts";
import type { Contents } from "./contents.ts";

/** What was left out for these reasons is not shown by quoting it either. */
const LEFT_OUT: ReadonlySet<string> = new Set<SkipReason>(["link-starting", "no-consent", "opted-out", "command"]);

function isLeftOutBy(reason: string): boolean {
  return LEFT_OUT.has(reason) || isFilterReason(reason);
}

export interface SurroundingsOptions {
  store: Store;
  account: () => UserId;
  contents: Contents;
  engine: () => EngineClient;
  now: () => number;
  /** Whether somebody may say “@room” in a room so that it rings; false where the room is not known. */
  mayNotifyRoom: (roomId: RoomId, user: UserId) => boolean;
}

/** What a copy depends on besides its source: what it relates to in the destination, and who is there. */
export class Surroundings {
  readonly #options: SurroundingsOptions;
  readonly #avatars: Avatars;

  constructor(options: SurroundingsOptions) {
    this.#options = options;
    this.#avatars = new Avatars(options);
  }

  /**
   * The context of a row's copy.
   *
   * @param mayAttach whether a text that is too long may come with a file
   * @throws FerryError where what is quoted cannot be had now
   */
  async context(row: OutboxRow, event: SourceEvent, mayAttach: boolean): Promise<CopyContext> {
    const relation = await this.#relationOf(row, event);
    const original = "originalSender" in relation && relation.originalSender ? [relation.originalSender] : [];
    const account = this.#options.account();
    const link = this.#options.store.links.find(row.linkId);
    const there = link?.rooms.find(({ roomId }) => roomId === row.destination);
    const { attribution, allowRoomMention } = link?.settings ?? NO_LINK_SETTINGS;
    return {
      account,
      relation,
      mentionable: await this.#mentionable(mentionedUsers(event), original, row),
      marker: this.marker(row, event.sender),
      // Ferry may be somebody in the destination whom everybody has to hear; that is not the sender's to use.
      allowRoomMention: allowRoomMention && this.#options.mayNotifyRoom(row.sourceRoom, event.sender),
      naming: { template: attribution, room: link?.rooms.find(({ roomId }) => roomId === row.sourceRoom)?.name ?? "" },
      avatar: await this.#avatars.of(event, { roomId: row.destination, encrypted: there?.encrypted ?? true }),
      language: this.#options.store.settings.all.noticeLanguage,
      mayAttach,
    };
  }

  /** What says of a row's copy where it comes from. */
  marker({ transactionId, linkId, sourceEvent, destination }: OutboxRow, sender: UserId): JsonObject {
    const carrier = this.#options.account();
    return writeOrigin({
      ...{ transaction: transactionId, link: linkId, sourceEvent, sender, carrier },
      room: roomHash(destination),
    });
  }

  /** What stands in the destination for any event of a room: its copy there, or what it is itself a copy of. */
  counterpartOf(roomId: RoomId, eventId: EventId, destination: RoomId): Counterpart | null {
    const origin = this.#options.store.ledger.origin(roomId, eventId);
    if (origin === null) return this.counterpart({ roomId, eventId }, destination);
    // Whoever answers what Ferry tells of a poll answers the poll, and nobody who has voted.
    if (origin.target !== null && isOfPoll(origin.kind)) return this.counterpart(origin.target, destination);
    const found = this.counterpart({ roomId: origin.sourceRoom, eventId: origin.sourceEvent }, destination);
    return found && { eventId: found.eventId, author: origin.author };
  }

  /** What stands in the destination for an event that was written first. */
  counterpart(original: EventReference, destination: RoomId): Counterpart | null {
    if (original.roomId === destination) return { eventId: original.eventId, author: null };
    const copy = this.#options.store.ledger.copy(original, destination, "copy");
    return copy && !copy.redacted ? { eventId: copy.copyEvent, author: null } : null;
  }

  /** Whoever is not in the room where it was written was not called there, and is not called by its copy. */
  async #mentionable(
    mentioned: readonly UserId[],
    answered: readonly UserId[],
    { sourceRoom, destination }: OutboxRow,
  ): Promise<ReadonlySet<UserId>> {
    const called = await this.#membersAmong(mentioned, sourceRoom);
    return this.#membersAmong([...called, ...answered], destination);
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
      if (this.hasOptedOut(row, event.sender) || this.#isFilteredIn(row, event)) return unseen;
      const isReadable = event.undecryptable === undefined && this.refusalOf(event) === null && isMirrored(event);
      // What a room's members do to it is told where that was agreed to, and nowhere by quoting it.
      const readable = isReadable && readChange(event) === null;
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
    const { inbound, ledger, leftOut, links, outbox } = this.#options.store;
    const seen = inbound.get(source.roomId, source.eventId);
    if (seen === null || isLeftOutBy(seen.outcome)) return seen !== null;
    // A placeholder has been taken back.
    if (isFilterReason(leftOut.of(source).get(row.destination) ?? "")) return true;
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
    return this.#relationOf({ ...row, sourceRoom: row.target.roomId }, original);
  }

  #relationOf(row: OutboxRow, event: SourceEvent): Promise<CopyRelation> {
    return copyRelation(event, {
      counterpart: (eventId) => this.counterpartOf(row.sourceRoom, eventId, row.destination),
      quote: (eventId) => this.#quote(row, eventId),
    });
  }

  hasOptedOut(row: OutboxRow, user: UserId): boolean {
    return this.#options.store.optOuts.has(row.linkId, user);
  }

  /**
   * Why an event is not copied or quoted after all, now that it has been read again. What was true when it came need
   * not be any more, and what is read from the homeserver a second time is no more trusted than the first time.
   *
   * @param row that is to be sent for it; none where it is quoted
   */
  refusalOf(event: SourceEvent, row?: OutboxRow): SkipReason | null {
    if (event.redacted) return "redacted";
    const isTold = isToldState(event);
    if (event.stateKey !== undefined && !isTold) return "state-event";
    if (event.roomEncrypted && !event.encrypted && !isTold) return "not-encrypted";
    // The user's own are judged when they come, by the ledger.
    const isOthers = event.sender !== this.#options.account();
    if (isOthers && event.undecryptable === undefined && isMarkedCopy(event)) return "copy-by-another-ferry";
    if (row === undefined) return null;
    if (peopleOf(event).some((user) => this.hasOptedOut(row, user))) return "opted-out";
    return this.filterAgainst(row, event);
  }

  /**
   * What keeps a row's event back now: a filter may have been set since the row was owed, the event could not be read then,
   * or the link has come to tell less. Where another link leads the same way and lets it pass, that one sends it. Dies the
   * process right after that is on disk, it is that link's row already.
   */
  filterAgainst(row: OutboxRow, event: SourceEvent): FilterReason | "state-event" | null {
    const { links, optOuts, outbox } = this.#options.store;
    const link = links.find(row.linkId);
    const isCarried = link !== null && carryingLinks(event, [link]).length > 0;
    const reason = link && (isCarried ? filtered(event, filterOf(link.settings, row.sourceRoom)) : "state-event");
    if (reason === null) return null;
    const others = carryingLinks(event, links.all()).filter(
      (other) => other.id !== row.linkId && this.#isOfItsTime(other, row),
    );
    const { open } = openWays(event, { links: others, hasOptedOut: (id, user) => optOuts.has(id, user) });
    const other = open.get(row.destination);
    if (other === undefined) return reason;
    outbox.handTo(row.id, other);
    row.linkId = other;
    return null;
  }

  /** Whether a link could have carried a row ever since it came. */
  #isOfItsTime({ id, createdTs }: Link, { sourceRoom, destination, createdTs: owedTs }: OutboxRow): boolean {
    const { consents } = this.#options.store;
    return createdTs <= owedTs && [sourceRoom, destination].every((room) => consents.heldSince(id, room, owedTs));
  }

  #isFilteredIn({ linkId, sourceRoom }: OutboxRow, event: SourceEvent): boolean {
    const link = this.#options.store.links.find(linkId);
    return link !== null && filtered(event, filterOf(link.settings, sourceRoom)) !== null;
  }
}

/** What had been decrypted when it came cannot be any more. */
export function keyMissing(): FerryError {
  return new FerryError("key-missing", "Ferry cannot decrypt this any more: its key belonged to an earlier login.");
}

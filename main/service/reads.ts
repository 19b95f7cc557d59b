import type { EventReference } from "../bridge/route.ts";
import type { Link } from "../bridge/link.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";
import type { SeenEvent } from "../store/inbound.ts";
import type { PartOptions } from "./part.ts";

/** What happens within this time is looked at together, in milliseconds. */
const LOOK_MS = 1_000;
/** What could not be said is said again after this time, in milliseconds. */
const RETRY_MS = 60_000;
const MOST_AT_ONCE = 500;
/** A marker and two kinds of receipts, each with the one before it. */
const MOST_UNKNOWN = 6;

/** Events that no client counts as unread. */
const SILENT_KINDS: readonly string[] = ["edit", "late", "reaction", "redaction", "votes", "poll-end"].concat([
  "m.reaction",
  "m.room.redaction",
]);

export type ReadsOptions = Omit<PartOptions, "onChange">;

/** An event of a room, as far as its reader is concerned: `silent` is what never was unread. */
type Standing = "read" | "unread" | "silent";

/**
 * What the user has read in one room is read in the rooms that it is linked to: the copy's reader has read the original,
 * and the reverse. In each room the read marker moves over what has been read elsewhere and stops before the first
 * message that has not, so that nothing is ever taken for read that nobody has shown to the user.
 *
 * Nothing of it is stored. The homeserver keeps the markers, gives all of them at every start, and moves none backwards:
 * dies the process anywhere here, the next start comes to the same markers, and saying one twice changes nothing.
 */
export class Reads {
  readonly #options: ReadsOptions;
  /** How far the user has read in each room, by the event's `id`. */
  readonly #positions = new Map<RoomId, number>();
  /** What has been read and not been taken in (yet, or ever): the newest few of each room. */
  readonly #unknown = new Map<RoomId, EventId[]>();
  /** The `id` of the last event of a room that was found to hold nobody up. */
  readonly #passed = new Map<RoomId, number>();
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  /** Counts the engines that there have been: what one was asked for is not gone on with by the next. */
  #run = 0;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  /** The user has read so far, in rooms that are linked or may be some day. */
  note(reads: readonly EventReference[]): void {
    for (const { roomId, eventId } of reads) {
      const others = (this.#unknown.get(roomId) ?? []).filter((other) => other !== eventId);
      this.#unknown.set(roomId, [...others, eventId].slice(-MOST_UNKNOWN));
    }
    this.look();
  }

  /** Soon looks at all that may have been read: something has been read, copied or taken in. */
  look(): void {
    this.#timer ??= setTimeout(() => void this.#begin(), LOOK_MS).unref();
  }

  /** Resolves once all has been looked at, and does not wait before. */
  async idle(): Promise<void> {
    while (this.#looking !== null || this.#timer !== undefined) await (this.#looking ?? this.#begin());
  }

  /** Looks now; what comes meanwhile is looked at afterwards. */
  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#looking !== null) {
      this.look();
      return this.#looking;
    }
    this.#looking = this.#lookNow()
      .catch((error: unknown) => {
        this.#options.logger.warn("reads-not-followed", { code: asFerryError(error).code });
      })
      .finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** The engine is gone; the next one brings all markers along. */
  forget(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#timer = undefined;
    this.#run += 1;
    this.#positions.clear();
    this.#unknown.clear();
    this.#passed.clear();
  }

  async #lookNow(): Promise<void> {
    const run = this.#run;
    const { links, settings } = this.#options.store;
    if (settings.all.everythingPaused) return;
    const rooms = partners(links.all());
    for (const roomId of rooms.keys()) this.#settle(roomId);
    if (this.#positions.size === 0) return;
    for (const [roomId, others] of rooms) {
      if (run === this.#run) await this.#follow(roomId, others);
    }
  }

  /** Finds the place of what has been read in a room, where it has been taken in by now. */
  #settle(roomId: RoomId): void {
    const rest = this.#unknown.get(roomId)?.filter((eventId) => {
      const id = this.#options.store.inbound.get(roomId, eventId)?.id;
      if (id !== undefined && id > this.#position(roomId)) this.#positions.set(roomId, id);
      return id === undefined;
    });
    if (rest?.length) this.#unknown.set(roomId, rest);
    else this.#unknown.delete(roomId);
  }

  /** Moves a room's marker as far as the user has read in the others. */
  async #follow(roomId: RoomId, others: ReadonlySet<RoomId>): Promise<void> {
    const { engine, logger } = this.#options;
    const before = this.#passed.get(roomId) ?? 0;
    const read = this.#lastRead(roomId, others);
    if (read === null) return;
    const run = this.#run;
    try {
      await engine().markRead({ roomId, eventId: read });
      logger.debug("marked-read", { room: roomId });
    } catch (error) {
      if (run !== this.#run) return;
      const { code } = asFerryError(error);
      logger.info("not-marked-read", { room: roomId, code });
      // What the homeserver refuses it would refuse again: the next thing that is read is another question.
      if (code === "forbidden") return;
      this.#passed.set(roomId, before);
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.look(), RETRY_MS).unref();
    }
  }

  /** The last event that has been read elsewhere before the first one that has not; null where there is none. */
  #lastRead(roomId: RoomId, others: ReadonlySet<RoomId>): EventId | null {
    const { inbound } = this.#options.store;
    let read: EventId | null = null;
    const position = Math.max(this.#position(roomId), this.#passed.get(roomId) ?? 0);
    const events = inbound.after(roomId, position, MOST_AT_ONCE);
    for (const event of events) {
      const standing = this.#standingOf(event, others);
      if (standing === "unread") return read;
      if (standing === "read") read = event.eventId;
      this.#passed.set(roomId, event.id);
    }
    // There may be more, and nothing else is to wait for it.
    if (events.length === MOST_AT_ONCE) this.look();
    return read;
  }

  #standingOf(event: SeenEvent, others: ReadonlySet<RoomId>): Standing {
    const { roomId, eventId, outcome, kind, sender } = event;
    const account = this.#options.account();
    if (outcome === "state-event" || outcome === "redacted" || SILENT_KINDS.includes(kind)) return "silent";
    if (outcome === "own-copy") {
      const { ledger, outbox } = this.#options.store;
      const entry = ledger.origin(roomId, eventId);
      // It has come back before its request was answered: what it is a copy of is known in a moment.
      if (entry === null && outbox.byTransaction(event.transactionId ?? "") !== null) return "unread";
      if (entry?.kind !== "copy" || entry.author === account) return "silent";
      return this.#isRead({ roomId: entry.sourceRoom, eventId: entry.sourceEvent }, others) ? "read" : "unread";
    }
    // What the user has written they have read.
    if (sender === account) return "silent";
    return outcome === "routed" && this.#isRead(event, others) ? "read" : "unread";
  }

  /** Whether the user has read an event where it was written, or any copy of it. */
  #isRead({ roomId, eventId }: EventReference, rooms: ReadonlySet<RoomId>): boolean {
    const { inbound, ledger } = this.#options.store;
    const copies = ledger.ofEvent({ roomId, eventId }).filter(({ kind }) => kind === "copy");
    const places = [
      { roomId, eventId },
      ...copies.map((copy) => ({ roomId: copy.destination, eventId: copy.copyEvent })),
    ];
    return places.some((place) => {
      const id = rooms.has(place.roomId) ? inbound.get(place.roomId, place.eventId)?.id : undefined;
      return id !== undefined && id <= this.#position(place.roomId);
    });
  }

  /** The `id` of the last event that the user has read in a room; 0 where none is known. */
  #position(roomId: RoomId): number {
    return this.#positions.get(roomId) ?? 0;
  }
}

/** For each room the rooms that it shares its reads with: those of links that run, and that the user has not set apart. */
function partners(links: readonly Link[]): Map<RoomId, Set<RoomId>> {
  const found = new Map<RoomId, Set<RoomId>>();
  for (const { state, settings, rooms } of links) {
    if (state !== "active" || !settings.reads) continue;
    for (const { roomId } of rooms) {
      const others = found.get(roomId) ?? new Set();
      for (const other of rooms) if (other.roomId !== roomId) others.add(other.roomId);
      found.set(roomId, others);
    }
  }
  return found;
}

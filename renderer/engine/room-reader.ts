import type { SourceEvent } from "../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../main/matrix/ids.ts";

/** So many events in a row that main knows mean that nothing older is missing. */
export const KNOWN_RUN = 10;
const PAGE = 100;
const BATCH = 50;

/** One room's event on its way to main. */
export interface PendingEvent {
  eventId: EventId;
  /** Resolves when it can be handed over: decrypted, or held for as long as it may be. */
  ready: Promise<SourceEvent>;
}

/** A stretch of a room's timeline, oldest first, with a token for what lies before it; null at the room's start. */
export interface Page {
  events: RawPending[];
  before: string | null;
}

/** An event that has been received but not started on. */
export interface RawPending {
  eventId: EventId;
  prepare(): PendingEvent;
}

export interface ReaderWork {
  /** Reads a page backwards; `from` undefined starts at the room's newest event. */
  readBack(from: string | undefined, limit: number): Promise<Page>;
  known(eventIds: EventId[]): Promise<EventId[]>;
  /** Resolves when main has stored the events. */
  deliver(events: SourceEvent[]): Promise<void>;
  /** Waits before another try, and ends early when the network comes back. Rejects when the reader is stopped. */
  pause(attempt: number): Promise<void>;
}

type Item =
  | { kind: "events"; events: RawPending[] }
  | { kind: "gap"; newer: RawPending[]; from: string | undefined }
  | { kind: "settle"; done: () => void };

/**
 * Hands one room's events to main, in order, without gaps: whatever comes waits in line behind what came before it,
 * and what main could not store is handed over again.
 *
 * Holds nothing that matters: after a crash the gap is read again, and main knows which events it has.
 */
export class RoomReader {
  readonly roomId: RoomId;
  readonly #work: ReaderWork;
  readonly #queue: Item[] = [];
  #running = false;
  #stopped = false;

  constructor(roomId: RoomId, work: ReaderWork) {
    this.roomId = roomId;
    this.#work = work;
  }

  /** The room's next events, right after those before. */
  push(events: RawPending[]): void {
    this.#add({ kind: "events", events });
  }

  /** The room's newest events, with a gap before them that starts at the token `from`. */
  pushGap(newer: RawPending[], from: string | undefined): void {
    this.#add({ kind: "gap", newer, from });
  }

  /** Resolves once everything before this call has been handed over. */
  settle(): Promise<void> {
    return new Promise((done) => this.#add({ kind: "settle", done }));
  }

  stop(): void {
    this.#stopped = true;
    for (const item of this.#queue.splice(0)) if (item.kind === "settle") item.done();
  }

  #add(item: Item): void {
    if (this.#stopped) {
      if (item.kind === "settle") item.done();
      return;
    }
    this.#queue.push(item);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let item = this.#queue[0]; item && !this.#stopped; item = this.#queue[0]) {
        await this.#process(item);
        // Only now: had the page died before, the gap before the next event would show that this one is missing.
        this.#queue.shift();
      }
    } catch {
      // Only a reader that has been stopped ends so.
    } finally {
      this.#running = false;
    }
  }

  async #process(item: Item): Promise<void> {
    switch (item.kind) {
      case "events":
        return this.#handOver(item.events);
      case "gap":
        return this.#handOver([...(await this.#missed(item)), ...item.newer]);
      case "settle":
        return item.done();
    }
  }

  /** What main does not know of the events before `newer`, oldest first. */
  async #missed(gap: { newer: RawPending[]; from: string | undefined }): Promise<RawPending[]> {
    const missed: RawPending[] = [];
    let from = gap.from;
    let run = 0;
    for (let limit = 2 * KNOWN_RUN; ; limit = PAGE) {
      const page = await this.#persist(() => this.#work.readBack(from, limit));
      const ids = page.events.map((event) => event.eventId);
      const known = new Set(ids.length === 0 ? [] : await this.#persist(() => this.#work.known(ids)));
      for (const event of page.events.toReversed()) {
        if (known.has(event.eventId)) run += 1;
        else {
          run = 0;
          missed.push(event);
        }
        if (run >= KNOWN_RUN) return missed.reverse();
      }
      if (page.before === null) return missed.reverse();
      from = page.before;
    }
  }

  async #handOver(events: RawPending[]): Promise<void> {
    for (let start = 0; start < events.length; start += BATCH) {
      // Decryption of the whole batch starts at once; the line is held only by its first event that is not ready.
      const pending = events.slice(start, start + BATCH).map((event) => event.prepare());
      let batch: SourceEvent[] = [];
      for (const event of pending) {
        const ready = await Promise.race([event.ready, soon()]);
        if (ready === null) {
          await this.#deliver(batch);
          batch = [];
        }
        batch.push(ready ?? (await event.ready));
      }
      await this.#deliver(batch);
    }
  }

  async #deliver(batch: SourceEvent[]): Promise<void> {
    if (batch.length > 0) await this.#persist(() => this.#work.deliver(batch));
  }

  async #persist<Result>(action: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      // What was held for its key while the crypto store went away must not pass for undecryptable.
      if (this.#stopped) throw new Error("stopped");
      try {
        return await action();
      } catch {
        await this.#work.pause(attempt);
      }
    }
  }
}

/** Long enough for an event to decrypt whose key is there. */
function soon(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), 100));
}

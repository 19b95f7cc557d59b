import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../../main/matrix/ids.ts";
import {
  KNOWN_RUN,
  RoomReader,
  type Page,
  type RawPending,
  type ReaderWork,
} from "../../../renderer/engine/room-reader.ts";

const ROOM = "!room:one.test" as RoomId;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What goes wrong, one number a call: used up from the front, then nothing goes wrong any more. */
type Luck = number[];

/** A room that grows, a main that stores, and a reader between them that can be replaced like the page it lives in. */
class Scene {
  readonly stored: EventId[] = [];
  readonly delays = new Map<EventId, number>();
  readonly #luck: Luck;
  #length: number;
  #synced: number;
  #reader: RoomReader;

  constructor(before: number, luck: Luck) {
    this.#luck = luck;
    this.#length = before;
    this.#synced = before;
    this.stored.push(...Array.from({ length: before }, (_, index) => idOf(index)));
    this.#reader = this.#open();
  }

  get length(): number {
    return this.#length;
  }

  get reader(): RoomReader {
    return this.#reader;
  }

  /** Events are sent; some take long to decrypt. */
  grow(count: number, delayMs: number): void {
    for (let index = 0; index < count; index++)
      this.delays.set(idOf(this.#length + index), index % 3 === 0 ? delayMs : 0);
    this.#length += count;
  }

  /** A response of `/sync`: everything new, or only the newest of it with a gap before. */
  sync(shown: number): void {
    if (this.#synced === this.#length) return;
    const start = Math.max(this.#synced, this.#length - shown);
    const events = this.#pending(start, this.#length);
    if (start > this.#synced) this.#reader.pushGap(events, String(start));
    else this.#reader.push(events);
    this.#synced = this.#length;
  }

  /** The page has died, and another one catches up. */
  restart(): void {
    this.#reader.stop();
    this.#reader = this.#open();
    this.#synced = this.#length;
    this.#reader.pushGap([], undefined);
  }

  #open(): RoomReader {
    const life = { over: false };
    const work: ReaderWork = {
      readBack: async (from, limit) => this.#attempt(() => this.#readBack(from, limit)),
      known: async (ids) => this.#attempt(() => ids.filter((id) => this.stored.includes(id))),
      deliver: async (events) =>
        this.#attempt(() => {
          if (life.over) throw new Error("main hears nothing of a dead page");
          for (const { eventId } of events) if (!this.stored.includes(eventId)) this.stored.push(eventId);
        }),
      pause: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (life.over) throw new Error("stopped");
      },
    };
    const reader = new RoomReader(ROOM, work);
    const stop = reader.stop.bind(reader);
    reader.stop = () => {
      life.over = true;
      stop();
    };
    return reader;
  }

  /** Fails before it is done, fails after it is done (the answer is lost), or works. */
  async #attempt<Result>(action: () => Result): Promise<Result> {
    const luck = this.#luck.shift() ?? 9;
    await new Promise((resolve) => setTimeout(resolve, luck * 3));
    if (luck === 0) throw new Error("did not get there");
    const result = action();
    if (luck === 1) throw new Error("no answer");
    return result;
  }

  /** Pages are as short as a homeserver makes them, empty ones with more before them included. */
  #readBack(from: string | undefined, limit: number): Page {
    const end = from === undefined ? this.#length : Number(from);
    const given = Math.min(limit, ((this.#luck[0] ?? 9) * 4) % 30);
    const start = Math.max(0, end - given);
    if (given === 0 && end > 0) this.#luck.shift();
    return { events: this.#pending(start, end), before: start === 0 ? null : String(start) };
  }

  #pending(start: number, end: number): RawPending[] {
    return Array.from({ length: end - start }, (_, index) => {
      const eventId = idOf(start + index);
      const ready = async (): Promise<SourceEvent> => {
        const delay = this.delays.get(eventId) ?? 0;
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        return { eventId, roomId: ROOM } as SourceEvent;
      };
      return { eventId, prepare: () => ({ eventId, ready: ready() }) };
    });
  }
}

const idOf = (index: number): EventId => `$${index.toString().padStart(4, "0")}` as EventId;

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("grow" as const),
      count: fc.integer({ min: 1, max: 40 }),
      delay: fc.constantFrom(0, 0, 20, 150),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("sync" as const), shown: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

describe("RoomReader", () => {
  test("hands over everything, once, in order, whatever is missed, fails or dies on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: KNOWN_RUN, max: 60 }),
        fc.array(anyStep, { maxLength: 25 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
        async (before, steps, luck) => {
          const scene = new Scene(before, luck);
          for (const step of steps) {
            if (step.kind === "grow") scene.grow(step.count, step.delay);
            else if (step.kind === "sync") scene.sync(step.shown);
            else if (step.kind === "restart") scene.restart();
            else await vi.advanceTimersByTimeAsync(step.ms);
          }
          scene.sync(5);
          const settled = scene.reader.settle();
          await vi.advanceTimersByTimeAsync(120_000);
          await settled;
          expect(scene.stored).toEqual(Array.from({ length: scene.length }, (_, index) => idOf(index)));
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 6_000 },
    );
  }, 20_000);

  test("reads a gap back until it meets a run of known events, and no further", async () => {
    const pages: (string | undefined)[] = [];
    const known = (id: string): boolean => Number(id.slice(1)) < 300;
    const delivered: EventId[] = [];
    const reader = new RoomReader(ROOM, {
      readBack: async (from, limit) => {
        pages.push(from);
        const end = from === undefined ? 420 : Number(from);
        return { events: range(end - limit, end), before: String(end - limit) };
      },
      known: async (ids) => ids.filter(known),
      deliver: async (events) => void delivered.push(...events.map((event) => event.eventId)),
      pause: () => Promise.reject(new Error("unexpected")),
    });
    reader.pushGap([], undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    await reader.settle();
    expect(pages).toEqual([undefined, "400", "300"]);
    expect(delivered).toEqual(range(300, 420).map((event) => event.eventId));
  });

  test("finds events that came late over federation, and stand between such that are known", async () => {
    const late = [85, 91].map(idOf);
    const delivered: EventId[] = [];
    const reader = new RoomReader(ROOM, {
      readBack: async (from, limit) => {
        const end = from === undefined ? 100 : Number(from);
        return { events: range(Math.max(0, end - limit), end), before: end > limit ? String(end - limit) : null };
      },
      known: async (ids) => ids.filter((id) => !late.includes(id)),
      deliver: async (events) => void delivered.push(...events.map((event) => event.eventId)),
      pause: () => Promise.reject(new Error("unexpected")),
    });
    reader.pushGap([], undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(delivered).toEqual(late);
  });

  test("settle waits for what came before it, and for nothing once the reader has been stopped", async () => {
    const reader = new RoomReader(ROOM, {
      readBack: () => new Promise(() => undefined),
      known: async () => [],
      deliver: async () => undefined,
      pause: async () => undefined,
    });
    reader.pushGap([], undefined);
    let isSettled = false;
    const settled = reader.settle().then(() => (isSettled = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isSettled).toBe(false);
    reader.stop();
    await settled;
    await reader.settle();
  });

  test("an event that takes long to decrypt holds those after it, not those before", async () => {
    const delivered: string[] = [];
    const reader = new RoomReader(ROOM, {
      readBack: () => Promise.reject(new Error("unexpected")),
      known: async () => [],
      deliver: async (events) => void delivered.push(events.map((event) => event.eventId).join(" ")),
      pause: async () => undefined,
    });
    const [first, second, third] = range(0, 3) as [RawPending, RawPending, RawPending];
    let decrypt: () => void = () => undefined;
    const held = new Promise<SourceEvent>(
      (resolve) => (decrypt = () => resolve({ eventId: second.eventId } as SourceEvent)),
    );
    reader.push([first, { ...second, prepare: () => ({ eventId: second.eventId, ready: held }) }, third]);
    await vi.advanceTimersByTimeAsync(500);
    expect(delivered).toEqual(["$0000"]);
    decrypt();
    await vi.advanceTimersByTimeAsync(500);
    expect(delivered).toEqual(["$0000", "$0001 $0002"]);
  });
});

function range(start: number, end: number): RawPending[] {
  return Array.from({ length: end - start }, (_, index) => {
    const eventId = idOf(start + index);
    return { eventId, prepare: () => ({ eventId, ready: Promise.resolve({ eventId, roomId: ROOM } as SourceEvent) }) };
  });
}

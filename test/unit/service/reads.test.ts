import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { Reads } from "../../../main/service/reads.ts";
import { linkBetween } from "../link-support.ts";
import { SILENT } from "../../support/silent-logger.ts";
import {
  A,
  ANA,
  B,
  BEA,
  C,
  cleanUp,
  edit,
  ME,
  message,
  openBench,
  pass,
  reaction,
  stopTheClock,
} from "./races-support.ts";

/** What the user has read in one room is read in the others, and nothing else is. */

beforeEach(stopTheClock);
afterEach(cleanUp);

/** A Ferry between rooms, whose homeserver keeps the user's read markers. */
class Reader {
  readonly bench;
  readonly reads: Reads;
  /** Where Ferry has moved markers to, in order. */
  readonly marked: { roomId: RoomId; eventId: EventId }[] = [];
  failure: FerryError | null = null;
  readonly #rooms: readonly RoomId[];
  #sent = 0;
  #said = 0;

  constructor(rooms: readonly RoomId[] = [A, B], settings = NO_LINK_SETTINGS) {
    this.#rooms = rooms;
    this.bench = openBench([linkBetween([...rooms], { settings })]);
    this.bench.engine.markRead = async ({ roomId, eventId }) => {
      if (this.failure) throw this.failure;
      this.marked.push({ roomId, eventId });
      // As `/sync` tells it to this device as well.
      this.reads.note([{ roomId, eventId }]);
      return {};
    };
    const { store, engine } = this.bench;
    this.reads = new Reads({ store, logger: SILENT, now: Date.now, account: () => ME, engine: () => engine });
    this.bench.sender.start();
  }

  /** Somebody writes, and the copies stand in the other rooms. @returns the event */
  async say(roomId: RoomId, sender = ANA, body = "words"): Promise<SourceEvent> {
    const event = message(roomId, `$said${(this.#said += 1)}`, body, { sender });
    await this.receive(event);
    return event;
  }

  async receive(event: SourceEvent): Promise<void> {
    this.bench.receive(event);
    await pass();
    for (const sent of this.bench.sent.slice(this.#sent)) this.bench.receiveBack(sent);
    this.#sent = this.bench.sent.length;
    await pass();
  }

  /** The newest event of a room: what another app of the user's shows last. */
  newest(roomId: RoomId): EventId {
    const newest = this.bench.store.inbound.after(roomId, 0, 1_000).at(-1);
    if (!newest) throw new Error("nothing has been said there");
    return newest.eventId;
  }

  /** The user reads a room, down to an event or to its end. */
  async read(roomId: RoomId, eventId = this.newest(roomId)): Promise<void> {
    this.reads.note([{ roomId, eventId }]);
    await pass();
  }

  get rooms(): readonly RoomId[] {
    return this.#rooms;
  }
}

describe("read in one room", () => {
  test("a copy: its original is read", async () => {
    const reader = new Reader();
    const said = await reader.say(A);
    await reader.read(B);
    expect(reader.marked).toEqual([{ roomId: A, eventId: said.eventId }]);
  });

  test("an original: its copies are read", async () => {
    const reader = new Reader([A, B, C]);
    await reader.say(A);
    await reader.read(A);
    expect(reader.marked).toEqual([B, C].map((roomId) => ({ roomId, eventId: reader.newest(roomId) })));
  });

  test("a copy: the copy in a third room is read as well", async () => {
    const reader = new Reader([A, B, C]);
    const said = await reader.say(A);
    await reader.read(B);
    expect(reader.marked).toContainEqual({ roomId: A, eventId: said.eventId });
    expect(reader.marked).toContainEqual({ roomId: C, eventId: reader.newest(C) });
  });

  test("some of what was said: so much is read, and the rest with the rest", async () => {
    const reader = new Reader();
    const first = await reader.say(A);
    const copy = reader.newest(B);
    const second = await reader.say(A, BEA);
    await reader.read(B, copy);
    expect(reader.marked).toEqual([{ roomId: A, eventId: first.eventId }]);
    await reader.read(B);
    expect(reader.marked.at(-1)).toEqual({ roomId: A, eventId: second.eventId });
  });

  test("the user's own words, reactions and edits hold nothing up, and are no reason by themselves", async () => {
    const reader = new Reader();
    const own = await reader.say(A, ME);
    await reader.read(B);
    expect(reader.marked).toEqual([]);
    const said = await reader.say(A);
    await reader.receive(reaction(A, "$like", said.eventId));
    await reader.receive(edit(said, "$edit", "other words"));
    const last = await reader.say(A, BEA);
    await reader.receive(edit(own, "$own-edit", "my other words"));
    await reader.read(B);
    expect(reader.marked).toEqual([{ roomId: A, eventId: last.eventId }]);
  });
});

describe("not read", () => {
  test("is what stands in the other room only, and everything behind it", async () => {
    const reader = new Reader([A, B], { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, withoutWords: ["secret"] } });
    const first = await reader.say(A);
    await reader.say(A, ANA, "a secret");
    await reader.say(A);
    await reader.read(B);
    expect(reader.marked).toEqual([{ roomId: A, eventId: first.eventId }]);
    // When the user has read that one where it stands, the rest is.
    await reader.read(A, reader.bench.store.inbound.after(A, 0, 2)[1]?.eventId);
    expect(reader.marked.at(-1)).toEqual({ roomId: A, eventId: reader.newest(A) });
  });

  test("is what was said in the other room while Ferry was behind", async () => {
    const reader = new Reader();
    await reader.bench.sender.stop();
    await reader.say(B, BEA);
    const said = await reader.say(A);
    await reader.read(A, said.eventId);
    reader.bench.sender.start();
    // Now both copies are there: Bea's stands behind what the user has read.
    await reader.receive(reaction(A, "$later", said.eventId));
    expect(reader.marked).toEqual([]);
    await reader.read(A);
    const copy = reader.bench.sent.find(({ roomId, content }) => roomId === B && content["msgtype"] === "m.text");
    expect(reader.marked).toEqual([{ roomId: B, eventId: copy?.eventId }]);
  });

  test("is what was there before the link", async () => {
    const reader = new Reader();
    reader.bench.mirror.markBefore(A, ["$before" as EventId]);
    await reader.say(A);
    await reader.read(B);
    expect(reader.marked).toEqual([]);
    await reader.read(A, "$before" as EventId);
    expect(reader.marked).toEqual([{ roomId: A, eventId: reader.newest(A) }]);
  });

  test("is anything by a marker on an event that has not come yet, until it comes", async () => {
    const reader = new Reader();
    await reader.say(A);
    await reader.read(B, "$not-here-yet" as EventId);
    expect(reader.marked).toEqual([]);
    await reader.receive(message(B, "$not-here-yet", "words", { sender: BEA }));
    reader.reads.look();
    await pass();
    expect(reader.marked).toEqual([{ roomId: A, eventId: reader.newest(A) }]);
  });

  test.each([
    ["that is paused", (reader: Reader) => void reader.bench.links.pause("Link")],
    ["while everything is paused", (reader: Reader) => reader.bench.links.pauseAll()],
    ["whose rooms are set apart", (reader: Reader) => void reader.bench.links.set("Link", { reads: false })],
  ])("is anything by a link %s", async (_, set) => {
    const reader = new Reader();
    await reader.say(A);
    set(reader);
    await reader.read(B);
    expect(reader.marked).toEqual([]);
  });
});

test("much that has been read at once is read bit by bit, to the end", async () => {
  const reader = new Reader();
  for (let index = 0; index < 600; index++) reader.bench.receive(message(A, `$many${index}`, "words"));
  await reader.say(A);
  await reader.read(B);
  await pass();
  expect(reader.marked.map(({ eventId }) => eventId)).toEqual(["$many499", reader.newest(A)]);
});

describe("what cannot be said", () => {
  test("is said again later", async () => {
    const reader = new Reader();
    const said = await reader.say(A);
    reader.failure = new FerryError("homeserver-unreachable", "It does not answer.");
    await reader.read(B);
    reader.failure = null;
    await pass(61_000);
    expect(reader.marked).toEqual([{ roomId: A, eventId: said.eventId }]);
  });

  test("because the homeserver refuses it is not said again", async () => {
    const reader = new Reader();
    await reader.say(A);
    reader.failure = new FerryError("forbidden", "You are not in that room.");
    await reader.read(B);
    reader.failure = null;
    await pass(120_000);
    expect(reader.marked).toEqual([]);
  });

  test("because Ferry has ended is said by the next one, from what the homeserver keeps", async () => {
    const reader = new Reader();
    const said = await reader.say(A);
    reader.reads.note([{ roomId: B, eventId: reader.newest(B) }]);
    reader.reads.forget();
    await pass(5_000);
    expect(reader.marked).toEqual([]);
    await reader.read(B);
    expect(reader.marked).toEqual([{ roomId: A, eventId: said.eventId }]);
  });
});

/** What happens: somebody writes in a room, or the user reads one down to the event that is so many before its end. */
const step = fc.oneof(
  fc.record({ room: fc.nat(2), sender: fc.constantFrom(ANA, BEA, ME), body: fc.constantFrom("words", "a secret") }),
  fc.record({ room: fc.nat(2), back: fc.nat(3) }),
);

test("whatever happens, what is taken for read has been read, and nothing that could be is left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const filter = { ...NO_FILTER, withoutWords: ["secret"] };
      const reader = new Reader([A, B, C], { ...NO_LINK_SETTINGS, filter });
      const { inbound, ledger } = reader.bench.store;
      const eventsOf = (room: RoomId) => inbound.after(room, 0, 1_000);
      const sourceOf = (room: RoomId, event: EventId) => ledger.origin(room, event)?.sourceEvent ?? event;
      /** Events that the user has had before their eyes, by their sources; and how far each room's marker is. */
      const seen = new Set<EventId>();
      const markers = new Map<RoomId, number>();
      for (const { room: index, ...what } of steps) {
        const room = reader.rooms[index] ?? A;
        if ("sender" in what) {
          await reader.say(room, what.sender, what.body);
          continue;
        }
        const shown = eventsOf(room).slice(0, -what.back || undefined);
        const last = shown.at(-1);
        if (!last || last.id < (markers.get(room) ?? 0)) continue;
        for (const { eventId } of shown) seen.add(sourceOf(room, eventId));
        markers.set(room, last.id);
        await reader.read(room, last.eventId);
        for (const { roomId, eventId } of reader.marked) {
          markers.set(roomId, Math.max(markers.get(roomId) ?? 0, inbound.get(roomId, eventId)?.id ?? 0));
        }
      }
      for (const room of reader.rooms) {
        const marker = markers.get(room) ?? 0;
        const others = eventsOf(room).filter(
          ({ sender, eventId }) => (ledger.origin(room, eventId)?.author ?? sender) !== ME,
        );
        const unread = others.filter(({ eventId }) => !seen.has(sourceOf(room, eventId)));
        for (const { id } of unread) expect(id).toBeGreaterThan(marker);
        const end = unread[0]?.id ?? Infinity;
        for (const { id } of others.filter((event) => event.id < end)) expect(id).toBeLessThanOrEqual(marker);
      }
      await cleanUp();
      stopTheClock();
    }),
    { numRuns: 60 },
  );
});

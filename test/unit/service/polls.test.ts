import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { isObject, type JsonObject, type SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { PLAIN_TEXT, POLL_DISCLOSED, POLL_END, POLL_RESPONSE, POLL_START } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import {
  A,
  ANA,
  B,
  BEA,
  C,
  cleanUp,
  ME,
  message,
  NOW,
  openBench,
  pass,
  redaction,
  stopTheClock,
  undecrypted,
  type Bench,
  type Sent,
} from "./races-support.ts";

/** Whom a room is told of, in which words, and who may end a poll. */

beforeEach(stopTheClock);
afterEach(cleanUp);

function poll(roomId: RoomId, eventId: string, sender: UserId = ANA): SourceEvent {
  const answers = ["Soup", "Stew"].map((text) => ({ id: text.toLowerCase(), [PLAIN_TEXT]: text }));
  const question = { [PLAIN_TEXT]: "What?" };
  const content = { [POLL_START]: { question, kind: POLL_DISCLOSED, max_selections: 1, answers } };
  return message(roomId, eventId, "", { sender, type: POLL_START, content });
}

function vote(roomId: RoomId, eventId: string, target: EventId, sender: UserId, answer: string, ts = NOW): SourceEvent {
  const content = { [POLL_RESPONSE]: { answers: [answer] }, ...reference(target) };
  return message(roomId, eventId, "", { sender, type: POLL_RESPONSE, content, originServerTs: ts });
}

function end(roomId: RoomId, eventId: string, target: EventId, sender: UserId = ANA): SourceEvent {
  const content = { [POLL_END]: {}, ...reference(target) };
  return message(roomId, eventId, "", { sender, type: POLL_END, content, originServerTs: NOW + 10 });
}

function reference(target: EventId): JsonObject {
  return { "m.relates_to": { rel_type: "m.reference", event_id: target } };
}

/** A Ferry over a homeserver that knows what refers to what. */
class PollBench {
  readonly ferry: Bench;
  readonly #events: SourceEvent[] = [];

  constructor(links?: readonly Link[]) {
    this.ferry = openBench(links);
    this.ferry.engine.relations = async ({ roomId, eventId, relType }) =>
      this.#events.filter((event) => {
        const relation = event.content["m.relates_to"];
        const isRelated = isObject(relation) && relation["rel_type"] === relType && relation["event_id"] === eventId;
        return event.roomId === roomId && isRelated;
      });
    this.ferry.sender.start();
  }

  /** Comes to Ferry, and what follows from it is sent. */
  async receive(...events: SourceEvent[]): Promise<void> {
    this.#events.push(...events);
    this.ferry.receive(...events);
    await pass();
  }

  /** Ana's poll in A has its copies. @returns the copy in B */
  async asked(): Promise<Sent> {
    await this.receive(poll(A, "$poll"));
    return this.ferry.sentInto(B);
  }

  /** What Ferry has sent comes back to it, and is what the homeserver has from then on. */
  async comesBack({ roomId, eventId, transactionId, type, content }: Sent): Promise<void> {
    await this.receive(message(roomId, eventId, "", { sender: ME, transactionId, type, content }));
  }

  skipped(): (string | number)[] {
    return this.ferry.store.links
      .counters(LINK)
      .filter(({ name }) => name !== "copied")
      .flatMap(({ name, count }) => [name, count]);
  }

  sentOf(type: string, roomId: RoomId): Sent[] {
    return this.ferry.sent.filter((sent) => sent.type === type && sent.roomId === roomId);
  }
}

describe("a room is told of the votes", () => {
  test("of the others in one line, and of several that wait at once", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.ferry.sender.stop();
    await bench.receive(
      vote(B, "$v1", copy.eventId, BEA, "soup"),
      vote(B, "$v2", copy.eventId, ME, "soup"),
      vote(B, "$v3", copy.eventId, BEA, "stew", NOW + 1),
    );
    bench.ferry.sender.start();
    await pass();
    expect(bench.ferry.wordsIn(A)).toEqual(["Votes elsewhere: “Soup” 1, “Stew” 1 (2 people)"]);
    await bench.receive(vote(B, "$v4", copy.eventId, ME, "stew", NOW + 2));
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("Votes elsewhere: “Stew” 2 (2 people)");
    const [line, edit] = bench.sentOf("m.room.message", A);
    expect(edit?.content["m.relates_to"]).toEqual({ rel_type: "m.replace", event_id: line?.eventId });
    expect(bench.skipped()).toEqual([]);
  });

  test("not of people who have opted out, nor of those whom a filter keeps in their room", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"), vote(B, "$v2", copy.eventId, ME, "stew"));
    bench.ferry.store.optOuts.insert(LINK, BEA, NOW);
    await bench.receive(vote(B, "$v3", copy.eventId, ME, "stew", NOW + 1));
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("Votes elsewhere: “Stew” 1 (1 person)");
    bench.ferry.store.links.set(LINK, { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, withoutSenders: [ME] } });
    await bench.receive(redaction(B, "$r", "$v3" as EventId, ME));
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("Votes elsewhere: none");
  });

  test("none where polls stay in their room by now", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    bench.ferry.store.links.set(LINK, { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, withoutKinds: ["polls"] } });
    await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"));
    expect(bench.ferry.wordsIn(A)).toEqual([]);
    expect(bench.skipped()).toEqual(["filtered-kind", 1]);
  });

  test("only where a link leads from them", async () => {
    const bench = new PollBench([linkBetween([A, B], { direction: "one-way" })]);
    const copy = await bench.asked();
    await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"), vote(A, "$v2", "$poll" as EventId, ANA, "stew"));
    expect(bench.ferry.wordsIn(A)).toEqual([]);
    expect(bench.ferry.wordsIn(B)).toEqual(["Votes elsewhere: “Stew” 1 (1 person)"]);
  });

  test("of one hop: rooms that no link joins hear nothing of each other, also at the end", async () => {
    const bench = new PollBench([linkBetween([A, B]), linkBetween([A, C], { id: "other" as typeof LINK })]);
    const inB = await bench.asked();
    const inC = bench.ferry.sentInto(C);
    await bench.receive(vote(B, "$v1", inB.eventId, BEA, "soup"), vote(C, "$v2", inC.eventId, ME, "stew"));
    await bench.receive(end(A, "$end", "$poll" as EventId));
    const textIn = (room: RoomId) => bench.sentOf(POLL_END, room).map(({ content }) => content[PLAIN_TEXT]);
    expect(textIn(B)).toEqual(["The poll has ended: “Soup” 1 (1 person)"]);
    expect(textIn(C)).toEqual(["The poll has ended: “Stew” 1 (1 person)"]);
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("The poll has ended: “Soup” 1, “Stew” 1 (2 people)");
  });

  test("once of each person: whoever votes in both rooms is seen in the poll, and counts once at the end", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.receive(
      vote(A, "$v1", "$poll" as EventId, ME, "soup"),
      vote(B, "$v2", copy.eventId, ME, "stew", NOW + 1),
      vote(B, "$v3", copy.eventId, BEA, "stew", NOW + 2),
    );
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("Votes elsewhere: “Stew” 1 (1 person)");
    await bench.receive(end(A, "$end", "$poll" as EventId));
    expect(bench.ferry.wordsIn(A).at(-1)).toBe("The poll has ended: “Stew” 2 (2 people)");
  });

  test("until somebody takes the line down", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"));
    await bench.receive(redaction(A, "$r", bench.ferry.sentInto(A).eventId, ANA));
    await bench.receive(vote(B, "$v2", copy.eventId, ME, "soup"));
    expect(bench.sentOf("m.room.message", A)).toHaveLength(1);
    expect(bench.skipped()).toEqual(["redaction-of-a-copy", 2]);
  });
});

describe("a poll is ended", () => {
  test("by its author, in every room", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.receive(end(A, "$end", "$poll" as EventId));
    const [ended] = bench.sentOf(POLL_END, B);
    expect(ended?.content).toMatchObject({
      [PLAIN_TEXT]: "The poll has ended. There are no votes.",
      ...reference(copy.eventId),
    });
    // Nobody has voted: there is no line to be written.
    expect(bench.ferry.wordsIn(A)).toEqual([]);
  });

  test("by whoever may redact in its room, and by nobody else", async () => {
    const bench = new PollBench();
    await bench.asked();
    await bench.receive(end(A, "$end1", "$poll" as EventId, BEA));
    expect(bench.sentOf(POLL_END, B)).toEqual([]);
    expect(bench.skipped()).toContain("end-of-another-persons-poll");
    await bench.receive(end(A, "$end2", "$poll" as EventId, ME));
    expect(bench.sentOf(POLL_END, B)).toHaveLength(1);
  });

  test("at a copy only by the user, where it is the user's own", async () => {
    const bench = new PollBench();
    const copy = await bench.asked();
    await bench.receive(end(B, "$end1", copy.eventId, BEA), end(B, "$end2", copy.eventId, ME));
    expect(bench.sentOf(POLL_END, A)).toEqual([]);
    expect(bench.skipped()).toEqual(["end-of-a-poll-copy", 2]);
    await bench.receive(poll(A, "$own", ME));
    await bench.receive(end(B, "$end3", bench.ferry.sentInto(B).eventId, ME));
    expect(bench.sentOf(POLL_END, A).map(({ content }) => content["m.relates_to"])).toEqual([
      { rel_type: "m.reference", event_id: "$own" },
    ]);
  });
});

test("a poll that is taken back takes the line in its own room with it", async () => {
  const bench = new PollBench();
  const copy = await bench.asked();
  await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"));
  const line = bench.ferry.sentInto(A);
  bench.ferry.change({ ...poll(A, "$poll"), content: {}, redacted: true });
  await bench.receive(redaction(A, "$r", "$poll" as EventId, ANA));
  expect(bench.ferry.sent.flatMap(({ redacts }) => redacts ?? []).sort()).toEqual([copy.eventId, line.eventId].sort());
});

test("a vote whose key is late is told of when it comes, and nothing stands for it before", async () => {
  const bench = new PollBench();
  const copy = await bench.asked();
  const late = vote(B, "$v1", copy.eventId, BEA, "soup");
  await bench.receive(undecrypted(late));
  expect(bench.sentOf("m.room.message", A)).toEqual([]);
  bench.ferry.engine.relations = async ({ relType }) => (relType === "m.reference" ? [late] : []);
  bench.ferry.decrypt(late);
  await pass();
  expect(bench.ferry.wordsIn(A)).toEqual(["Votes elsewhere: “Soup” 1 (1 person)"]);
});

test("a poll whose key is late stands there in words, and is not ended there", async () => {
  const bench = new PollBench();
  await bench.receive(undecrypted(poll(A, "$poll")));
  bench.ferry.decrypt(poll(A, "$poll"));
  await pass();
  expect(bench.ferry.wordsIn(B).at(-1)).toBe("Ana: What?\n1. Soup\n2. Stew");
  await bench.receive(end(A, "$end", "$poll" as EventId));
  expect(bench.sentOf(POLL_END, B)).toEqual([]);
});

test.each([
  ["in its room", A],
  ["at its copy", B],
])("a poll that its author has edited %s is counted by its new answers", async (_name, room) => {
  const bench = new PollBench();
  await bench.receive(poll(A, "$own", ME));
  const copy = bench.ferry.sentInto(B);
  const answers = [{ id: "pie", [PLAIN_TEXT]: "Pie" }];
  const replacement = { [POLL_START]: { question: { [PLAIN_TEXT]: "What?" }, kind: POLL_DISCLOSED, answers } };
  const replaced = { rel_type: "m.replace", event_id: room === A ? "$own" : copy.eventId };
  const content = { "m.new_content": replacement, "m.relates_to": replaced };
  await bench.receive(message(room, "$edit", "", { sender: ME, type: POLL_START, content }));
  const carried = bench.ferry.sentInto(room === A ? B : A);
  expect(carried).toMatchObject({ type: POLL_START, content: { "m.new_content": replacement } });
  await bench.comesBack(carried);
  await bench.receive(vote(B, "$v1", copy.eventId, BEA, "pie", NOW + 1));
  expect(bench.ferry.wordsIn(A).at(-1)).toBe("Votes elsewhere: “Pie” 1 (1 person)");
});

test("whoever answers the line answers the poll", async () => {
  const bench = new PollBench();
  const copy = await bench.asked();
  await bench.receive(vote(B, "$v1", copy.eventId, BEA, "soup"));
  const answered = { "m.relates_to": { "m.in_reply_to": { event_id: bench.ferry.sentInto(A).eventId } } };
  await bench.receive(message(A, "$m", "", { content: { msgtype: "m.text", body: "so few?", ...answered } }));
  expect(bench.ferry.sentInto(B).content["m.relates_to"]).toEqual({ "m.in_reply_to": { event_id: copy.eventId } });
});

import { describe, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { route, type CopyKind, type KnownCopy, type Memory } from "../../../main/bridge/route.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ACCOUNT, eventIn, ROOMS, memoryWith } from "./route-support.ts";

/** What an event means by another one, and which links there are: the edges that random rooms seldom come to. */

const [A, B, C, D] = ROOMS as [RoomId, RoomId, RoomId, RoomId];
const ANA = "@ana:one.test" as UserId;
const [EVENT, TARGET, ORIGINAL] = ["$1", "$target", "$original"] as [EventId, EventId, EventId];
const OTHER = "other" as LinkId;
const DAY_MS = 24 * 3_600_000;

const words = { msgtype: "m.text", body: "words" };
const message = (content: JsonObject = words, other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(A, EVENT, ANA, "m.room.message", content),
  ...other,
});
const related = (rel_type: string, more: JsonObject = {}): JsonObject => ({
  ...{ ...words, "m.new_content": words, "m.relates_to": { rel_type, event_id: TARGET, ...more } },
});
const reaction = (content: JsonObject): SourceEvent => message(content, { type: "m.reaction", encrypted: false });
const redaction = (sender: UserId = ANA): SourceEvent =>
  message({}, { sender, type: "m.room.redaction", encrypted: false, redacts: TARGET });

const link = linkBetween([A, B]);
const seen: Partial<Memory> = { seen: () => ({ sender: ANA, kind: "copy" }) };
const originAs = (kind: CopyKind, author: UserId = ANA, roomId: RoomId = B): Partial<Memory> => ({
  originOf: () => ({ roomId, eventId: ORIGINAL, author, kind }),
});
const outcomeOf = (event: SourceEvent, memory: Memory): string => route(event, memory).outcome;

describe("where no link leads", () => {
  const oneWay = linkBetween([B, A], { direction: "one-way" });
  test.each<[string, Link[], string]>([
    ["nowhere", [], "not-a-source"],
    ["a link that has not begun, the other way", [{ ...oneWay, state: "starting" }], "not-a-source"],
    ["a link that has not begun", [{ ...link, state: "starting" }], "link-starting"],
    [
      "a link that has begun the other way, and one that has not",
      [oneWay, { ...link, state: "starting" }],
      "link-starting",
    ],
    ["a link that is newer than the message", [{ ...link, createdTs: 2 * DAY_MS }], "before-link"],
    [
      "a newer link, and one that has not begun",
      [
        { ...link, createdTs: 2 * DAY_MS },
        { ...link, state: "starting" },
      ],
      "before-link",
    ],
  ])("it is said: %s", (_name, links, expected) => expect(outcomeOf(message(), memoryWith(links))).toBe(expected));

  test("a redaction there is nobody's to carry", () => {
    expect(outcomeOf(redaction(), memoryWith([linkBetween([B, C])]))).toBe("not-a-source");
  });
});

describe("a message", () => {
  test("that answers in a thread is a message, and no edit", () => {
    const decision = route(message(related("m.thread")), memoryWith([link], seen));
    expect(decision).toMatchObject({ outcome: "routed", kind: "copy" });
    if (decision.outcome === "routed") expect(decision.tasks.map((task) => "target" in task)).toEqual([false]);
  });

  test("that ends every link of its room is obeyed, whatever has been asked", () => {
    expect(route(message({ msgtype: "m.text", body: "!ferry stop" }), memoryWith([link]))).toMatchObject({
      ...{ outcome: "command", command: { kind: "answer", verb: "stop" } },
    });
  });

  test("that cannot be read and refers to another event waits for its key, whoever has sent it", () => {
    const other = { type: "m.room.encrypted", undecryptable: "NO_KEY" };
    expect(outcomeOf(message(related("m.reference"), other), memoryWith([link]))).toBe("key-awaited");
    expect(outcomeOf(message(related("m.thread"), other), memoryWith([link]))).toBe("routed");
  });
});

describe("an edit and a reaction", () => {
  const [edit, like] = [message(related("m.replace")), reaction(related("m.annotation", { key: "👍" }))];

  test("are owed as such, with what they are about", () => {
    const about = { target: { roomId: A, eventId: TARGET } };
    expect(route(edit, memoryWith([link], seen))).toMatchObject({ kind: "edit", tasks: [{ kind: "edit", ...about }] });
    expect(route(like, memoryWith([link], seen))).toMatchObject({
      ...{ kind: "reaction", tasks: [{ kind: "reaction", ...about }] },
    });
  });

  test.each<CopyKind>(["votes", "poll-end"])("of what Ferry has said of a poll (%s) mean nobody's words", (kind) => {
    for (const event of [{ ...edit, sender: ACCOUNT }, like]) {
      expect(outcomeOf(event, memoryWith([link], originAs(kind, ACCOUNT)))).toBe("target-not-copied");
    }
  });

  test.each<[string, JsonObject]>([
    ["no relation", {}],
    ["a relation that is none", { "m.relates_to": "x" }],
    ["another relation", related("m.thread", { key: "👍" })],
    ["a relation without a kind", { "m.relates_to": { event_id: TARGET, key: "👍" } }],
  ])("a reaction with %s is none", (_name, content) => {
    expect(outcomeOf(reaction(content), memoryWith([link], seen))).toBe("unsupported-message");
  });
});

test("a redaction takes back the copies of what it names, and no others", () => {
  const copy: KnownCopy = { sourceRoom: A, sourceEvent: TARGET, destination: B, kind: "copy" };
  const asked: unknown[] = [];
  const memory = memoryWith([link], {
    originOf: (roomId, eventId) => (asked.push([roomId, eventId]), null),
    copiesOf: ({ roomId, eventId }) => (roomId === A && eventId === TARGET ? [copy] : []),
  });
  expect(route(redaction(), memory)).toMatchObject({
    tasks: [{ destination: B, target: { roomId: A, eventId: TARGET }, targetKind: "copy" }],
  });
  expect(asked).toContainEqual([A, TARGET]);
});

describe("a redaction of a copy", () => {
  const copyTo = (destination: RoomId): KnownCopy => ({
    ...{ sourceRoom: B, sourceEvent: ORIGINAL, destination, kind: "copy" },
  });
  const base = { sourceRoom: A, sourceEvent: EVENT, author: ACCOUNT, kind: "redaction" };
  const target = { roomId: B, eventId: ORIGINAL };

  test("of the user's own words goes to the original and to its other copies", () => {
    const memory = memoryWith([linkBetween([A, B, C])], {
      ...originAs("copy", ACCOUNT),
      copiesOf: () => [copyTo(A), copyTo(C)],
    });
    expect(route(redaction(ACCOUNT), memory)).toEqual({
      outcome: "routed",
      kind: "redaction",
      tasks: [
        { ...base, linkId: LINK, destination: B, target, targetKind: "original" },
        { ...base, linkId: LINK, destination: C, target, targetKind: "copy" },
      ],
    });
  });

  test("goes to the other copies also where no link leads to the original, and where one leads only from there", () => {
    const links = [linkBetween([A, C]), linkBetween([B, A, D], { id: OTHER, direction: "one-way" })];
    const memory = memoryWith(links, {
      ...originAs("copy", ACCOUNT),
      copiesOf: () => [copyTo(A), copyTo(C), copyTo(D)],
    });
    expect(route(redaction(ACCOUNT), memory)).toMatchObject({
      tasks: [
        { linkId: LINK, destination: C, targetKind: "copy" },
        { linkId: OTHER, destination: D, targetKind: "copy" },
      ],
    });
  });

  test.each<CopyKind>(["redaction", "notice", "votes", "poll-end"])(
    "of what is Ferry's own (%s) stays there",
    (kind) => {
      const memory = memoryWith([link], originAs(kind, ACCOUNT));
      expect(route(redaction(ACCOUNT), memory)).toEqual({
        ...{ outcome: "redaction-of-a-copy", gone: { roomId: A, eventId: TARGET } },
      });
    },
  );

  test("that is nowhere, and of nothing, ends here", () => {
    const memory = memoryWith([linkBetween([A, C])], originAs("copy", ACCOUNT));
    expect(outcomeOf(redaction(ACCOUNT), memory)).toBe("target-not-copied");
    expect(outcomeOf({ ...redaction(), redacts: undefined }, memoryWith([link]))).toBe("unsupported-message");
  });
});

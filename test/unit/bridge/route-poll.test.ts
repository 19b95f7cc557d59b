import { describe, expect, test } from "vitest";
import type { Gap, Link } from "../../../main/bridge/link.ts";
import { route, type CopyKind, type EventReference, type KnownCopy, type Memory } from "../../../main/bridge/route.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { POLL_END, POLL_RESPONSE } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ACCOUNT, eventIn, ROOMS, memoryWith as memoryOf } from "./route-support.ts";

const [A, B, C] = ROOMS as [RoomId, RoomId, RoomId];
const ANA = "@ana:one.test" as UserId;
const POLL = "$poll" as EventId;
const HERE = "$here" as EventId;
const [BACK, OTHER] = ["back" as LinkId, "other" as LinkId];
const GAP: Gap = { code: "consent-missing", sentence: "Nobody has agreed." };

type Origin = EventReference & { author: UserId; kind: CopyKind };
type Seen = ReturnType<Memory["seen"]>;

/** A poll that Ana has written in A; `origin` where `HERE` is a copy, `seen` what `HERE` was taken for. */
function memoryWith(
  links: Link[],
  { origin = null, seen = null, copies = [] }: { origin?: Origin | null; seen?: Seen; copies?: KnownCopy[] } = {},
): Memory {
  return memoryOf(links, {
    originOf: (roomId, eventId) => (roomId === A && eventId === POLL ? origin : null),
    seen: (roomId, eventId) => {
      if (roomId !== A) return null;
      if (eventId === HERE) return seen;
      return eventId === POLL && origin === null ? { sender: ANA, kind: "copy" } : null;
    },
    copiesOf: () => copies,
  });
}

const refersTo = (eventId: string) => ({ "m.relates_to": { rel_type: "m.reference", event_id: eventId } });
const said = (type: string, content: SourceEvent["content"], other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(A, "$said" as EventId, ANA, type, content),
  ...other,
});
const vote = (poll: string = POLL): SourceEvent =>
  said(POLL_RESPONSE, { ...refersTo(poll), [POLL_RESPONSE]: { answers: ["yes"] } });
const end = (other: Partial<SourceEvent> = {}): SourceEvent =>
  said(POLL_END, { ...refersTo(POLL), [POLL_END]: {} }, other);
const redaction: SourceEvent = said("m.room.redaction", {}, { encrypted: false, redacts: HERE });

const base = { sourceRoom: A, sourceEvent: "$said" };
const votes = (destination: RoomId, linkId: LinkId = LINK, target: EventReference = { roomId: A, eventId: POLL }) => ({
  ...{ ...base, author: ACCOUNT, linkId, destination, target, kind: "votes" },
});
const ended = (destination: RoomId, author = ANA, target: EventReference = { roomId: A, eventId: POLL }) => ({
  ...{ ...base, author, linkId: LINK, destination, target, kind: "poll-end" },
});
const tasksOf = (event: SourceEvent, memory: Memory) => {
  const decision = route(event, memory);
  return decision.outcome === "routed" ? decision.tasks : decision.outcome;
};
const withGap = (link: Link, ...rooms: RoomId[]): Link => ({
  ...link,
  rooms: link.rooms.map((room) => ({ ...room, gap: rooms.includes(room.roomId) ? GAP : null })),
});

const three = linkBetween([A, B, C]);
const oneWay = linkBetween([A, B, C], { direction: "one-way" });
const copyFrom = (roomId: RoomId, author: UserId, kind: CopyKind = "copy"): Origin => ({
  ...{ roomId, eventId: "$original" as EventId, author, kind },
});

describe("a vote", () => {
  test("is told to the other rooms in Ferry's own name, and not to its own", () => {
    expect(route(vote(), memoryWith([three]))).toMatchObject({
      outcome: "routed",
      kind: "votes",
      tasks: [votes(B), votes(C)],
    });
  });

  test("on a copy means the poll that was written first", () => {
    const target = { roomId: B, eventId: "$original" as EventId };
    expect(tasksOf(vote(), memoryWith([three], { origin: copyFrom(B, ANA) }))).toEqual([
      votes(B, LINK, target),
      votes(C, LINK, target),
    ]);
  });

  test.each<[string, SourceEvent, Memory]>([
    ["a poll that was never copied", vote("$unknown"), memoryWith([three])],
    ["what is no message", vote(HERE), memoryWith([three], { seen: { sender: ANA, kind: "m.room.topic" } })],
    ["what Ferry told of another vote", vote(), memoryWith([three], { origin: copyFrom(B, ACCOUNT, "votes") })],
  ])("on %s is told nowhere", (_name, event, memory) => {
    expect(tasksOf(event, memory)).toBe("target-not-copied");
  });

  test("in the stable form is one as well, and one that refers to nothing is none", () => {
    const stable = said("m.poll.response", { ...refersTo(POLL), "m.selections": ["yes"] });
    expect(tasksOf(stable, memoryWith([three]))).toEqual([votes(B), votes(C)]);
    expect(tasksOf(said(POLL_RESPONSE, { [POLL_RESPONSE]: { answers: [] } }), memoryWith([three]))).toBe(
      "unsupported-message",
    );
  });
});

describe("the end of a poll", () => {
  test("is told in the other rooms, with all votes, and with these in its own where a link leads back", () => {
    expect(route(end(), memoryWith([three]))).toMatchObject({
      outcome: "routed",
      kind: "poll-end",
      tasks: [ended(B), ended(C), votes(B), votes(C), votes(A)],
    });
  });

  test.each<[string, Link[], LinkId | null]>([
    ["no link leads back", [oneWay], null],
    ["another link leads back", [oneWay, linkBetween([C, A], { id: BACK, direction: "one-way" })], BACK],
    ["the first of two leads back", [three, linkBetween([C, A], { id: BACK })], LINK],
    ["it has not begun", [oneWay, linkBetween([B, A], { id: BACK, direction: "one-way", state: "starting" })], null],
    ["that room has not agreed", [oneWay, withGap(linkBetween([B, A], { id: BACK, direction: "one-way" }), B)], null],
    ["this room has not agreed", [oneWay, withGap(linkBetween([B, A], { id: BACK, direction: "one-way" }), A)], null],
    [
      "it leads elsewhere",
      [oneWay, linkBetween([B, "!e:one.test" as RoomId], { id: BACK, direction: "one-way" })],
      null,
    ],
    [
      "it comes from elsewhere",
      [oneWay, linkBetween(["!e:one.test" as RoomId, A], { id: BACK, direction: "one-way" })],
      null,
    ],
  ])("is followed by all votes in its own room only where a link leads back: %s", (_name, links, back) => {
    const rest = back === null ? [] : [votes(A, back)];
    expect(tasksOf(end(), memoryWith(links))).toEqual([ended(B), ended(C), votes(B), votes(C), ...rest]);
  });

  const target = { roomId: B, eventId: "$original" as EventId };

  test("by the user where they see their own poll ends it everywhere", () => {
    const memory = memoryWith([three], { origin: copyFrom(B, ACCOUNT) });
    expect(tasksOf(end({ sender: ACCOUNT }), memory)).toEqual([
      ...[ended(B, ACCOUNT, target), ended(C, ACCOUNT, target)],
      ...[votes(B, LINK, target), votes(C, LINK, target), votes(A, LINK, target)],
    ]);
  });

  test.each<[string, UserId, UserId]>([
    ["somebody else's copy, by the user", ACCOUNT, ANA],
    ["the user's copy, by somebody else", ANA, ACCOUNT],
    ["somebody's own copy", ANA, ANA],
  ])("of a copy ends only what its room can vote in: %s", (_name, sender, author) => {
    const memory = memoryWith([three], { origin: copyFrom(B, author) });
    expect(tasksOf(end({ sender }), memory)).toBe("end-of-a-poll-copy");
  });

  test("by the user, of their own poll in its own room", () => {
    expect(tasksOf(end({ sender: ACCOUNT }), memoryWith([linkBetween([A, B], { direction: "one-way" })]))).toEqual([
      ...[ended(B, ACCOUNT), votes(B)],
    ]);
  });

  test("in the stable form is one as well", () => {
    expect(tasksOf(said("m.poll.end", { ...refersTo(POLL), "m.text": [] }), memoryWith([oneWay]))).toEqual([
      ...[ended(B), ended(C), votes(B), votes(C)],
    ]);
  });
});

describe("the redaction", () => {
  const aVote: Seen = { sender: ANA, kind: "votes", refersTo: POLL };
  const anEnd: Seen = { sender: ANA, kind: "poll-end", refersTo: POLL };

  test("of a vote is told everywhere, in its own room as well", () => {
    expect(route(redaction, memoryWith([three], { seen: aVote }))).toMatchObject({
      outcome: "routed",
      kind: "votes",
      tasks: [votes(B), votes(C), votes(A)],
    });
  });

  test("of a vote is told only where the rooms agree", () => {
    expect(tasksOf(redaction, memoryWith([withGap(three, B)], { seen: aVote }))).toEqual([votes(C), votes(A)]);
    expect(tasksOf(redaction, memoryWith([withGap(three, A)], { seen: aVote }))).toBe("no-consent");
  });

  test.each<[string, Seen]>([
    ["that refers to nothing", { sender: ANA, kind: "votes", refersTo: null }],
    ["that refers to what nobody knows", { sender: ANA, kind: "votes", refersTo: "$unknown" as EventId }],
    ["of which it is not known what it refers to", { sender: ANA, kind: "votes" }],
  ])("of a vote %s takes nothing away", (_name, seen) => {
    expect(tasksOf(redaction, memoryWith([three], { seen }))).toBe("target-not-copied");
  });

  test("is a redaction's alone: what another event says of it is nothing", () => {
    const message = { ...said("m.room.message", { msgtype: "m.text", body: "words" }), redacts: HERE };
    expect(route(message, memoryWith([three], { seen: aVote }))).toMatchObject({ outcome: "routed", kind: "copy" });
  });

  test("of what is no vote is an ordinary one, whatever it refers to", () => {
    const memory = memoryWith([three], { seen: { sender: ANA, kind: "copy", refersTo: POLL } });
    expect(tasksOf(redaction, memory)).toBe("target-not-copied");
    expect(tasksOf({ ...redaction, redacts: undefined }, memory)).toBe("unsupported-message");
  });

  const copies: KnownCopy[] = [{ sourceRoom: A, sourceEvent: HERE, destination: B, kind: "poll-end" }];
  const gone = {
    ...{ ...base, author: ANA, linkId: LINK, destination: B, kind: "redaction" },
    ...{ target: { roomId: A, eventId: HERE }, targetKind: "poll-end" },
  };

  test("of an end takes it back, and opens the poll again with all votes", () => {
    expect(tasksOf(redaction, memoryWith([three], { seen: anEnd, copies }))).toEqual([
      ...[gone, votes(B), votes(C), votes(A)],
    ]);
  });

  test("of an end takes it back also where the votes may not be told any more", () => {
    expect(tasksOf(redaction, memoryWith([withGap(three, A)], { seen: anEnd, copies }))).toEqual([gone]);
    expect(tasksOf(redaction, memoryWith([three], { seen: { ...anEnd, refersTo: null }, copies }))).toEqual([gone]);
  });

  test("of an end that went nowhere opens nothing", () => {
    expect(tasksOf(redaction, memoryWith([three], { seen: anEnd }))).toBe("target-not-copied");
  });

  test("takes what Ferry told of votes from the room of the redaction, too: of the others' it has only told", () => {
    const told: KnownCopy[] = [
      { sourceRoom: A, sourceEvent: HERE, destination: A, kind: "votes" },
      { sourceRoom: A, sourceEvent: HERE, destination: A, kind: "edit" },
      { sourceRoom: A, sourceEvent: HERE, destination: C, kind: "votes" },
    ];
    const tasks = tasksOf(
      redaction,
      memoryWith([linkBetween([A, B]), linkBetween([A, C], { id: OTHER })], { copies: told }),
    );
    expect(
      typeof tasks === "string"
        ? tasks
        : tasks.map(({ linkId, destination, targetKind }) => [linkId, destination, targetKind]),
    ).toEqual([
      [LINK, A, "votes"],
      [OTHER, C, "votes"],
    ]);
  });
});

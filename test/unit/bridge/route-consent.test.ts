import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { destinationsOf, type Gap, type Link } from "../../../main/bridge/link.ts";
import { route, type Decision, type KnownCopy, type Memory } from "../../../main/bridge/route.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { linkBetween } from "../link-support.ts";
import { ACCOUNT, anyLinks, eventIn, ROOMS } from "./route-support.ts";

const [A, B, C] = ROOMS as [RoomId, RoomId, RoomId];
const ANA = "@ana:one.test" as UserId;
const OTHER = "other" as LinkId;
const GAP: Gap = { code: "consent-missing", sentence: "Nobody has agreed." };
const CODE = "K7QF2MXA";

const withGaps = (link: Link, ...rooms: RoomId[]): Link => ({
  ...link,
  rooms: link.rooms.map((room) => ({ ...room, gap: rooms.includes(room.roomId) ? GAP : null })),
});

function memoryWith(links: Link[], optedOut: LinkId[] = [], copies: KnownCopy[] = []): Memory {
  return {
    ...{ account: ACCOUNT, links, isCopy: () => false, isUnderWay: () => false, copyIn: () => null },
    ...{ originOf: () => null, seen: () => ({ sender: ANA, kind: "copy" }), copiesOf: () => copies },
    hasOptedOut: (link, user) => user === ANA && optedOut.includes(link),
    isAsked: (code) => code === CODE,
    oldestTs: null,
  };
}

const message = (body = "words", other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(A, "$1" as EventId, ANA, "m.room.message", { msgtype: "m.text", body }),
  ...other,
});
const edit = message("better", {
  content: {
    ...{ msgtype: "m.text", body: "* better", "m.new_content": { msgtype: "m.text", body: "better" } },
    "m.relates_to": { rel_type: "m.replace", event_id: "$0" },
  },
});
const reaction = message("", {
  type: "m.reaction",
  encrypted: false,
  content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$0", key: "👍" } },
});
const undecryptable = message("", { type: "m.room.encrypted", content: {}, undecryptable: "NO_KEY" });
const redaction = message("", {
  type: "m.room.redaction",
  encrypted: false,
  content: {},
  redacts: "$0" as EventId,
});
const COPIED: [string, SourceEvent][] = [
  ["a message", message()],
  ["an edit", edit],
  ["a reaction", reaction],
  ["a message without its key", undecryptable],
];

const destinations = (decision: Decision): (readonly [LinkId, RoomId])[] =>
  "tasks" in decision ? decision.tasks.map((task) => [task.linkId, task.destination] as const) : [];
const leftOut = (decision: Decision) => ("left" in decision ? [...(decision.left ?? [])] : []);

describe("a gap in a room's consent", () => {
  const link = linkBetween([A, B, C]);

  test.each(COPIED)("lets %s neither out of the room nor into it", (_name, event) => {
    const out = route(event, memoryWith([withGaps(link, A)]));
    expect([out.outcome, leftOut(out)]).toEqual(["no-consent", [[link.id, "no-consent"]]]);
    const into = route(event, memoryWith([withGaps(link, B)]));
    expect(destinations(into)).toEqual([[link.id, C]]);
    expect(leftOut(into)).toEqual([[link.id, "no-consent"]]);
    expect(route(event, memoryWith([withGaps(link, B, C)])).outcome).toBe("no-consent");
  });

  test("is no other link's: that one carries what it covers, though the first one would have", () => {
    const other = linkBetween([A, B], { id: OTHER, createdTs: 2 });
    const decision = route(message(), memoryWith([withGaps(link, B), other]));
    expect(destinations(decision)).toEqual([
      [link.id, C],
      [OTHER, B],
    ]);
    expect(leftOut(decision)).toEqual([]);
  });

  test("lets redactions pass: they only take away", () => {
    const copies = [B, C].map((destination) => ({
      ...{ sourceRoom: A, sourceEvent: "$0" as EventId, kind: "copy" as const },
      destination,
    }));
    const decision = route(redaction, memoryWith([withGaps(link, A, B, C)], [link.id], copies));
    expect(destinations(decision).map(([, room]) => room)).toEqual([B, C]);
  });

  test("does not hide that a link has not begun, or that there is none", () => {
    const starting = withGaps({ ...link, state: "starting" }, A);
    expect(route(message(), memoryWith([starting])).outcome).toBe("link-starting");
    const oneWay = withGaps(linkBetween([B, A], { direction: "one-way" }), A);
    expect(route(message(), memoryWith([oneWay])).outcome).toBe("not-a-source");
  });
});

describe("somebody who has opted out", () => {
  const link = linkBetween([A, B]);
  const other = linkBetween([A, B, C], { id: OTHER, createdTs: 2 });

  test.each(COPIED)("is left out with %s, of that link alone", (_name, event) => {
    const decision = route(event, memoryWith([link], [link.id]));
    expect([decision.outcome, leftOut(decision)]).toEqual(["opted-out", [[link.id, "opted-out"]]]);
    expect(destinations(route(event, memoryWith([link, other], [link.id])))).toEqual([
      [OTHER, B],
      [OTHER, C],
    ]);
  });

  test("does not keep anybody else's out", () => {
    const decision = route(message("words", { sender: ACCOUNT }), memoryWith([link], [link.id]));
    expect(destinations(decision)).toEqual([[link.id, B]]);
  });
});

describe("a command", () => {
  const link = linkBetween([A, B]);
  test.each([
    ["everything open", memoryWith([link])],
    ["a gap", memoryWith([withGaps(link, A)])],
    ["a link that has not begun", memoryWith([{ ...link, state: "starting" }])],
    ["its writer opted out", memoryWith([link], [link.id])],
  ])("is obeyed and not copied: %s", (_name, memory) => {
    expect(route(message("!ferry optout"), memory)).toEqual({ outcome: "command", command: { kind: "opt-out" } });
    expect(route(message(`approve ${CODE}`), memory)).toEqual({
      outcome: "command",
      command: { kind: "answer", verb: "approve", code: CODE },
    });
  });

  test("that has not been encrypted is none, and is not copied either", () => {
    expect(route(message("!ferry optout", { encrypted: false }), memoryWith([link])).outcome).toBe("not-encrypted");
  });

  test("that answers nothing is a message: people also approve payments", () => {
    expect(destinations(route(message("approve payments"), memoryWith([link])))).toEqual([[link.id, B]]);
  });
});

test("whatever rooms agree and whoever opts out: an event goes exactly where a link may carry it", () => {
  const someGaps = fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...ROOMS)), { maxLength: 6 });
  const someOut = fc.subarray(["link0", "link1", "link2", "link3"] as LinkId[]);
  const someEvent = fc.constantFrom(...COPIED.map(([, event]) => event));
  fc.assert(
    fc.property(
      anyLinks,
      someGaps,
      someOut,
      someEvent,
      fc.constantFrom(...ROOMS),
      (plain, gaps, out, event, roomId) => {
        const links = plain.map((link, index) =>
          withGaps(link, ...gaps.filter(([at]) => at === index).map(([, room]) => room)),
        );
        const isOpen = (link: Link, room: RoomId): boolean =>
          link.state !== "starting" &&
          !out.includes(link.id) &&
          link.rooms.every(({ roomId: id, gap }) => gap === null || (id !== roomId && id !== room));
        const expected = ROOMS.filter((room) =>
          links.some((link) => destinationsOf(link, roomId).includes(room) && isOpen(link, room)),
        );
        const sent = destinations(route({ ...event, roomId }, memoryWith(links, out)));
        expect(sent.map(([, room]) => room).toSorted()).toEqual(expected);
        for (const [id, room] of sent) {
          const link = links.find((candidate) => candidate.id === id);
          expect(link && isOpen(link, room)).toBe(true);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

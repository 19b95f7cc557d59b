import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filtered } from "../../../main/bridge/filter.ts";
import { destinationsOf, type Gap, type Link } from "../../../main/bridge/link.ts";
import { route, type Decision, type KnownCopy, type Memory } from "../../../main/bridge/route.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { filterOf, NO_FILTER, NO_LINK_SETTINGS, type Filter } from "../../../main/matrix/link-settings.ts";
import { linkBetween } from "../link-support.ts";
import { ACCOUNT, anyLinks, eventIn, ROOMS } from "./route-support.ts";

const [A, B, C] = ROOMS as [RoomId, RoomId, RoomId];
const ANA = "@ana:one.test" as UserId;
const OTHER = "other" as LinkId;
const GAP: Gap = { code: "consent-missing", sentence: "Nobody has agreed." };
const SECRET: Partial<Filter> = { withoutWords: ["secret"] };

const withFilter = (link: Link, filter: Partial<Filter>, ...rooms: RoomId[]): Link => {
  const whole = { ...NO_FILTER, ...filter };
  const roomFilters = rooms.map((roomId) => ({ roomId, filter: whole }));
  const settings = rooms.length === 0 ? { ...NO_LINK_SETTINGS, filter: whole } : { ...NO_LINK_SETTINGS, roomFilters };
  return { ...link, settings };
};

function memoryWith(links: Link[], optedOut: LinkId[] = [], copies: KnownCopy[] = []): Memory {
  return {
    ...{ account: ACCOUNT, links, isCopy: () => false, isUnderWay: () => false, copyIn: () => null },
    ...{ originOf: () => null, seen: () => ({ sender: ANA, kind: "copy" }), copiesOf: () => copies },
    hasOptedOut: (link, user) => user === ANA && optedOut.includes(link),
    isAsked: () => false,
    oldestTs: null,
  };
}

const message = (body: string, other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(A, "$1" as EventId, ANA, "m.room.message", { msgtype: "m.text", body }),
  ...other,
});
const undecryptable = message("", { type: "m.room.encrypted", content: {}, undecryptable: "NO_KEY" });

const destinations = (decision: Decision): (readonly [LinkId, RoomId])[] =>
  "tasks" in decision ? decision.tasks.map((task) => [task.linkId, task.destination] as const) : [];
const leftOut = (decision: Decision) => ("left" in decision ? [...(decision.left ?? [])] : []);

describe("a link's filter", () => {
  const link = linkBetween([A, B]);

  test("keeps what it names in its room, with the reason, and lets the rest pass", () => {
    const memory = memoryWith([withFilter(link, SECRET)]);
    const kept = route(message("a secret"), memory);
    expect([kept.outcome, leftOut(kept)]).toEqual(["filtered-word", [[link.id, "filtered-word"]]]);
    expect(destinations(route(message("hello"), memory))).toEqual([[link.id, B]]);
  });

  test("is that of the room that is left, where this has one of its own", () => {
    const memory = memoryWith([withFilter(link, SECRET, B)]);
    expect(route(message("a secret"), memory).outcome).toBe("routed");
    expect(route(message("a secret", { roomId: B }), memory).outcome).toBe("filtered-word");
  });

  test("judges an edit by what it brings in, and never what is taken back", () => {
    const edit = message("* secret", {
      content: {
        ...{ msgtype: "m.text", body: "* secret", "m.new_content": { msgtype: "m.text", body: "secret" } },
        "m.relates_to": { rel_type: "m.replace", event_id: "$0" },
      },
    });
    const copy: KnownCopy = { sourceRoom: A, sourceEvent: "$0" as EventId, destination: B, kind: "copy" };
    const memory = memoryWith([withFilter(link, { ...SECRET, withoutSenders: [ANA] })], [], [copy]);
    expect(route(edit, memoryWith([withFilter(link, SECRET)])).outcome).toBe("filtered-word");
    const redaction = message("", {
      type: "m.room.redaction",
      content: {},
      redacts: "$0" as EventId,
      encrypted: false,
    });
    expect(route(redaction, memory).outcome).toBe("routed");
  });

  test("lets a placeholder go for what cannot be read yet, unless its sender is kept out", () => {
    expect(route(undecryptable, memoryWith([withFilter(link, SECRET)])).outcome).toBe("routed");
    expect(route(undecryptable, memoryWith([withFilter(link, { withoutSenders: [ANA] })])).outcome).toBe(
      "filtered-sender",
    );
  });

  test("is no other link's: that one carries what it covers, and the first only what it lets pass", () => {
    const other = linkBetween([A, B, C], { id: OTHER, createdTs: 2 });
    const memory = memoryWith([withFilter(link, SECRET), other]);
    expect(destinations(route(message("a secret"), memory))).toEqual([
      [OTHER, B],
      [OTHER, C],
    ]);
    expect(leftOut(route(message("a secret"), memory))).toEqual([]);
    const both = memoryWith([linkBetween([A, B]), withFilter(other, SECRET)]);
    expect(destinations(route(message("a secret"), both))).toEqual([[link.id, B]]);
    expect(leftOut(route(message("a secret"), both))).toEqual([[OTHER, "filtered-word"]]);
  });

  test("is said only where the rooms agree, and not of who has opted out", () => {
    const gap = { ...withFilter(link, SECRET), rooms: link.rooms.map((room) => ({ ...room, gap: GAP })) };
    expect(route(message("a secret"), memoryWith([gap])).outcome).toBe("no-consent");
    expect(route(message("a secret"), memoryWith([withFilter(link, SECRET)], [link.id])).outcome).toBe("opted-out");
  });
});

test("with any links and filters an event goes wherever one of them lets it pass, once, by the first that does", () => {
  const filters = fc.constantFrom<Partial<Filter>>({}, SECRET, { withoutSenders: [ANA] }, { withoutKinds: ["text"] });
  const filteredLinks = fc
    .tuple(anyLinks, fc.array(fc.tuple(filters, fc.subarray(ROOMS)), { minLength: 4, maxLength: 4 }))
    .map(([links, set]) =>
      links.map((link, index) => {
        const [filter, rooms] = set[index] ?? [{}, []];
        return withFilter(link, filter, ...rooms);
      }),
    );
  fc.assert(
    fc.property(filteredLinks, fc.constantFrom("a secret", "hello"), fc.boolean(), (links, body, isOwn) => {
      const event = message(body, isOwn ? { sender: ACCOUNT } : {});
      const decision = route(event, memoryWith(links));
      const expected = ROOMS.flatMap((room) => {
        const first = links.find(
          (link) =>
            link.state !== "starting" &&
            destinationsOf(link, A).includes(room) &&
            filtered(event, filterOf(link.settings, A)) === null,
        );
        return first === undefined ? [] : [[first.id, room] as const];
      });
      expect(new Set(destinations(decision))).toEqual(new Set(expected));
    }),
  );
});

import { expect, test } from "vitest";
import { gainsOf, recordOf } from "../../../main/bridge/audience.ts";
import { covers, gapsOf, type Consent, type Terms } from "../../../main/bridge/consent.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";

const [KIM, ANA, JO] = ["@kim:one.test", "@ana:one.test", "@jo:one.test"] as [UserId, UserId, UserId];
const [KITCHEN, WORKSHOP, GARDEN] = ["!k:one.test", "!w:one.test", "!g:one.test"] as [RoomId, RoomId, RoomId];
const TERMS: Terms = { mode: "copy", direction: "two-way", carrier: KIM, rooms: [KITCHEN, WORKSHOP], tells: [] };

function room(roomId: RoomId, changes: Partial<RoomFacts>): RoomFacts {
  return {
    ...{ roomId, name: roomId, membership: "join", encrypted: true, joinRule: "invite", allowedRooms: [] },
    ...{ historyVisibility: "shared", guestsMayJoin: false, published: false, aliases: [], bridges: [] },
    ...{ joined: [KIM], invited: [], tombstone: null, connections: [] },
    power: { create: { sender: KIM, content: { room_version: "10" } }, powerLevels: { users: { [KIM]: 100 } } },
    ...changes,
  };
}

/** Both rooms have agreed, to each other as they are; Kim may speak for both. */
function agreed(kitchen: RoomFacts, workshop: RoomFacts): Map<RoomId, Consent> {
  const consent = (from: RoomFacts, to: RoomFacts): Consent => ({
    ...{
      link: "link" as LinkId,
      roomId: from.roomId,
      terms: TERMS,
      termsHash: "hash",
      approver: KIM,
      way: "own",
      eventId: null,
      seen: false,
    },
    ...{ overrules: null, audience: [{ ...recordOf(to), gains: gainsOf(from, to).map((gain) => gain.code) }] },
  });
  return new Map([
    [KITCHEN, consent(kitchen, workshop)],
    [WORKSHOP, consent(workshop, kitchen)],
  ]);
}

function codes(consents: Map<RoomId, Consent>, ...rooms: RoomFacts[]): (string | undefined)[] {
  const looked = new Map(rooms.map((facts) => [facts.roomId, facts]));
  const link = "link" as LinkId;
  const gaps = gapsOf({ link, replaced: [], terms: TERMS, account: KIM, rooms: looked, consents, lacking: new Map() });
  return [...gaps.values()].map((gap) => gap?.code);
}

test("whoever was invited and joins under the same rules widens nothing", () => {
  const [kitchen, workshop] = [room(KITCHEN, { invited: [ANA] }), room(WORKSHOP, { invited: [JO] })];
  const consents = agreed(kitchen, workshop);
  expect(codes(consents, kitchen, workshop)).toEqual([undefined, undefined]);
  const now = [room(KITCHEN, { joined: [KIM, ANA] }), room(WORKSHOP, { joined: [KIM, JO] })];
  expect(codes(consents, ...now)).toEqual([undefined, undefined]);
});

test("a room that is encrypted since is not copied where homeservers can read it", () => {
  const open = { encrypted: false };
  const [kitchen, workshop] = [
    room(KITCHEN, { ...open, joined: [KIM, ANA] }),
    room(WORKSHOP, { ...open, joined: [KIM, JO] }),
  ];
  const consents = agreed(kitchen, workshop);
  expect(codes(consents, kitchen, workshop)).toEqual([undefined, undefined]);
  expect(codes(consents, { ...kitchen, encrypted: true }, workshop)).toEqual(["audience-widened", undefined]);
});

test("what a room agreed to includes less of it, and not more", () => {
  const three: Terms = { ...TERMS, rooms: [KITCHEN, WORKSHOP, GARDEN] };
  const oneWay: Terms = { ...TERMS, direction: "one-way" };
  expect([covers(three, TERMS, KITCHEN), covers(TERMS, oneWay, KITCHEN), covers(TERMS, oneWay, WORKSHOP)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([covers(TERMS, three, KITCHEN), covers(oneWay, TERMS, KITCHEN)]).toEqual([false, false]);
  expect(covers(TERMS, { ...TERMS, carrier: ANA }, KITCHEN)).toBe(false);
});

test("what a room agreed to have told includes less of it, and not more", () => {
  const telling = (...tells: Terms["tells"]): Terms => ({ ...TERMS, tells });
  expect(covers(telling("members", "pins"), telling("pins"), KITCHEN)).toBe(true);
  expect(covers(telling("members", "pins"), TERMS, KITCHEN)).toBe(true);
  expect(covers(TERMS, telling("name"), KITCHEN)).toBe(false);
  expect(covers(telling("name"), telling("name", "pins"), WORKSHOP)).toBe(false);
  // Of a room that nothing goes out of nothing is told.
  const [before, after]: Terms[] = [
    { ...TERMS, direction: "one-way" },
    { ...telling("name"), direction: "one-way" },
  ];
  expect(before && after && [covers(before, after, KITCHEN), covers(before, after, WORKSHOP)]).toEqual([false, true]);
});

test("what is said under the name of a link that was replaced counts, but for what was answered since", () => {
  const said = (stateKey: string, status: string) => [
    { stateKey, eventId: "$revoked" as EventId, sender: JO, content: { status } },
  ];
  const gapUnder = (connections: RoomFacts["connections"], other: Partial<Consent> = {}) => {
    const rooms = [room(KITCHEN, { joined: [KIM, ANA] }), room(WORKSHOP, { joined: [KIM, JO], connections })] as const;
    const consents = agreed(...rooms);
    for (const [roomId, consent] of consents) consents.set(roomId, { ...consent, ...other });
    const looked = new Map(rooms.map((facts) => [facts.roomId, facts]));
    const [link, replaced] = ["new" as LinkId, ["old" as LinkId]];
    const gaps = gapsOf({ link, replaced, terms: TERMS, account: KIM, rooms: looked, consents, lacking: new Map() });
    return gaps.get(WORKSHOP)?.code;
  };
  expect(gapUnder(said("old", "revoked"))).toBe("consent-revoked");
  expect(gapUnder(said("new", "revoked"))).toBe("consent-revoked");
  expect(gapUnder(said("strange", "revoked"))).toBeUndefined();
  expect(gapUnder(said("old", "active"))).toBeUndefined();
  expect(gapUnder(said("old", "revoked"), { way: "reply", overrules: "$revoked" as EventId })).toBeUndefined();
  const byState = { way: "state-event", link: "old" as LinkId, seen: true } as const;
  expect(gapUnder(said("old", "approved"), { ...byState, eventId: "$revoked" as EventId })).toBeUndefined();
  expect(gapUnder(said("old", "approved"), { ...byState, eventId: "$another" as EventId })).toBe("consent-revoked");
  expect(gapUnder([], { ...byState, eventId: "$gone" as EventId })).toBe("consent-revoked");
});

test("where the members of one room cannot be read, neither room is taken to have refused", () => {
  const [kitchen, workshop] = [room(KITCHEN, { joined: [KIM, ANA] }), room(WORKSHOP, { joined: [KIM, JO] })];
  const unknown = { ...workshop, membership: "unknown" };
  expect(codes(agreed(kitchen, workshop), kitchen, unknown)).toEqual(["room-unread", "room-unread"]);
});

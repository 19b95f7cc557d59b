import { describe, expect, test } from "vitest";
import { gainsOf, recordOf, type AudienceRecord } from "../../../main/bridge/audience.ts";
import {
  approversOf,
  connectionIn,
  covers,
  gapsOf,
  isApprover,
  needsOf,
  peersOf,
  requiredPower,
  revocationIn,
  termsOf,
  type Consent,
  type ConsentFacts,
  type Terms,
} from "../../../main/bridge/consent.ts";
import type { GapCode } from "../../../main/matrix/codes.ts";
import type { EventId, LinkId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { CONNECTION } from "../../../main/matrix/unstable.ts";
import { linkBetween } from "../link-support.ts";
import { ANA, JO, KIM, kitchen, KITCHEN, room, SPACE, TAVERN } from "./audience-support.ts";

const LINK = "link" as LinkId;
const SAID = "$said" as EventId;
const TERMS: Terms = { mode: "copy", direction: "two-way", carrier: KIM, rooms: [TAVERN, KITCHEN], tells: [] };

/** Two rooms of Kim's, each with a person whom the other does not have, so that both have to agree. */
const tavern = (changes: Partial<RoomFacts> = {}): RoomFacts => room({ joined: [KIM, ANA], ...changes });
const other = (changes: Partial<RoomFacts> = {}): RoomFacts => kitchen({ joined: [KIM, JO], ...changes });

function consentOf(from: RoomFacts, to: RoomFacts, changes: Partial<Consent> = {}): Consent {
  return {
    ...{ link: LINK, roomId: from.roomId, terms: TERMS, termsHash: "hash", approver: KIM, way: "reply" },
    ...{ eventId: SAID, seen: false, overrules: null },
    audience: [{ ...recordOf(to), gains: gainsOf(from, to).map(({ code }) => code) }],
    ...changes,
  };
}

interface Case {
  now?: RoomFacts;
  there?: RoomFacts | null;
  consent?: Partial<Consent> | null;
  lacking?: GapCode;
  facts?: Partial<ConsentFacts>;
}

/** What is wanting in the tavern, which agreed to the kitchen as both were at first. */
function gapIn({ now = tavern(), there = other(), consent = {}, lacking, facts = {} }: Case) {
  const rooms = new Map([now, ...(there === null ? [] : [there])].map((facts) => [facts.roomId, facts]));
  const consents = consent === null ? [] : [consentOf(tavern(), other(), consent)];
  const gaps = gapsOf({
    ...{ link: LINK, replaced: [], terms: TERMS, account: KIM, rooms },
    consents: new Map(consents.map((given) => [TAVERN, given])),
    lacking: new Map(lacking === undefined ? [] : [[TAVERN, lacking]]),
    ...facts,
  });
  return gaps.get(TAVERN) ?? null;
}

const connection = (status: string, eventId: EventId = SAID, stateKey: string = LINK): RoomFacts["connections"] => [
  { stateKey, eventId, sender: ANA, content: { status } },
];

describe("what is wanting in a room", () => {
  test.each<[string, Case, GapCode | undefined]>([
    ["nothing, once it has agreed", {}, undefined],
    ["its agreement", { consent: null }, "consent-missing"],
    ["its agreement, which was refused", { consent: null, lacking: "consent-declined" }, "consent-declined"],
    ["its agreement, which was ended", { consent: null, lacking: "consent-revoked" }, "consent-revoked"],
    ["its agreement, for another reason", { consent: null, lacking: "audience-widened" }, "audience-widened"],
    ["nothing, where a refusal came before it agreed", { lacking: "consent-declined" }, undefined],
    ["a look at it", { now: tavern({ membership: "unknown" }) }, "room-unread"],
    ["a look at the other one", { there: other({ membership: "unknown" }) }, "room-unread"],
    ["being in it", { now: tavern({ membership: "leave" }) }, "not-in-room"],
    ["an open room", { now: tavern({ tombstone: { successor: null } }) }, "room-upgraded"],
    ["being in it, first", { now: tavern({ membership: "ban", tombstone: { successor: null } }) }, "not-in-room"],
    ["an agreement to these terms", { facts: { terms: { ...TERMS, carrier: ANA } } }, "consent-missing"],
    [
      "an agreement to these terms, which was refused in another way",
      { facts: { terms: { ...TERMS, carrier: ANA } }, lacking: "audience-widened" },
      "audience-widened",
    ],
    ["somebody who may speak for it", { consent: { approver: ANA } }, "approver-lost-power"],
    ["somebody who is still in it", { consent: { approver: JO } }, "approver-lost-power"],
    [
      "an agreement to who reads by now",
      { there: other({ joined: [KIM, JO], joinRule: "public" }) },
      "audience-widened",
    ],
    ["nothing, where the other room is gone", { there: null }, undefined],
    ["what an admin has ended, though nobody has to be asked", { ...ended(), consent: null }, "consent-revoked"],
  ])("%s", (_name, given, expected) => expect(gapIn(given)?.code).toBe(expected));

  function ended(): Case {
    return { now: tavern({ connections: connection("revoked") }), there: other({ joined: [KIM, ANA] }) };
  }

  test("nothing, where nobody has to be asked: but a refusal counts", () => {
    const alone = { there: other({ joined: [KIM] }), now: tavern({ joined: [KIM] }), consent: null };
    expect(gapIn(alone)).toBeNull();
    expect(gapIn({ ...alone, lacking: "consent-declined" })?.code).toBe("consent-declined");
    expect(gapIn({ ...alone, lacking: "consent-revoked" })?.code).toBe("consent-revoked");
    expect(gapIn({ ...alone, lacking: "audience-widened" })).toBeNull();
  });

  test("is said with the room's name, and with who it is about", () => {
    expect(gapIn({ now: tavern({ membership: "leave" }) })?.sentence).toContain("“Tavern”");
    expect(gapIn({ consent: { approver: ANA } })?.sentence).toContain(`${ANA} agreed for “Tavern”`);
    expect(gapIn({ there: other({ joined: [KIM, JO], joinRule: "public" }) })?.sentence).toContain(
      ": anyone on Matrix, now and later: everybody may join “Kitchen”.",
    );
    const rooms = new Map([[KITCHEN, other()]]);
    const facts = { link: LINK, replaced: [], terms: TERMS, account: KIM, consents: new Map(), lacking: new Map() };
    const gone = gapsOf({ ...facts, rooms }).get(TAVERN);
    expect(gone?.code).toBe("not-in-room");
    expect(gone?.sentence).toContain(TAVERN);
  });
});

describe("what a room's state says of its agreement", () => {
  const byState = { way: "state-event", seen: true } as const;
  const own = { way: "own", eventId: SAID } as const;
  test.each<[string, Partial<Consent> | null, RoomFacts["connections"], boolean]>([
    ["an agreement by a message needs none", {}, [], false],
    ["an agreement by a message, whatever stood there once", { seen: true }, [], false],
    ["an agreement by a message, and anything there", {}, connection("something"), false],
    ["ended", {}, connection("revoked"), true],
    ["ended before it agreed", { overrules: SAID }, connection("revoked"), false],
    ["ended again since", { overrules: SAID }, connection("revoked", "$again" as EventId), true],
    ["another link's end", {}, connection("revoked", SAID, "another"), false],
    ["an agreement by state, as it was", byState, connection("approved"), false],
    ["an agreement by state, written anew", byState, connection("approved", "$new" as EventId), true],
    ["an agreement by state that is gone", byState, [], true],
    [
      "an agreement by state whose end was answered",
      { ...byState, eventId: "$new" as EventId, overrules: SAID },
      connection("revoked"),
      false,
    ],
    [
      "an agreement by state beside what is said of another link",
      byState,
      [...connection("approved", "$new" as EventId, "another"), ...connection("approved")],
      false,
    ],
    ["an own agreement that has not stood there yet", { ...own, seen: false }, [], false],
    ["an own agreement that has stood there and is gone", { ...own, seen: true }, [], true],
    ["an own agreement that stands there", { ...own, seen: true }, connection("active"), false],
    ["an own agreement that stands there as given", { ...own, seen: true }, connection("approved"), false],
    ["an own agreement in whose place something else stands", { ...own, seen: true }, connection("paused"), true],
    ["no agreement, and no end", null, connection("active"), false],
  ])("%s", (_name, consent, connections, isEnded) => {
    const code = gapIn({ now: tavern({ connections }), consent })?.code;
    expect(code === "consent-revoked").toBe(isEnded);
  });

  test("what says that it has ended is named, whichever of several keys it stands under", () => {
    const at = (...connections: RoomFacts["connections"]) =>
      revocationIn(tavern({ connections }), [LINK, "before" as LinkId]);
    const [ended] = connection("revoked", "$ended" as EventId, "before");
    const [active] = connection("active");
    expect(ended && active && at(active, ended)).toBe("$ended");
    expect(active && at(active)).toBeNull();
    expect(at()).toBeNull();
  });
});

describe("the terms", () => {
  test("are those of a link, its rooms by their ids", () => {
    const link = linkBetween([TAVERN, KITCHEN], { direction: "one-way", carrier: ANA, tells: ["pins"] });
    const terms = { mode: "copy", direction: "one-way", carrier: ANA, rooms: [TAVERN, KITCHEN], tells: ["pins"] };
    expect(termsOf(link)).toEqual(terms);
  });

  test("say where a room's messages go, and where others come from", () => {
    const three: Terms = { ...TERMS, rooms: [TAVERN, KITCHEN, SPACE] };
    expect(peersOf(three, KITCHEN)).toEqual({ to: [TAVERN, SPACE], from: [TAVERN, SPACE] });
    expect(peersOf({ ...three, direction: "one-way" }, TAVERN)).toEqual({ to: [KITCHEN, SPACE], from: [] });
    expect(peersOf({ ...three, direction: "one-way" }, SPACE)).toEqual({ to: [], from: [TAVERN] });
  });

  test("of a kind that this Ferry does not know include nothing", () => {
    expect(covers({ ...TERMS, mode: "move" as "copy" }, TERMS, TAVERN)).toBe(false);
  });

  test("of a link of three: one room that nobody has looked at is enough to wait", () => {
    const third = other({ roomId: SPACE, membership: "unknown" });
    const rooms = new Map([tavern(), other(), third].map((facts) => [facts.roomId, facts]));
    const terms: Terms = { ...TERMS, rooms: [TAVERN, KITCHEN, SPACE] };
    expect(gapIn({ consent: { terms }, facts: { terms, rooms } })?.code).toBe("room-unread");
  });
});

test("a link's state event is found by its key, in a room that there is", () => {
  const [first] = connection("active", SAID, "another");
  const [second] = connection("revoked");
  const both = tavern({ connections: first && second ? [first, second] : [] });
  expect(connectionIn(both, LINK)).toBe(second);
  expect(connectionIn(undefined, LINK)).toBeUndefined();
});

describe("who is asked, and why", () => {
  const needs = (from: RoomFacts, to: RoomFacts, terms: Terms = TERMS) =>
    needsOf(terms, from, new Map([from, to].map((facts) => [facts.roomId, facts])), KIM);
  const oneWay: Terms = { ...TERMS, direction: "one-way" };

  test("because of who gains access, and because of who gets the copies", () => {
    expect(needs(tavern(), other())).toEqual([
      { kind: "disclosure", reason: "Its messages could also be read by 1 person who is not in “Tavern”." },
      { kind: "receiving", reason: "One person besides you is in it, and would get the copies." },
    ]);
    expect(needs(tavern({ joined: [KIM, ANA], invited: [JO, ANA] }), other({ joined: [KIM] }))).toEqual([
      { kind: "receiving", reason: "2 people besides you are in it, and would get the copies." },
    ]);
  });

  test("not where a room is the user's alone, or nothing comes into it, or goes out of it", () => {
    expect(needs(tavern({ joined: [KIM] }), other({ joined: [KIM] }))).toEqual([]);
    expect(needs(tavern(), other(), oneWay).map(({ kind }) => kind)).toEqual(["disclosure"]);
    expect(needs(other(), tavern(), oneWay).map(({ kind }) => kind)).toEqual(["receiving"]);
    expect(needsOf(TERMS, tavern(), new Map([[TAVERN, tavern()]]), KIM).map(({ kind }) => kind)).toEqual(["receiving"]);
    expect(needsOf({ ...oneWay, rooms: [] }, tavern(), new Map(), KIM)).toEqual([]);
  });

  test("each reason once, of all rooms that a room's messages go to", () => {
    const third = other({ roomId: SPACE, joined: [KIM, JO] });
    const rooms = new Map([tavern(), other(), third].map((facts) => [facts.roomId, facts]));
    const [disclosure] = needsOf({ ...TERMS, rooms: [TAVERN, KITCHEN, SPACE] }, tavern(), rooms, KIM);
    expect(disclosure?.reason).toBe("Its messages could also be read by 1 person who is not in “Tavern”.");
  });

  test("whoever is in the room and has the power for its state event", () => {
    const levels = (events: Record<string, number>): RoomFacts["power"] => ({
      create: { sender: KIM, content: {} },
      powerLevels: { users: { [KIM]: 100, [ANA]: 60, [JO]: 100 }, events },
    });
    const facts = tavern({ power: levels({}) });
    expect([requiredPower(facts), approversOf(facts), isApprover(JO, facts)]).toEqual([50, [KIM, ANA], false]);
    const strict = tavern({ power: levels({ [CONNECTION]: 70 }) });
    expect([requiredPower(strict), approversOf(strict)]).toEqual([70, [KIM]]);
    expect(isApprover(ANA, tavern({ power: levels({ [CONNECTION]: 60 }) }))).toBe(true);
  });
});

describe("who can read more than when a room agreed", () => {
  const widened = (before: Partial<AudienceRecord> | null, now: Partial<RoomFacts>, here: Partial<RoomFacts> = {}) => {
    const record = { ...recordOf(other()), gains: ["people" as const], ...before };
    return gapIn({ now: tavern(here), there: other(now), consent: { audience: before === null ? [] : [record] } });
  };

  test("nobody, where other people come under the same rules", () => {
    expect(widened({}, { joined: [KIM, JO, "@li:two.test" as UserId] })).toBeNull();
  });

  test("nobody, where nobody gains access any more", () => {
    expect(widened({ bridges: ["IRC"] }, { joined: [KIM, ANA] })).toBeNull();
    expect(widened(null, { joined: [KIM, ANA] })).toBeNull();
    const readByAll = { encrypted: false, historyVisibility: "world_readable" };
    expect(widened({ encrypted: false }, { encrypted: false, joinRule: "public" }, readByAll)).toBeNull();
  });

  test("everybody, where it is not known who could read it then", () => {
    expect(widened(null, {})?.sentence).toContain("when it agreed: 1 person who is not in “Tavern”.");
    expect(widened({ roomId: SPACE }, {})?.code).toBe("audience-widened");
  });

  test("homeservers, where the room itself has been encrypted since: once, and not where that was agreed to", () => {
    const open = { encrypted: false };
    expect(widened(open, open, { encrypted: false })).toBeNull();
    expect(widened(open, open)?.sentence).toContain(
      "when it agreed: whoever runs the servers of the people in “Kitchen”: it is not encrypted.",
    );
    expect(widened({ ...open, gains: ["people", "homeserver"] }, open)).toBeNull();
    expect(widened({ ...open, gains: undefined as never }, open)?.code).toBe("audience-widened");
    expect(widened({}, open)?.sentence.match(/whoever runs/g)).toHaveLength(1);
  });
});

import { describe, expect, test } from "vitest";
import { describeAudience, exposureOf, gainsOf, recordOf, wideningsOf } from "../../../main/bridge/audience.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { ANA, codes, JO, KIM, kitchen, KITCHEN, room, SPACE } from "./audience-support.ts";

const OPEN: Partial<RoomFacts> = { encrypted: false, joinRule: "public" };
const WORLD: Partial<RoomFacts> = { encrypted: false, historyVisibility: "world_readable" };
const WORLD_WITH_KEYS: Partial<RoomFacts> = { historyVisibility: "world_readable" };
const WITH_JO: Partial<RoomFacts> = { joined: [KIM, JO] };

describe("who gains access by a copy", () => {
  test.each<[string, Partial<RoomFacts>, Partial<RoomFacts>, string[]]>([
    ["nobody, where the people are the same", {}, {}, []],
    ["nobody in a room of one's own", {}, { joined: [KIM] }, []],
    ["nobody in a private room of one's own that guests might be invited to", {}, { guestsMayJoin: true }, []],
    ["nobody in a room that nobody may join by a rule", {}, { joinRule: "private" }, []],
    ["nobody where a restricted room admits no room", {}, { joinRule: "restricted" }, []],
    ["nobody where a restricted room admits the source", {}, { joinRule: "restricted", allowedRooms: [KITCHEN] }, []],
    ["nobody by being listed alone", {}, { published: true }, []],
    ["somebody who is not in the source", {}, WITH_JO, ["people"]],
    ["somebody invited", {}, { invited: [JO] }, ["people"]],
    ["somebody invited, where only members read on", {}, { invited: [JO], historyVisibility: "joined" }, ["people"]],
    ["somebody who is only invited to the source", { invited: [JO] }, WITH_JO, ["people"]],
    ["whoever joins", {}, { joinRule: "public" }, ["whoever-joins"]],
    ["whoever joins and finds it", {}, { joinRule: "public", published: true }, ["whoever-joins", "directory"]],
    ["whoever knocks and finds it", {}, { joinRule: "knock", published: true }, ["whoever-knocks", "directory"]],
    ["anyone who finds it", {}, { historyVisibility: "world_readable", published: true }, ["anyone", "directory"]],
    [
      "whoever joins, where both are listed",
      { published: true },
      { joinRule: "public", published: true },
      ["whoever-joins"],
    ],
    ["somebody, and nobody by its being listed", {}, { ...WITH_JO, published: true }, ["people"]],
    ["nobody who is in the source, invited though they are", {}, { invited: [ANA] }, []],
    ["whoever joins by an unknown rule", {}, { joinRule: "org.example.quiz" }, ["whoever-joins"]],
    ["whoever knocks", {}, { joinRule: "knock" }, ["whoever-knocks"]],
    ["members of a space", {}, { joinRule: "restricted", allowedRooms: [SPACE, KITCHEN] }, ["members-of-other-rooms"]],
    [
      "members of a space, and whoever knocks",
      {},
      { joinRule: "knock_restricted", allowedRooms: [SPACE] },
      ["whoever-knocks", "members-of-other-rooms"],
    ],
    [
      "later members of the source, where they find its past",
      { historyVisibility: "joined" },
      { joinRule: "restricted", allowedRooms: [KITCHEN] },
      ["earlier-messages"],
    ],
    ["allowed rooms of another rule: nobody", {}, { allowedRooms: [SPACE] }, []],
    ["guests of a public room", {}, { joinRule: "public", guestsMayJoin: true }, ["whoever-joins", "guests"]],
    ["operators", {}, { encrypted: false }, ["homeserver"]],
    ["other networks", {}, { bridges: ["IRC"] }, ["bridge"]],
    ["other networks, where the source has a bridge too", { bridges: ["IRC"] }, { bridges: ["IRC"] }, ["bridge"]],
    ["anyone without joining", {}, WORLD, ["anyone", "homeserver"]],
    [
      "anyone, whom joiners and guests are part of",
      {},
      { ...OPEN, ...WORLD, guestsMayJoin: true },
      ["anyone", "homeserver"],
    ],
    ["anyone with its keys", {}, { historyVisibility: "world_readable" }, ["anyone"]],
    ["anyone by an unknown visibility", {}, { historyVisibility: "org.example.moon" }, ["anyone"]],
    ["what cannot be seen in the destination", {}, { membership: "leave" }, ["people"]],
    ["what cannot be seen in an empty destination", {}, { joined: [] }, ["people"]],
    ["what cannot be seen in the source", { membership: "ban" }, {}, ["people"]],
    ["what cannot be seen in an open source", { ...WORLD, membership: "leave" }, {}, ["people"]],
  ])("%s", (_name, source, destination, expected) => {
    expect(codes(gainsOf(kitchen(source), room(destination)))).toEqual(expected);
  });

  test.each<[string, Partial<RoomFacts>, Partial<RoomFacts>, string[]]>([
    ["public to the same", OPEN, { ...OPEN, ...WITH_JO, published: true }, []],
    ["public to other people's private room", OPEN, WITH_JO, []],
    ["public to world readable", OPEN, WORLD, ["anyone"]],
    ["public to a bridged room", OPEN, { ...OPEN, bridges: ["IRC"] }, ["bridge"]],
    ["public to guests", OPEN, { ...OPEN, guestsMayJoin: true }, ["guests"]],
    ["public with guests to guests", { ...OPEN, guestsMayJoin: true }, { ...OPEN, guestsMayJoin: true }, []],
    [
      "public without a past to the same",
      { ...OPEN, historyVisibility: "joined" },
      { ...OPEN, historyVisibility: "joined" },
      ["whoever-joins"],
    ],
    ["public and encrypted to the same", { joinRule: "public" }, { joinRule: "public" }, ["whoever-joins"]],
    ["world readable to anything", WORLD, { ...OPEN, ...WORLD, ...WITH_JO, bridges: ["IRC"], guestsMayJoin: true }, []],
    [
      "world readable and encrypted to the same",
      { historyVisibility: "world_readable" },
      { historyVisibility: "world_readable" },
      ["anyone"],
    ],
  ])("from an open source: %s", (_name, source, destination, expected) => {
    expect(codes(gainsOf(kitchen(source), room(destination)))).toEqual(expected);
  });

  test("whoever can be invited by people from outside is told with them, once", () => {
    const levels = (invite: number | string, jo: number): RoomFacts["power"] => ({
      create: { sender: KIM, content: {} },
      powerLevels: { invite, users: { [KIM]: 100, [JO]: jo } },
    });
    const invites = (power: RoomFacts["power"], changes: Partial<RoomFacts> = {}): string | undefined =>
      gainsOf(kitchen(), room({ ...WITH_JO, power, ...changes })).find(({ code }) => code === "whoever-is-invited")
        ?.sentence;
    expect(invites(levels(50, 50))).toBe("whoever the members of “Tavern” invite");
    expect(invites(levels("50", 50), { joined: [KIM, JO, "@li:two.test" as UserId] })).toBe(
      "whoever the admins of “Tavern” invite",
    );
    expect(invites(levels(50, 0))).toBeUndefined();
    expect(invites({ ...levels(0, 0), powerLevels: null })).toBe("whoever the members of “Tavern” invite");
    expect(invites(levels(0, 0), { joinRule: "public" })).toBeUndefined();
  });

  test("is said in plain words, with numbers", () => {
    const people = (count: number): UserId[] => Array.from({ length: count }, (_, n) => `@p${n}:two.test` as UserId);
    const told = (changes: Partial<RoomFacts>): string[] =>
      gainsOf(kitchen(), room(changes)).map(({ sentence }) => sentence);
    expect(told({ joined: [KIM, ...people(14)] })).toEqual(["14 people who are not in “Kitchen”"]);
    expect(told({ joined: [KIM, JO] })).toEqual(["1 person who is not in “Kitchen”"]);
    expect(told({ joined: [KIM, JO], invited: people(2) })).toEqual([
      "3 people who are not in “Kitchen”, 2 of them only invited so far",
    ]);
    expect(told({ joined: [KIM, JO], invited: [JO] })).toEqual(["1 person who is not in “Kitchen”"]);
    expect(told({ invited: [JO] })).toEqual(["1 person who is invited to “Tavern” and not in “Kitchen”"]);
    expect(told({ joinRule: "public" })).toEqual(["anyone on Matrix, now and later: everybody may join “Tavern”"]);
    expect(told(WORLD)).toEqual([
      "anyone on Matrix, now and later, even without joining: the history of “Tavern” is open to everybody",
      "whoever runs the servers of the people in “Tavern”: it is not encrypted",
    ]);
    expect(told({ joinRule: "restricted", allowedRooms: [SPACE] })).toEqual([
      "the members of another room, who may join “Tavern”, now and later",
    ]);
    expect(told({ bridges: ["IRC", "Discord", "IRC"] })).toEqual([
      "whoever is connected to “Tavern” from “IRC” and “Discord”",
    ]);
    expect(told({ bridges: Array.from({ length: 7 }, (_, n) => `Net ${n}`) })[0]).toContain(
      "“Net 4” and 2 other networks",
    );
  });
});

test.each<[string, Partial<RoomFacts>, Partial<RoomFacts>, string[]]>([
  ["more people", {}, { joined: [KIM, ANA, JO], invited: ["@li:two.test" as UserId] }, []],
  ["made public", {}, { joinRule: "public" }, ["whoever-joins"]],
  ["made private", OPEN, { ...OPEN, joinRule: "invite" }, []],
  ["public to anything", { joinRule: "public" }, { joinRule: "org.example.quiz" }, []],
  ["to an unknown rule", { joinRule: "knock" }, { joinRule: "org.example.quiz" }, ["whoever-joins"]],
  ["from an unknown rule to knocking", { joinRule: "org.example.quiz" }, { joinRule: "knock" }, ["whoever-knocks"]],
  ["from an unknown rule to invitations", { joinRule: "org.example.quiz" }, {}, []],
  [
    "one more room under an unknown rule",
    { joinRule: "org.example.quiz" },
    { joinRule: "org.example.quiz", allowedRooms: [SPACE] },
    ["members-of-other-rooms"],
  ],
  ["knocking", {}, { joinRule: "knock" }, ["whoever-knocks"]],
  [
    "knocking turned to a space",
    { joinRule: "knock" },
    { joinRule: "restricted", allowedRooms: [SPACE] },
    ["members-of-other-rooms"],
  ],
  [
    "another space",
    { joinRule: "restricted", allowedRooms: [SPACE] },
    { joinRule: "restricted", allowedRooms: [SPACE, KITCHEN] },
    ["members-of-other-rooms"],
  ],
  [
    "a space that was listed under a rule that did not use it",
    { allowedRooms: [SPACE] },
    { joinRule: "restricted", allowedRooms: [SPACE] },
    ["members-of-other-rooms"],
  ],
  [
    "a space less",
    { joinRule: "knock_restricted", allowedRooms: [SPACE, KITCHEN] },
    { joinRule: "restricted", allowedRooms: [SPACE] },
    [],
  ],
  ["world readable", {}, { historyVisibility: "world_readable" }, ["anyone"]],
  ["an unknown visibility", {}, { historyVisibility: "org.example.moon" }, ["anyone"]],
  ["a past", { historyVisibility: "joined" }, {}, ["earlier-messages"]],
  [
    "a past since the invitation",
    { historyVisibility: "joined" },
    { historyVisibility: "invited" },
    ["earlier-messages"],
  ],
  ["a past less", { historyVisibility: "world_readable" }, { historyVisibility: "joined" }, []],
  [
    "from everybody to an unknown visibility",
    { historyVisibility: "world_readable" },
    { historyVisibility: "org.example.moon" },
    [],
  ],
  ["known to hide the past", { historyVisibility: "org.example.moon" }, { historyVisibility: "joined" }, []],
  ["known to show the past", { historyVisibility: "org.example.moon" }, {}, ["earlier-messages"]],
  ["guests", {}, { guestsMayJoin: true }, ["guests"]],
  ["encryption gone", {}, { encrypted: false }, ["homeserver"]],
  ["encryption new", { encrypted: false }, {}, []],
  ["listed", {}, { published: true }, ["directory"]],
  ["found listed", { published: null }, { published: true }, ["directory"]],
  ["not known to be listed", {}, { published: null }, []],
  ["not listed any more", { published: true }, {}, []],
  ["another bridge", { bridges: ["IRC"] }, { bridges: ["Discord", "IRC"] }, ["bridge"]],
  ["another bridge to the same network", { bridges: ["IRC"] }, { bridges: ["IRC", "IRC"] }, ["bridge"]],
  ["a bridge less", { bridges: ["IRC", "Discord"] }, { bridges: ["Discord"] }, []],
  [
    "everything at once",
    {},
    { ...OPEN, ...WORLD, guestsMayJoin: true, published: true, bridges: ["IRC"] },
    ["anyone", "whoever-joins", "guests", "homeserver", "bridge", "directory"],
  ],
])("an audience widens in kind: %s", (_name, before, now, expected) => {
  expect(codes(wideningsOf(recordOf(room(before)), room(now)))).toEqual(expected);
});

test("of several bridges those that are new are told", () => {
  const [gain] = wideningsOf(
    recordOf(room({ bridges: ["IRC", "Signal"] })),
    room({ bridges: ["Discord", "IRC", "Signal"] }),
  );
  expect(gain?.sentence).toBe("whoever is connected to “Tavern” from “Discord”");
});

describe("exposure", () => {
  test.each<[string, Partial<RoomFacts>, Partial<RoomFacts>, string | null]>([
    ["encrypted to encrypted", {}, { joinRule: "public" }, null],
    ["nothing to lose", { encrypted: false }, WORLD, null],
    ["to itself", WORLD_WITH_KEYS, { ...WORLD_WITH_KEYS, roomId: KITCHEN }, null],
    [
      "unencrypted",
      {},
      { encrypted: false },
      "“Kitchen” is encrypted and “Tavern” is not: whoever runs its servers can read the copies.",
    ],
    [
      "unencrypted and world readable",
      {},
      WORLD,
      "“Kitchen” is encrypted and “Tavern” is not: whoever runs its servers can read the copies, and anyone can read them without joining.",
    ],
    [
      "world readable",
      {},
      { historyVisibility: "world_readable" },
      "“Kitchen” is encrypted, and the history of “Tavern” is open to everybody: whoever comes by its keys can read the copies without joining.",
    ],
    [
      "an unknown visibility",
      {},
      { historyVisibility: "org.example.moon" },
      "“Kitchen” is encrypted, and the history of “Tavern” is open to people by a rule that Ferry does not know: whoever comes by its keys can read the copies without joining.",
    ],
  ])("%s", (_name, source, destination, expected) => {
    expect(exposureOf(kitchen(source), room(destination))).toBe(expected);
  });
});

test.each<[Partial<RoomFacts>, string]>([
  [
    {},
    "“Tavern” has 2 members; nobody may join without an invitation; newcomers can read what was written before; it is encrypted.",
  ],
  [
    { joined: [KIM], invited: [JO], joinRule: "knock_restricted", allowedRooms: [SPACE], historyVisibility: "joined" },
    "“Tavern” has 1 member and 1 person invited; the members of another room may join and anyone else may ask to; newcomers cannot read what was written before they joined; it is encrypted.",
  ],
  [
    { ...OPEN, ...WORLD, guestsMayJoin: true, published: true, bridges: ["IRC"] },
    "“Tavern” has 2 members; anyone on Matrix may join; anyone can read it without joining; it is not encrypted; guests without an account are admitted like others; it is listed in a public directory; it is connected to “IRC”.",
  ],
])("an audience is described: %o", (changes, expected) => {
  expect(describeAudience(recordOf(room(changes)))).toBe(expected);
});

describe("the record", () => {
  const record = recordOf(room({ bridges: ["IRC"], allowedRooms: [SPACE, SPACE] }));

  test("survives the database", () => {
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(record.allowedRooms).toEqual([SPACE]);
  });
});

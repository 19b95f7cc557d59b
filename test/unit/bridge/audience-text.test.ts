import { describe, expect, test } from "vitest";
import { describeAudience, exposureOf, gainsOf, recordOf, wideningsOf } from "../../../main/bridge/audience.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { ANA, JO, KIM, kitchen, KITCHEN, room, SPACE } from "./audience-support.ts";

/** The parts of the sentence that describes a room's audience: who is in it, who may join, what newcomers read, … */
const described = (changes: Partial<RoomFacts>): string[] => describeAudience(recordOf(room(changes))).split("; ");

describe("an audience in words", () => {
  test.each<[Partial<RoomFacts>, string]>([
    [{ joinRule: "invite" }, "nobody may join without an invitation"],
    [{ joinRule: "private" }, "nobody may join without an invitation"],
    [{ joinRule: "public" }, "anyone on Matrix may join"],
    [{ joinRule: "knock" }, "anyone may ask to join"],
    [{ joinRule: "restricted" }, "nobody may join without an invitation"],
    [{ joinRule: "restricted", allowedRooms: [SPACE] }, "the members of another room may join"],
    [{ joinRule: "restricted", allowedRooms: [SPACE, KITCHEN] }, "the members of 2 other rooms may join"],
    [{ joinRule: "knock_restricted" }, "anyone may ask to join"],
    [
      { joinRule: "knock_restricted", allowedRooms: [SPACE, KITCHEN] },
      "the members of 2 other rooms may join and anyone else may ask to",
    ],
    [{ joinRule: "org.example.quiz" }, "who may join is set by a rule that Ferry does not know"],
  ])("says who may join: %j", (changes, expected) => expect(described(changes)[1]).toBe(expected));

  test.each<[string, string]>([
    ["joined", "newcomers cannot read what was written before they joined"],
    ["invited", "newcomers can read what was written since they were invited"],
    ["shared", "newcomers can read what was written before"],
    ["world_readable", "anyone can read it without joining"],
    ["org.example.moon", "who may read what was written before is set by a rule that Ferry does not know"],
  ])("says what newcomers read: %s", (historyVisibility, expected) => {
    expect(described({ historyVisibility })[2]).toBe(expected);
  });

  test("counts who is in it, and who is invited", () => {
    expect(described({ joined: [KIM], invited: [] })[0]).toBe("“Tavern” has 1 member");
    expect(described({ joined: [KIM], invited: [JO] })[0]).toBe("“Tavern” has 1 member and 1 person invited");
    expect(described({ joined: [KIM, ANA], invited: [JO, ANA] })[0]).toBe(
      "“Tavern” has 2 members and 2 people invited",
    );
  });
});

const newcomers = (before: string, now: string): (string | undefined)[] =>
  wideningsOf(recordOf(room({ historyVisibility: before })), room({ historyVisibility: now })).map(
    ({ sentence }) => sentence,
  );

test("what newcomers can read by now is told apart", () => {
  const [invited] = newcomers("joined", "invited");
  const [shared] = newcomers("joined", "shared");
  expect(invited).toBe("whoever is invited to “Tavern”, for what is written before they join");
  expect(shared).toBe("whoever joins “Tavern” later, for what was written before");
});

test("a room whose people cannot be seen is said to be such", () => {
  expect(gainsOf(kitchen(), room({ membership: "leave" })).map(({ sentence }) => sentence)).toEqual([
    "people whom Ferry cannot compare: it does not see who is in “Tavern”",
  ]);
});

test("where a rule is not known, perhaps anyone can read", () => {
  expect(exposureOf(kitchen(), room({ encrypted: false, historyVisibility: "org.example.moon" }))).toBe(
    "“Kitchen” is encrypted and “Tavern” is not: whoever runs its servers can read the copies, and perhaps anyone can read them without joining.",
  );
});

test("a record is the same for the same room, in whatever order its state names things", () => {
  const record = recordOf(room({ allowedRooms: [SPACE, KITCHEN, SPACE], bridges: ["Signal", "IRC", "IRC"] }));
  expect(record.allowedRooms).toEqual([KITCHEN, SPACE]);
  expect(record.bridges).toEqual(["IRC", "IRC", "Signal"]);
});

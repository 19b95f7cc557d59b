import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../main/matrix/event.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import { approverLevel, CREATOR, mayNotifyRoom, powerOf, type PowerState } from "../../../main/matrix/power-levels.ts";

const ANA = "@ana:one.test" as UserId;
const BEA = "@bea:two.test" as UserId;
const TYPE = "org.example.connection";

const room = (version: string | undefined, powerLevels: JsonObject | null, create: JsonObject = {}): PowerState => ({
  create: { sender: ANA, content: { ...(version === undefined ? {} : { room_version: version }), ...create } },
  powerLevels,
});

test.each<[string, UserId, PowerState, boolean]>([
  ["the level that is needed where none is set", BEA, room("10", { users: { [BEA]: 50 } }), true],
  ["less", BEA, room("10", { users: { [BEA]: 49 } }), false],
  ["a level that is set lower", BEA, room("10", { users: {}, notifications: { room: 0 } }), true],
  ["a level that is set higher", BEA, room("10", { users: { [BEA]: 50 }, notifications: { room: 51 } }), false],
  ["a level that is none", BEA, room("10", { users: { [BEA]: 49 }, notifications: { room: null } }), false],
  ["a room without levels", BEA, room("10", null), false],
  ["a creator", ANA, room("12", { notifications: { room: 1_000 } }), true],
])("“@room” rings by the sender's power: %s", (_name, user, state, expected) => {
  expect(mayNotifyRoom(user, state)).toBe(expected);
});

describe("a member's power", () => {
  test.each<[string, UserId, PowerState, number]>([
    ["of the list", BEA, room("10", { users: { [BEA]: 75 } }), 75],
    ["below zero", BEA, room("10", { users: { [BEA]: -1 } }), -1],
    ["by the room's default", BEA, room("10", { users: { [ANA]: 100 }, users_default: 20 }), 20],
    ["without any default", BEA, room("10", { users: {} }), 0],
    ["a creator not in the list, before version 12", ANA, room("11", { users: {} }), 0],
    ["a creator where power levels have never been set", ANA, room("10", null), 100],
    ["another member there", BEA, room("10", null), 0],
    ["a room without a version", ANA, room(undefined, { users: { [ANA]: 100 } }), 100],
    ["a string, as rooms before version 10 allow", BEA, room("6", { users: { [BEA]: " 50 " } }), 50],
    ["a string that is no number", BEA, room("6", { users: { [BEA]: "lots" }, users_default: 5 }), 5],
    ["a fraction, which no room allows", BEA, room("6", { users: { [BEA]: 99.5 } }), 0],
    ["a list that is none", BEA, room("10", { users: ["x"], users_default: 3 }), 3],
  ])("%s", (_name, user, state, expected) => expect(powerOf(user, state)).toBe(expected));

  test("creators stand above all levels from room version 12 on", () => {
    const levels = { users: { [BEA]: 100 } };
    expect(powerOf(ANA, room("12", levels))).toBe(CREATOR);
    expect(powerOf(ANA, room("12", null))).toBe(CREATOR);
    expect(powerOf(BEA, room("12", levels))).toBe(100);
    expect(powerOf(BEA, room("12", levels, { additional_creators: [BEA] }))).toBe(CREATOR);
    expect(powerOf(BEA, room("12", levels, { additional_creators: BEA }))).toBe(100);
    expect(powerOf(BEA, room("11", levels, { additional_creators: [BEA] }))).toBe(100);
    expect(powerOf(ANA, room("100", null))).toBe(CREATOR);
    // Not by the order of strings, and not in experimental versions, whose rules nobody knows.
    expect(powerOf(ANA, room("9", { users: {} }))).toBe(0);
    expect(powerOf(ANA, room("org.example.12", { users: {} }))).toBe(0);
  });

  test("the creator is who the content names before version 11, and the sender from then on", () => {
    const named = { creator: BEA };
    for (const version of [undefined, "1", "10"]) {
      expect(powerOf(BEA, room(version, null, named))).toBe(100);
      expect(powerOf(ANA, room(version, null, named))).toBe(0);
    }
    for (const version of ["11", "12"]) {
      expect(powerOf(BEA, room(version, null, named))).toBe(0);
      expect(powerOf(ANA, room(version, null, named))).toBeGreaterThanOrEqual(100);
    }
  });

  test("names of JavaScript's own are nobody's power", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(powerOf(name as UserId, room("10", { users: {}, users_default: 1 }))).toBe(1);
      expect(approverLevel(name, { events: {}, state_default: 60 })).toBe(60);
    }
  });

  test("is a number whatever a homeserver says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (users, fallback) => {
        const levels = { users, users_default: fallback } as JsonObject;
        expect(powerOf(BEA, room("10", levels))).not.toBeNaN();
        expect(approverLevel(TYPE, { events: users, state_default: fallback } as JsonObject)).toBeGreaterThanOrEqual(
          50,
        );
      }),
    );
  });
});

describe("the level of an approver", () => {
  test.each<[string, JsonObject | null, number]>([
    ["that of the event", { events: { [TYPE]: 80 } }, 80],
    ["as a string", { events: { [TYPE]: "80" } }, 80],
    ["at least 50, whatever the room asks for", { events: { [TYPE]: 0 } }, 50],
    ["that of state events", { events: {}, state_default: 70 }, 70],
    ["50 where the room says nothing", {}, 50],
    ["50 where the room has no power levels", null, 50],
  ])("%s", (_name, levels, expected) => expect(approverLevel(TYPE, levels)).toBe(expected));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../main/matrix/event.ts";
import { CONNECTION } from "../../../main/matrix/unstable.ts";
import { roomFacts } from "../../../main/protocol/values.ts";
import { mayChange } from "../../../renderer/engine/fact-changes.ts";
import { readFacts, STATE_TYPES } from "../../../renderer/engine/facts.ts";
import { ANA, BEA, ME, memberOf, messageOf, ROOM, Scene, stateOf, syncOf, type RawEvent } from "./room-support.ts";

const HERE = { membership: "join", encrypted: true, published: false };
const factsOf = (...state: RawEvent[]) => readFacts(new Scene(state).room, HERE);

describe("a room's facts", () => {
  test("of a room that says next to nothing are the specification's defaults", () => {
    expect(factsOf()).toMatchObject({
      ...{ joinRule: "invite", allowedRooms: [], historyVisibility: "shared", guestsMayJoin: false, aliases: [] },
      ...{ joined: [ME], invited: [], bridges: [], tombstone: null, connections: [] },
      power: { create: { sender: ME, content: { room_version: "11" } }, powerLevels: null },
    });
  });

  test("name who may join, read and come by an address", () => {
    const allow = [{ type: "m.room_membership", room_id: "!space:one.test" }, { room_id: "no room" }, "nothing"];
    const facts = factsOf(
      stateOf("m.room.join_rules", { join_rule: "knock_restricted", allow }),
      stateOf("m.room.history_visibility", { history_visibility: "world_readable" }),
      stateOf("m.room.guest_access", { guest_access: "can_join" }),
      stateOf("m.room.canonical_alias", { alias: "#a:one.test", alt_aliases: ["#b:one.test", "#a:one.test", 5] }),
      memberOf(ANA, "invite"),
      memberOf(BEA, "leave"),
    );
    expect(facts).toMatchObject({
      ...{ joinRule: "knock_restricted", allowedRooms: ["!space:one.test"], historyVisibility: "world_readable" },
      ...{ guestsMayJoin: true, aliases: ["#a:one.test", "#b:one.test"], joined: [ME], invited: [ANA] },
    });
  });

  test("name other bridges, by their network, each once, and not those that have been removed", () => {
    const facts = factsOf(
      stateOf("m.bridge", { protocol: { id: "irc", displayname: "IRC" } }, "one"),
      stateOf("uk.half-shot.bridge", { protocol: { id: "irc", displayname: "IRC" } }, "one"),
      stateOf("m.bridge", { network: { id: "x".repeat(5_000) } }, "two"),
      stateOf("m.bridge", { bridgebot: "@bot:one.test" }, "three"),
      stateOf("m.bridge", {}, "four"),
      stateOf("m.bridge", { protocol: { id: "irc", displayname: "IRC" } }, "five"),
    );
    expect(facts?.bridges).toEqual(["IRC", "x".repeat(100), "another network", "IRC"]);
  });

  test.each<[unknown, string | null]>([
    ["!new:one.test", "!new:one.test"],
    [ROOM, null],
    ["nonsense", null],
    [undefined, null],
  ])("a tombstone that names %j leads to %j", (named, successor) => {
    expect(factsOf(stateOf("m.room.tombstone", { replacement_room: named } as JsonObject))?.tombstone).toEqual({
      successor,
    });
  });

  test("keep to the contract whatever the state's contents are", () => {
    const types = STATE_TYPES.filter((type) => type !== "m.room.create" && type !== "m.room.member");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...types), fc.jsonValue(), fc.string())), (state) => {
        const events = state.map(([type, content, key]) => stateOf(type, content as JsonObject, key));
        expect(roomFacts.safeParse(factsOf(...events)).success).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe("whether a response changes a room's facts", () => {
  const standing = {
    membership: "join",
    members: new Map([
      [ME, "join"],
      [ANA, "invite"],
    ]),
  };
  test.each<[string, RawEvent, boolean]>([
    ["a message", messageOf(ANA, "m.room.join_rules"), false],
    ["state of another kind", stateOf("m.room.topic", {}), false],
    ["a connection event", stateOf(CONNECTION, {}, "link"), true],
    ["power levels", stateOf("m.room.power_levels", {}), true],
    ["a new name of somebody who is there", memberOf(ME), false],
    ["an invitation that stands", memberOf(ANA, "invite"), false],
    ["somebody who joins", memberOf(ANA), true],
    ["somebody who was not there and leaves", memberOf(BEA, "leave"), false],
    ["somebody who leaves", memberOf(ME, "ban"), true],
    ["a message that has the type of state", { ...messageOf(ANA, ""), type: "m.room.join_rules" }, false],
  ])("%s", (_name, event, expected) => {
    expect(mayChange(syncOf([event]), ROOM, standing)).toBe(expected);
    expect(mayChange(syncOf([], { state: [event] }), ROOM, standing)).toBe(expected);
    expect(mayChange(syncOf([event]), ROOM, null)).toBe(true);
  });

  test("a gap does, another room does not", () => {
    expect(mayChange(syncOf([], { limited: true }), ROOM, standing)).toBe(true);
    expect(mayChange({ next_batch: "n", rooms: {} } as never, ROOM, standing)).toBe(false);
    expect(mayChange({ next_batch: "n" } as never, ROOM, standing)).toBe(false);
  });
});

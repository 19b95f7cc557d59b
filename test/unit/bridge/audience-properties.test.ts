import fc from "fast-check";
import { expect, test } from "vitest";
import { describeAudience, exposureOf, gainsOf, recordOf, wideningsOf } from "../../../main/bridge/audience.ts";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { codes, JO, KITCHEN, room, SPACE, TAVERN } from "./audience-support.ts";

const PEOPLE = Array.from({ length: 5 }, (_, n) => `@p${n}:one.test` as UserId);
const RULES = ["invite", "private", "public", "knock", "restricted", "knock_restricted", "org.example.quiz"];
const VISIBILITIES = ["joined", "invited", "shared", "world_readable", "org.example.moon"];

function facts(roomId: RoomId, name: fc.Arbitrary<string> = fc.constant("Room")): fc.Arbitrary<RoomFacts> {
  return fc
    .record({
      name,
      encrypted: fc.boolean(),
      joinRule: fc.constantFrom(...RULES),
      allowedRooms: fc.subarray([KITCHEN, SPACE]),
      historyVisibility: fc.constantFrom(...VISIBILITIES),
      guestsMayJoin: fc.boolean(),
      published: fc.constantFrom(true, false, null),
      joined: fc.subarray(PEOPLE, { minLength: 1 }),
      invited: fc.subarray(PEOPLE),
      bridges: fc.array(name, { maxLength: 3 }),
    })
    .map((changes) => room({ roomId, ...changes }));
}
const anyKitchen = facts(KITCHEN);
const anyTavern = facts(TAVERN);

test("a room gains nothing by itself and does not widen by staying as it is", () => {
  fc.assert(
    fc.property(anyKitchen, (all) => {
      expect(gainsOf(all, all)).toEqual([]);
      expect(wideningsOf(recordOf(all), all)).toEqual([]);
      expect(JSON.parse(JSON.stringify(recordOf(all)))).toEqual(recordOf(all));
    }),
  );
});

test("a reader more never makes the gains empty, and is one unless everybody reads the source", () => {
  fc.assert(
    fc.property(anyKitchen, anyTavern, fc.boolean(), (source, destination, isInvited) => {
      const list = isInvited ? "invited" : "joined";
      const more = gainsOf(source, { ...destination, [list]: [...destination[list], JO] });
      if (gainsOf(source, destination).length > 0) expect(more).not.toEqual([]);
      const isOpen =
        !source.encrypted &&
        ["public", "world_readable"].some((way) => [source.joinRule, source.historyVisibility].includes(way));
      if (!isOpen) expect(codes(more)).toContain("people");
    }),
  );
});

test("nobody is exempt who could be read by others", () => {
  let exempt = 0;
  fc.assert(
    fc.property(anyKitchen, anyTavern, (source, destination) => {
      const isExempt = gainsOf(source, destination).length === 0;
      const anyoneReadsSource = source.historyVisibility === "world_readable" && !source.encrypted;
      if (!isExempt || anyoneReadsSource) return;
      exempt += 1;
      expect(destination.historyVisibility).not.toBe("world_readable");
      expect(destination.bridges).toEqual([]);
      expect(source.encrypted && !destination.encrypted).toBe(false);
      const everybodyMayJoinSource = source.joinRule === "public" && !source.encrypted;
      if (everybodyMayJoinSource) return;
      expect(["invite", "private", "restricted"]).toContain(destination.joinRule);
      for (const user of [...destination.joined, ...destination.invited]) expect(source.joined).toContain(user);
    }),
    { numRuns: 20_000 },
  );
  expect(exempt).toBeGreaterThan(20);
});

test("an audience does not widen in steps that are none, and what opens it is always seen", () => {
  fc.assert(
    fc.property(anyTavern, anyTavern, anyTavern, (first, second, third) => {
      const isWithin = (before: RoomFacts, now: RoomFacts): boolean => wideningsOf(recordOf(before), now).length === 0;
      const isClear = [first, second, third].every(({ published }) => published !== null);
      if (isClear && isWithin(first, second) && isWithin(second, third)) expect(isWithin(first, third)).toBe(true);
      expect(
        codes(wideningsOf(recordOf(first), { ...second, encrypted: false, published: true, guestsMayJoin: true })),
      ).toEqual(
        expect.arrayContaining([
          ...(first.encrypted ? ["homeserver"] : []),
          ...(first.published === true ? [] : ["directory"]),
          ...(first.guestsMayJoin ? [] : ["guests"]),
        ]),
      );
    }),
  );
});

test("no name reaches a sentence as it came", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.constantFrom(
      "\u202egnp.exe",
      "a\u200bb\u2060c",
      "x".repeat(10_000),
      "”; nobody else. “",
      "a\n\nb",
      "@room",
      "",
      "\u3164",
    ),
  );
  fc.assert(
    fc.property(facts(KITCHEN, hostile), facts(TAVERN, hostile), (source, destination) => {
      const changed = wideningsOf(recordOf({ ...source, bridges: [] }), destination);
      const sentences = [
        ...[...gainsOf(source, destination), ...changed].map(({ sentence }) => sentence),
        describeAudience(recordOf(destination)),
        describeAudience({ ...recordOf(destination), name: destination.name, bridges: destination.bridges }),
        exposureOf(source, destination) ?? "",
      ];
      const german = gainsOf(source, destination, "de").map(({ sentence }) => sentence);
      for (const sentence of german) expect(sentence.replace(/„[^“”„]+“/g, "")).not.toMatch(/[“”„]/);
      for (const sentence of [...sentences, ...german]) {
        expect(sentence.replaceAll("@\u2060room", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u3164]|@room/u);
        expect(sentence.length).toBeLessThan(1200);
      }
      // Quotation marks stand in pairs and never within one another: no name can end its own.
      for (const sentence of sentences) expect(sentence.replace(/“[^“”]+”/g, "")).not.toMatch(/[“”]/);
    }),
  );
});

import { expect, test } from "vitest";
import { carryOver, isSuccessor, successorOf } from "../../../main/bridge/change.ts";
import type { Consent, Terms } from "../../../main/bridge/consent.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { JsonObject } from "../../../main/matrix/event.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";

const [A, B, C, NEXT] = ["!a:one.test", "!b:one.test", "!c:one.test", "!next:one.test"] as [
  RoomId,
  RoomId,
  RoomId,
  RoomId,
];
const [BEFORE, AFTER] = ["before", "after"] as [LinkId, LinkId];
const KIM = "@kim:one.test" as UserId;

const termsOf = (rooms: RoomId[], direction: Terms["direction"] = "two-way"): Terms => ({
  ...{ mode: "copy", direction, carrier: KIM, rooms, tells: [] },
});

function consentOf(roomId: RoomId, other: Partial<Consent> = {}): Consent {
  return {
    ...{ link: BEFORE, roomId, terms: termsOf([A, B]), termsHash: "hash", approver: KIM, way: "reply", seen: true },
    ...{ eventId: "$said" as EventId, overrules: null, audience: [] },
    ...other,
  };
}

const carry = (consent: Consent, terms: Terms, successors = new Map<RoomId, RoomId>()) =>
  carryOver(consent, { link: AFTER, terms, successors });

test.each<[string, Terms, Terms, boolean]>([
  ["the same", termsOf([A, B]), termsOf([B, A]), true],
  ["a room less", termsOf([A, B, C]), termsOf([A, B]), true],
  ["a room more", termsOf([A, B]), termsOf([A, B, C]), false],
  ["one way less", termsOf([A, B]), termsOf([A, B], "one-way"), true],
  ["one way more", termsOf([A, B], "one-way"), termsOf([A, B]), false],
  ["the other way", termsOf([A, B], "one-way"), termsOf([B, A], "one-way"), false],
  ["a room more that hears only the other one", termsOf([B, A], "one-way"), termsOf([B, A, C], "one-way"), true],
])("what a room has agreed to is enough: %s", (_name, before, after, isEnough) => {
  expect(carry(consentOf(A, { terms: before }), after).isEnough).toBe(isEnough);
});

test("the user's own agreement is to stand in the new link's state, anybody else's stays where it stands", () => {
  expect(carry(consentOf(A, { way: "own" }), termsOf([A, B])).consent).toMatchObject({ link: AFTER, seen: false });
  expect(carry(consentOf(A, { way: "state-event" }), termsOf([A, B])).consent).toMatchObject({
    ...{ link: BEFORE, seen: true },
  });
});

test("a room that has taken another one's place is meant wherever that one was", () => {
  const record = { roomId: A, name: "A" } as Consent["audience"][number];
  const successors = new Map([[A, NEXT]]);
  const after = termsOf([NEXT, B]);
  const ofOther = carry(consentOf(B, { audience: [record] }), after, successors);
  expect(ofOther).toMatchObject({ isEnough: true, consent: { roomId: B, audience: [{ roomId: NEXT }] } });
  const ofItself = carry(consentOf(A), after, successors);
  expect(ofItself).toMatchObject({ isEnough: true, consent: { roomId: NEXT } });
  const byState = carry(consentOf(A, { way: "state-event" }), after, successors);
  expect(byState.isEnough, "its state event stands in the old room only").toBe(false);
  expect(carry(consentOf(B), after).isEnough, "nobody has said so").toBe(false);
});

test("a room is another one's successor only where it says so itself, too", () => {
  const room = (content: JsonObject, successor: RoomId | null) =>
    ({
      ...{ roomId: NEXT, tombstone: successor === null ? null : { successor } },
      power: { create: { sender: KIM, content }, powerLevels: null },
    }) as unknown as RoomFacts;
  expect(successorOf(room({}, B))).toBe(B);
  expect([successorOf(room({}, null)), successorOf(undefined)]).toEqual([null, null]);
  expect(isSuccessor(room({ predecessor: { room_id: A } }, null), A)).toBe(true);
  for (const predecessor of [{ room_id: B }, {}, null, A]) {
    expect(isSuccessor(room({ predecessor }, null), A)).toBe(false);
  }
});

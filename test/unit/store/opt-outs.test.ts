import { expect, test } from "vitest";
import type { LinkId, UserId } from "../../../main/matrix/ids.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ANA, eventId, ME, ROOM_A, ROOM_B, temporaryStore } from "./store-support.ts";

const OTHER = "other" as LinkId;

test("somebody opts out of a link once, and in again", () => {
  const { links, optOuts } = temporaryStore();
  links.insert(linkBetween([ROOM_A, ROOM_B]));
  links.insert(linkBetween([ROOM_A, ROOM_B], { id: OTHER }));
  expect([optOuts.insert(LINK, ME, 5), optOuts.insert(LINK, ANA, 5), optOuts.insert(LINK, ANA, 6)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([optOuts.of(LINK), optOuts.of(OTHER)]).toEqual([[ANA, ME], []]);
  expect([optOuts.has(LINK, ANA), optOuts.has(OTHER, ANA), optOuts.has(LINK, "@x:y" as UserId)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([optOuts.delete(LINK, ANA, 9), optOuts.delete(LINK, ANA, 9)]).toEqual([true, false]);
  expect(optOuts.of(LINK)).toEqual([ME]);
});

test("a wish to be in again does not undo a newer one to be out", () => {
  const { links, optOuts } = temporaryStore();
  links.insert(linkBetween([ROOM_A, ROOM_B]));
  optOuts.insert(LINK, ANA, 5);
  expect([optOuts.delete(LINK, ANA, 4), optOuts.has(LINK, ANA)]).toEqual([false, true]);
});

test("answers wait, in their order, each once, until they have been looked into", () => {
  const { answers } = temporaryStore();
  const first = { roomId: ROOM_A, eventId: eventId("2"), verb: "approve", code: "K7QF2MXA" } as const;
  const second = { ...first, eventId: eventId("1"), verb: "stop" } as const;
  answers.insert(first, 5);
  answers.insert(second, 5);
  answers.insert({ ...first, verb: "decline" }, 6);
  expect(answers.all()).toEqual([first, second]);
  answers.delete(ROOM_A, first.eventId);
  expect(answers.all()).toEqual([second]);
});

test("a code is known that stands for a question, this Ferry's or another's", () => {
  const { answers, links, proposals } = temporaryStore();
  links.insert(linkBetween([ROOM_A, ROOM_B]));
  expect(answers.isAsked("K7QF2MXA")).toBe(false);
  proposals.insert({
    ...{ link: LINK, roomId: ROOM_A, code: "K7QF2MXA", termsHash: "t", audience: [], createdTs: 1, expiresTs: 2 },
    terms: { mode: "copy", direction: "two-way", carrier: ME, rooms: [ROOM_A, ROOM_B], tells: [] },
  });
  expect([answers.isAsked("K7QF2MXA"), answers.isAsked("K7QF2MXB")]).toEqual([true, false]);
});

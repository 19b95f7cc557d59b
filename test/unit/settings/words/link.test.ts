import { describe, expect, test } from "vitest";
import type { RoomId } from "../../../../main/matrix/ids.ts";
import type { LinkDetail, MessageView } from "../../../../main/protocol/control.ts";
import { spokenCode } from "../../../../renderer/settings/words/codes.ts";
import { endWords, powerWords, wayWords } from "../../../../renderer/settings/words/consents.ts";
import { stateSentence, waitingWords } from "../../../../renderer/settings/words/links.ts";
import { failedIds, kindWord } from "../../../../renderer/settings/words/messages.ts";
import { withKeys } from "../../../../renderer/settings/words/proposals.ts";
import { DAY_MS, nextAskTs, offersOf, wantingOf } from "../../../../renderer/settings/words/wanting.ts";
import { fakeDetail, fakeLink, fakeProposal } from "../../../support/fake-control.ts";
import { GARDEN, KITCHEN, planFor, WORKSHOP } from "../../../support/fake-plans.ts";

/** What is said of one link: what it waits for, what became of its messages, who has agreed. */

const NOW = 1_800_000_000_000;
type Room = LinkDetail["rooms"][number];
type Question = LinkDetail["proposals"][number];

function side(
  room: { roomId: RoomId; name: string },
  gap: string | null = null,
  suspended: string | null = null,
): Room {
  const sentence = `Something about “${room.name}”.`;
  return {
    ...{ roomId: room.roomId, name: room.name, encrypted: true, role: "both", suspended },
    gap: gap === null ? null : { code: gap, sentence },
  };
}

function question(room: { roomId: RoomId; name: string }, changes: Partial<Question> = {}): Question {
  return {
    ...{ roomId: room.roomId, roomName: room.name, code: "K7QF2MXA", state: "open", remark: null },
    ...{ sentTs: NOW - 2 * DAY_MS, expiresTs: NOW + 12 * DAY_MS },
    ...changes,
  };
}

const plan = planFor([KITCHEN, WORKSHOP, GARDEN], false);

describe("what is wanting", () => {
  test("is nothing where nothing is", () => {
    expect(wantingOf(fakeDetail({ rooms: [side(KITCHEN), side(WORKSHOP)] }), plan)).toEqual([]);
  });

  test("of a room whose admins are asked, is their answer: one can remind them", () => {
    const link = fakeDetail({
      rooms: [side(KITCHEN), side(WORKSHOP, "consent-missing")],
      proposals: [question(WORKSHOP)],
    });
    const [one, ...others] = wantingOf(link, plan);
    expect(one).toMatchObject({ roomName: "Workshop", isAsked: true, offer: "remind", question: { code: "K7QF2MXA" } });
    expect(others).toEqual([]);
  });

  test("counts only the last question", () => {
    const proposals = [question(WORKSHOP), question(WORKSHOP, { state: "expired" })];
    const [one] = wantingOf(fakeDetail({ rooms: [side(WORKSHOP, "consent-missing")], proposals }), plan);
    expect(one).toMatchObject({ isAsked: false, offer: "ask" });
  });

  test.each([
    ["consent-missing", "approve", "ask"],
    ["consent-declined", "approve", "ask"],
    ["consent-revoked", "approve", "ask"],
    ["approver-lost-power", "approve", "ask"],
    ["audience-widened", "approve", "ask"],
    ["room-upgraded", "follow", "follow"],
    ["not-in-room", null, null],
    ["room-unread", null, null],
    ["a-gap-of-tomorrow", null, null],
  ])("for %s offers what resolves it: %s in a room of one's own, %s in another", (code, own, others) => {
    const link = fakeDetail({ rooms: [side(KITCHEN, code), side(WORKSHOP, code)] });
    expect(wantingOf(link, plan).map(({ offer }) => offer)).toEqual([own, others]);
    for (const { title, sentence } of wantingOf(link, plan)) expect(title && sentence).toMatch(/\S/);
  });

  test("offers nothing while it is not known who may agree, or where nobody may", () => {
    const link = fakeDetail({ rooms: [side(WORKSHOP, "consent-missing")] });
    expect(wantingOf(link, null)[0]?.offer).toBeNull();
    const nobody = { ...plan, consents: plan.consents.map((one) => ({ ...one, giver: "nobody" as const })) };
    expect(wantingOf(link, nobody)[0]?.offer).toBeNull();
  });

  test("of a room that nothing can be sent into, is to go on", () => {
    const [one] = wantingOf(fakeDetail({ rooms: [side(WORKSHOP, null, "The server forbids it.")] }), plan);
    expect(one).toMatchObject({ offer: "resume", sentence: "The server forbids it." });
  });

  test("is offered once for all rooms, what resolves most first", () => {
    const rooms = [side(WORKSHOP, "room-upgraded"), side(GARDEN, "consent-revoked"), side(KITCHEN, "audience-widened")];
    expect(offersOf(wantingOf(fakeDetail({ rooms }), plan))).toEqual(["approve", "follow"]);
  });

  test("can be asked for once a day", () => {
    const asked = (sentTs: number | null) =>
      wantingOf(
        fakeDetail({ rooms: [side(WORKSHOP, "consent-missing")], proposals: [question(WORKSHOP, { sentTs })] }),
        plan,
      );
    expect(nextAskTs(asked(NOW - 3_600_000), "remind", NOW)).toBe(NOW - 3_600_000 + DAY_MS);
    expect(nextAskTs(asked(NOW - DAY_MS), "remind", NOW)).toBeNull();
    expect(nextAskTs(asked(null), "remind", NOW)).toBeNull();
    expect(nextAskTs([], "remind", NOW)).toBeNull();
  });
});

test("what is still owed, and what a pause means", () => {
  expect(waitingWords(fakeLink(), "mirroring")).toBeNull();
  expect(waitingWords(fakeLink({ waiting: 1 }), "catching-up")).toBe("1 message to go");
  expect(waitingWords(fakeLink({ waiting: 12 }), "paused")).toBe("12 messages will follow");
  expect(stateSentence("paused")).toMatch(/follows when you go on/);
  expect(stateSentence("mirroring")).toBeNull();
});

test("how and why somebody has agreed, and why it ended", () => {
  expect(wayWords("reply")).toBe("by an answer in the room");
  expect(powerWords({ power: null, required: 50 })).toMatch(/above all levels; 50 was needed\.$/);
  expect(powerWords({ power: 60, required: 50 })).toBe("Power level 60; 50 was needed.");
  expect(endWords("replaced")).toBe("a later agreement took its place");
  expect(endWords("consent-revoked")).toBe("ended by an admin");
  expect(endWords("something-of-tomorrow")).toBe("it holds no longer");
  expect(endWords(null)).toBe("it holds no longer");
  expect(spokenCode("K7QF2MXA")).toBe("K7QF-2MXA");
});

test("what can be tried again of some messages", () => {
  const message = (...ids: (number | null)[]): MessageView => ({
    ...{ roomId: KITCHEN.roomId, eventId: "$1", sender: "@ana:example.org" as never, kind: "copy", receivedTs: 0 },
    ...{ mark: "failed", skipped: null },
    destinations: ids.map((outboxId) => ({
      roomId: WORKSHOP.roomId,
      mark: "failed",
      reason: null,
      skipped: null,
      outboxId,
    })),
  });
  expect(failedIds([message(1, null), message(), message(2, 3)])).toEqual([1, 2, 3]);
  expect(kindWord("copy")).toBe("Message");
  expect(kindWord("org.example.thing")).toBe("Something else");
});

test("proposals stand newest first, each with a key of its own whatever codes they came with", () => {
  const keyed = withKeys([
    fakeProposal({ receivedTs: 1 }),
    fakeProposal({ receivedTs: 2 }),
    fakeProposal({ receivedTs: 1 }),
  ]);
  expect(keyed.map(({ proposal }) => proposal.receivedTs)).toEqual([2, 1, 1]);
  expect(new Set(keyed.map(({ key }) => key)).size).toBe(3);
});

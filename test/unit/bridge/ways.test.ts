import { describe, expect, test } from "vitest";
import { openWays, waysFrom } from "../../../main/bridge/ways.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { eventIn, ROOMS } from "./route-support.ts";

const [A, B, C] = ROOMS as [RoomId, RoomId, RoomId];
const [ANA, MOD] = ["@ana:one.test", "@mod:one.test"] as [UserId, UserId];
const OTHER = "other" as LinkId;
const DAY_MS = 24 * 3_600_000;

describe("the ways out of a room", () => {
  test("lead to each room once, by the first link that leads there", () => {
    const links = [linkBetween([A, B]), linkBetween([B, A, C], { id: OTHER })];
    expect([...waysFrom(A, 1, links)]).toEqual([
      [B, LINK],
      [C, OTHER],
    ]);
  });

  test("are those of links that were there when it was written, but for a day by which clocks may differ", () => {
    const links = [linkBetween([A, B], { createdTs: 10 * DAY_MS })];
    expect([9 * DAY_MS - 1, 9 * DAY_MS, 10 * DAY_MS].map((writtenTs) => waysFrom(A, writtenTs, links).size)).toEqual([
      0, 1, 1,
    ]);
  });

  test("lead nowhere by a link that has not begun", () => {
    expect(waysFrom(A, 1, [linkBetween([A, B], { state: "starting" })]).size).toBe(0);
    expect(waysFrom(A, 1, [linkBetween([A, B], { state: "paused" })]).size).toBe(1);
  });
});

describe("the ways that an event may go", () => {
  const removal: SourceEvent = {
    ...eventIn(A, "$1" as EventId, MOD, "m.room.member", { membership: "leave" }),
    ...{ stateKey: ANA, previousContent: { membership: "join" } },
  };

  test.each<[string, UserId[], boolean]>([
    ["nobody has opted out", [], true],
    ["who was removed has opted out", [ANA], false],
    ["who has removed them has opted out", [MOD], false],
  ])("are not those of a link that one of its people has opted out of: %s", (_name, out, isOpen) => {
    const { open, left, closed } = openWays(removal, {
      links: [linkBetween([A, B], { tells: ["members"] })],
      hasOptedOut: (_link, user) => out.includes(user),
    });
    expect([open.size, closed]).toEqual(isOpen ? [1, null] : [0, "opted-out"]);
    expect([...left]).toEqual(isOpen ? [] : [[LINK, "opted-out"]]);
  });
});

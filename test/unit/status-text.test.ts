import { describe, expect, test } from "vitest";
import type { HealthCondition, StatusView } from "../../main/protocol/control.ts";
import {
  carryingText,
  needsOf,
  summarise,
  trayState,
  trayTooltip,
  type TrayState,
} from "../../main/service/status-text.ts";
import type { UserId } from "../../main/matrix/ids.ts";

const error: HealthCondition = {
  code: "disk-full",
  severity: "error",
  text: "The disk is full.",
  action: "Make room.",
  link: null,
};
const notDelivered: HealthCondition = { ...error, code: "delivery-failed", severity: "warning" };
const asked: HealthCondition = { ...error, code: "proposal-received", severity: "warning" };
const base: StatusView = {
  version: "0.1.0",
  userId: "@ana:example.org" as UserId,
  deviceId: null,
  homeserver: "https://example.org",
  connection: "online",
  summary: "",
  paused: false,
  everythingPaused: false,
  verified: true,
  verification: null,
  links: 3,
  copied: 10,
  waiting: 0,
  failed: 0,
  undecryptable: 0,
  proposals: 0,
  carrying: null,
  health: [],
};

const cases: [string, Partial<StatusView>, TrayState, string][] = [
  ["links at work", {}, "mirroring", "Mirroring 3 links"],
  ["one link", { links: 1 }, "mirroring", "Mirroring 1 link"],
  ["no link", { links: 0 }, "mirroring", "Ready, no links yet"],
  ["a few copies under way", { waiting: 9 }, "mirroring", "Mirroring 3 links"],
  ["many copies owed", { waiting: 1200 }, "catching-up", "Catching up, 1,200 messages to go"],
  ["starting", { connection: "starting" }, "catching-up", "Connecting"],
  ["offline", { connection: "offline" }, "offline", "Offline"],
  ["offline with copies owed", { connection: "offline", waiting: 12 }, "offline", "Offline, 12 messages will follow"],
  ["offline, as a condition", { connection: "offline", health: [{ ...error, code: "offline" }] }, "offline", "Offline"],
  ["paused", { paused: true }, "paused", "Paused"],
  [
    "paused and offline",
    { paused: true, connection: "offline", failed: 1, health: [notDelivered] },
    "paused",
    "Paused",
  ],
  ["an error", { health: [error] }, "attention", "1 thing needs you"],
  ["a warning", { health: [{ ...error, severity: "warning" }] }, "mirroring", "Mirroring 3 links"],
  ["an error while offline", { connection: "offline", health: [error] }, "attention", "1 thing needs you"],
  ["failed copies", { failed: 2, health: [notDelivered] }, "attention", "2 messages could not be delivered"],
  ["one question", { proposals: 1, health: [asked] }, "attention", "1 question waits for you"],
  ["questions", { proposals: 3, health: [asked] }, "attention", "3 questions wait for you"],
  ["both", { failed: 2, health: [error, notDelivered] }, "attention", "2 things need you"],
  ["never logged in", { connection: "logged-out", userId: null }, "attention", "Not logged in"],
  ["logged out while paused", { connection: "logged-out", paused: true }, "attention", "Logged out"],
];

describe("status text", () => {
  test.each(cases)("%s", (_name, change, state, line) => {
    const status = { ...base, ...change };
    expect(trayState(status)).toBe(state);
    expect(summarise(status, status.links)).toBe(line);
  });

  test("only links at work are said to mirror", () => {
    expect(summarise(base, 1)).toBe("Mirroring 1 link");
    expect(summarise(base, 0)).toBe("Ready, no link is mirroring");
  });

  test("what waits for the user are errors and questions, and not what passes with the network", () => {
    const offline = { ...error, code: "homeserver-unreachable" };
    const clock = { ...error, code: "clock-wrong", severity: "warning" as const };
    expect(needsOf({ health: [offline, error, clock, asked, notDelivered] })).toEqual([error, asked, notDelivered]);
  });

  test("the tooltip is the name and the line", () => {
    expect(trayTooltip({ ...base, summary: "Paused" })).toBe("Ferry: Paused");
  });

  test("a long line is cut between characters", () => {
    const tooltip = trayTooltip({ ...base, summary: "⛴🛟".repeat(60) });
    expect(tooltip.length).toBeLessThanOrEqual(127);
    expect(tooltip.endsWith("…")).toBe(true);
    expect(tooltip.isWellFormed()).toBe(true);
  });
});

test.each([
  [0, 100_000_000, "Carrying a file of 100 MB: 0 % fetched"],
  [40_999_999, 100_000_000, "Carrying a file of 100 MB: 40 % fetched"],
  [99_999_999, 100_000_000, "Carrying a file of 100 MB: 99 % fetched"],
  [12_345_678, 12_345_678, "Carrying a file of 12.3 MB: fetched, now being sent on"],
  [12_345_678, null, "Carrying a large file: 12.3 MB fetched"],
])("a file of which %d of %s bytes are there", (fetchedBytes, bytes, text) => {
  expect(carryingText({ fetchedBytes, bytes })).toBe(text);
});

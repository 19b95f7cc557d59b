import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clockOffsetOf } from "../../../renderer/engine/clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const event = (timestamp: unknown, age: unknown) => ({ origin_server_ts: timestamp, unsigned: { age } });

test.each<[string, unknown[], number | null]>([
  ["right", [event(999_000, 1_000)], 0],
  ["ahead", [event(400_000, 0)], 600_000],
  ["behind", [event(1_200_000, 100)], -200_100],
  ["by the newest event that tells", [event(1, 1), event(990_000, 0), { unsigned: {} }, null], 10_000],
  ["not known without an age", [{ origin_server_ts: 1 }, event("1", "2"), "x"], null],
  ["not known without events", [], null],
])("this machine's clock is %s", (_name, events, expected) => expect(clockOffsetOf(events)).toBe(expected));

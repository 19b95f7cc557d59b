import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchPulse } from "../../../main/service/pulse.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;

/** A page, and whether it has been taken for hung. */
function watch(ask: () => Promise<unknown>) {
  const seen = { asked: 0, hung: 0 };
  const end = watchPulse(
    () => {
      seen.asked += 1;
      return ask();
    },
    () => (seen.hung += 1),
  );
  return { seen, end };
}

test("a page that answers is asked once a minute", async () => {
  const { seen } = watch(async () => ({}));
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(seen).toEqual({ asked: 10, hung: 0 });
});

test("one that fails answers, too", async () => {
  const { seen } = watch(() => Promise.reject(new Error("no")));
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(seen).toEqual({ asked: 5, hung: 0 });
});

test("one that does not answer for a minute hangs, and that is said once", async () => {
  const { seen } = watch(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS - 1_000);
  expect(seen).toEqual({ asked: 1, hung: 0 });
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(seen).toEqual({ asked: 1, hung: 1 });
});

test("an answer that comes late comes in time, where it is within a minute", async () => {
  const { seen } = watch(() => new Promise((resolve) => setTimeout(resolve, 50_000)));
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  expect(seen.asked).toBeGreaterThan(9);
  expect(seen.hung).toBe(0);
});

test("while the computer sleeps nothing is waited for", async () => {
  const { seen } = watch(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(MINUTE_MS + 50_000);
  expect(seen).toEqual({ asked: 1, hung: 0 });
  vi.setSystemTime(Date.now() + 8 * 60 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(seen.hung).toBe(0);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(seen.hung).toBe(1);
});

test("whoever closes the page ends it", async () => {
  const { seen, end } = watch(() => new Promise(() => undefined));
  end();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(seen).toEqual({ asked: 0, hung: 0 });
});

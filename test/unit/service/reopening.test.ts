import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError, type FailureCode } from "../../../main/matrix/errors.ts";
import { Reopening, STABLE_MS } from "../../../main/service/reopening.ts";

/** The longest wait between two tries, in milliseconds. */
const LONGEST_MS = 75_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create() {
  const world = { isWanted: true, failures: [] as FailureCode[], opened: [] as number[], logged: [] as number[] };
  const reopening: Reopening = new Reopening({
    open: async () => {
      world.opened.push(Date.now());
      const failure = world.failures.shift();
      if (failure !== undefined) throw new FerryError(failure, "Why.");
      reopening.opened();
    },
    isWanted: () => world.isWanted,
    onFailure: (_failure, attempt) => world.logged.push(attempt),
    onChange: () => undefined,
    now: Date.now,
  });
  return { world, reopening };
}

/** How long it took from one try to the next, in milliseconds. */
const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe("an engine that has gone", () => {
  test("is opened again soon, and that is the end of it", async () => {
    const { world, reopening } = create();
    reopening.opened();
    reopening.gone();
    expect(reopening.ends).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(world.opened).toHaveLength(1);
    expect(reopening.ends).toBe(0);
    expect(reopening.failure).toBe(null);
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(world.opened).toHaveLength(1);
  });

  test("is opened more and more seldom where it goes again and again, which is told", async () => {
    const { world, reopening } = create();
    reopening.opened();
    for (let end = 1; end <= 12; end += 1) {
      reopening.gone();
      expect(reopening.ends).toBe(end);
      await vi.advanceTimersByTimeAsync(LONGEST_MS);
      expect(world.opened).toHaveLength(end);
      expect(reopening.ends).toBe(end < 3 ? 0 : end);
    }
    const { logged } = world;
    expect(logged).toEqual([]);
  });

  test("waits at most about a minute, and never no time at all", async () => {
    const { world, reopening } = create();
    reopening.opened();
    const waits: number[] = [];
    for (let end = 0; end < 10; end += 1) {
      const from = Date.now();
      reopening.gone();
      while (world.opened.length === end) await vi.advanceTimersByTimeAsync(250);
      waits.push((world.opened[end] ?? 0) - from);
    }
    expect(waits[0]).toBeLessThan(2_000);
    expect(waits.at(-1)).toBeGreaterThan(40_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST_MS);
    // Ten ends in a row cost minutes, not a processor.
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThan(150_000);
  });

  test.each(["while timers run", "asleep"])("is forgotten once the engine has run for a while, %s", async (how) => {
    const { world, reopening } = create();
    reopening.opened();
    for (let end = 0; end < 4; end += 1) {
      reopening.gone();
      await vi.advanceTimersByTimeAsync(LONGEST_MS);
    }
    expect(reopening.ends).toBe(4);
    if (how === "asleep") vi.setSystemTime(Date.now() + STABLE_MS);
    else await vi.advanceTimersByTimeAsync(STABLE_MS);
    reopening.gone();
    expect(reopening.ends).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(world.opened).toHaveLength(5);
  });

  test("that goes while it is being opened is opened once more, by one loop", async () => {
    const { world, reopening } = create();
    world.failures = ["engine-gone"];
    reopening.opened();
    reopening.gone();
    reopening.gone();
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(world.opened).toHaveLength(2);
    expect(world.logged).toHaveLength(1);
  });

  test("is left alone when Ferry ends or nobody is logged in any more", async () => {
    const { world, reopening } = create();
    reopening.gone();
    world.isWanted = false;
    reopening.stop();
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(world.opened).toEqual([]);
  });
});

describe("an engine that cannot be opened", () => {
  test("is tried until it can, and why is told meanwhile", async () => {
    const { world, reopening } = create();
    world.failures = ["browser-failed", "no-browser"];
    reopening.failed(new FerryError("no-browser", "None."));
    expect(reopening.failure?.code).toBe("no-browser");
    while (world.opened.length < 2) await vi.advanceTimersByTimeAsync(1_000);
    expect(reopening.failure?.code).toBe("no-browser");
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(reopening.failure).toBe(null);
    expect(world.opened).toHaveLength(3);
    expect(Math.min(...gaps(world.opened))).toBeGreaterThan(500);
  });

  test.each<FailureCode>(["keychain-locked", "keychain-unavailable", "other-host", "crypto-store-lost"])(
    "for %s is tried when the user has seen to it, and not by itself",
    async (code) => {
      const { world, reopening } = create();
      reopening.failed(new FerryError(code, "Why."));
      await vi.advanceTimersByTimeAsync(24 * 3_600_000);
      expect(world.opened).toEqual([]);
      reopening.hurry();
      await vi.advanceTimersByTimeAsync(0);
      expect(world.opened).toHaveLength(1);
      expect(reopening.failure).toBe(null);
    },
  );

  test("is not waited for beyond a logout: what goes after the next login is opened again", async () => {
    const { world, reopening } = create();
    reopening.failed(new FerryError("crypto-store-lost", "Why."));
    world.isWanted = false;
    reopening.reset();
    await vi.advanceTimersByTimeAsync(0);
    world.isWanted = true;
    reopening.opened();
    reopening.gone();
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(world.opened).toHaveLength(1);
  });

  test("is not opened once more where a login has opened it meanwhile", async () => {
    const { world, reopening } = create();
    reopening.failed(new FerryError("browser-failed", "Why."));
    reopening.opened();
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(world.opened).toEqual([]);
  });

  test("is tried at once when the computer wakes up", async () => {
    const { world, reopening } = create();
    world.failures = Array.from({ length: 20 }, () => "browser-failed" as const);
    reopening.failed(new FerryError("browser-failed", "Why."));
    await vi.advanceTimersByTimeAsync(600_000);
    const tried = world.opened.length;
    reopening.hurry();
    await vi.advanceTimersByTimeAsync(0);
    expect(world.opened).toHaveLength(tried + 1);
  });
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { judge } from "./world/judge.ts";
import { World, type WorldOptions } from "./world/world.ts";

const DEADLY = { fuse: 60, trouble: 0.08, diskFull: 0.05, limited: 0.2 };
const TALK = ["message", "message", "message", "reply", "edit", "reaction", "redaction", "pasted"] as const;

/** Ways that links may lead between rooms, among them such that lead the same way twice, and that form a chain. */
const links = fc.constantFrom<WorldOptions["links"][]>(
  [{ rooms: [0, 1], direction: "two-way" }],
  [{ rooms: [0, 1], direction: "one-way" }],
  [{ rooms: [0, 1, 2], direction: "two-way" }],
  [{ rooms: [0, 1], direction: "two-way" }, { rooms: [1, 2], direction: "two-way" }],
  [{ rooms: [0, 1], direction: "two-way" }, { rooms: [0, 1, 2], direction: "two-way" }],
  [{ rooms: [0, 1, 2], direction: "one-way" }, { rooms: [2, 0], direction: "one-way" }],
);
const seed = fc.integer({ min: 0, max: 2 ** 31 });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function carries(options: WorldOptions, steps: number): Promise<void> {
  const world = new World(options);
  try {
    await world.live(steps);
    await world.settle();
    if (process.env['SHOW']) console.log(options.seed, world.lives);
    expect(judge(world), `${world.lives} lives`).toEqual([]);
  } finally {
    world.end();
  }
}

describe("every message exactly once, in order", () => {
  test("while Ferry is killed at any point", async () => {
    await fc.assert(
      fc.asyncProperty(seed, links, (seed, links) =>
        carries({ seed, rooms: 3, links, hazards: DEADLY, deeds: TALK }, 60),
      ),
      { numRuns: Number(process.env["RUNS"] ?? 20) },
    );
  }, 200_000);
});

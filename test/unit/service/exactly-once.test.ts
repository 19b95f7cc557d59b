import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EFFORT } from "../../support/effort.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import { judge } from "./world/judge.ts";
import type { WorldOptions } from "./world/options.ts";
import { World } from "./world/world.ts";

/**
 * The real store, mirror, copier, sender and reader of rooms, over a homeserver in memory. The process is killed at any
 * point where it waits and within and after any transaction, requests fail before and after they are carried out, the
 * disk is full now and then. When everything has calmed down, every room must show what was written in the others.
 */

type Links = WorldOptions["links"];
type Deed = WorldOptions["deeds"][number];

const DEADLY = { fuse: 60, trouble: 0.08, diskFull: 0.05, limited: 0.2 };
const STEPS = 50;
/** As many worlds as this machine manages in this time, and one at least: the file stays short on a slow one too. */
const TIME_MS = 1_000 * EFFORT;
/** As many worlds of each kind, however long that takes. */
const WORLDS = process.env["FERRY_WORLDS"];

const words: Deed[] = ["message", "message", "message", "reply", "pasted"];

/** Every room leads to every other, some twice. */
const whole: Links[] = [
  [{ rooms: [0, 1], direction: "two-way" }],
  [{ rooms: [0, 1, 2], direction: "two-way" }],
  [
    { rooms: [0, 1], direction: "two-way" },
    { rooms: [0, 1, 2], direction: "two-way" },
  ],
];
/** Chains, which carry nothing from end to end, and one-way streets. */
const partial: Links[] = [
  [{ rooms: [0, 1], direction: "one-way" }],
  [
    { rooms: [0, 1], direction: "two-way" },
    { rooms: [1, 2], direction: "two-way" },
  ],
  [
    { rooms: [0, 1, 2], direction: "one-way" },
    { rooms: [2, 0], direction: "one-way" },
  ],
];

const withoutSecrets = { withoutWords: ["secret"] };
const withoutBea = { withoutSenders: ["@bea:two.test" as UserId] };
/** What one link keeps back, another one may carry. */
const filtering: Links[] = [
  [{ rooms: [0, 1], direction: "two-way", filter: withoutSecrets }],
  [{ rooms: [0, 1, 2], direction: "two-way", filter: withoutBea }],
  [
    { rooms: [0, 1], direction: "two-way", filter: withoutSecrets },
    { rooms: [0, 1, 2], direction: "two-way", filter: withoutBea },
  ],
];

/** What one link does not tell, another one may. */
const telling: Links[] = [
  [{ rooms: [0, 1], direction: "two-way", tells: ["name"] }],
  [{ rooms: [0, 1, 2], direction: "one-way", tells: ["members", "name"] }],
  [
    { rooms: [0, 1], direction: "two-way" },
    { rooms: [0, 1, 2], direction: "two-way", tells: ["name"] },
  ],
  [
    { rooms: [0, 1], direction: "two-way", tells: ["name"] },
    { rooms: [1, 2], direction: "two-way", tells: ["members"] },
  ],
];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function problemsOf(options: WorldOptions): Promise<string[]> {
  const world = new World(options);
  try {
    await world.live(STEPS);
    await world.settle();
    if (options.lateKeys !== undefined) {
      world.releaseKeys();
      await world.live(STEPS / 2);
      await world.settle();
    }
    // What waits, for a key or for the user, is overtaken; and a reply to it quotes it.
    const order = options.newDevices !== true;
    return judge(world, { order, replies: order && options.lateKeys === undefined });
  } finally {
    world.end();
  }
}

/** @param found worlds that were not clean once */
async function alwaysClean(
  links: Links[],
  options: Omit<WorldOptions, "seed" | "rooms" | "links">,
  found: [number, Links][] = [],
): Promise<void> {
  let worlds = 0;
  const end = WORLDS === undefined ? performance.now() + TIME_MS : Infinity;
  const world = fc.asyncProperty(
    fc.integer({ min: 0, max: 2 ** 31 }),
    fc.constantFrom(...links),
    async (seed, links) => {
      if (worlds > found.length && performance.now() > end) return;
      expect(await problemsOf({ seed, rooms: 3, links, ...options })).toEqual([]);
      worlds += 1;
    },
  );
  const numRuns = Number(WORLDS ?? 100 * EFFORT);
  await fc.assert(world, { numRuns, examples: found });
  expect(worlds).toBeGreaterThan(found.length);
}

const LIMIT_MS = 60_000 + (WORLDS === undefined ? 2 * TIME_MS : Number(WORLDS) * 1_000);

describe("every message exactly once, in order", { timeout: LIMIT_MS }, () => {
  test("while Ferry is killed at any point", async () => {
    const deeds: Deed[] = [...words, "edit", "reaction", "redaction"];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds });
  });

  test("while several people react with the same, and take it back", async () => {
    const deeds: Deed[] = ["message", "reaction", "reaction", "reaction", "reaction", "redaction", "redaction"];
    // The first of two equal reactions is taken back after it was sent and before that was written down.
    const found: [number, Links][] = [[2147483627, [{ rooms: [0, 1, 2], direction: "two-way" }]]];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds }, found);
  });

  test("while people vote in polls, take votes back, and end polls", async () => {
    const deeds: Deed[] = ["message", "poll", "vote", "vote", "vote", "vote", "vote", "redaction", "poll-end"];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds });
  });

  test("while keys of votes come late", async () => {
    const deeds: Deed[] = ["message", "poll", "vote", "vote", "vote", "vote", "redaction"];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds, lateKeys: 0.3 });
  });

  test("while people take copies down, and links are paused", async () => {
    const deeds: Deed[] = [...words, "edit", "reaction", "redaction", "take-down"];
    await alwaysClean(whole, { hazards: DEADLY, deeds, pauses: 0.1 });
  });

  test("while the homeserver forgets transaction ids between two lives", async () => {
    const deeds: Deed[] = [...words, "edit", "redaction"];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds, forgetful: true });
  });

  test("while the user logs in anew between two lives", async () => {
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds: words, newDevices: true });
  });

  test("while some files cannot be had", async () => {
    const deeds: Deed[] = ["message", "picture", "picture", "picture", "reply", "redaction"];
    // A sentence in a file's place is found in its room by the next life, which does not ask for the file.
    const chain: Links = [
      { rooms: [0, 1], direction: "two-way" },
      { rooms: [1, 2], direction: "two-way" },
    ];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds, forgetful: true }, [[919934517, chain]]);
  });

  test("while filters keep people and words back", async () => {
    const deeds: Deed[] = [...words, "picture", "edit", "edit", "reaction", "redaction"];
    await alwaysClean(filtering, { hazards: DEADLY, deeds, secrets: 0.3 });
  });

  test("while filters keep back what could not be read at first", async () => {
    const deeds: Deed[] = [...words, "redaction"];
    await alwaysClean(filtering, { hazards: DEADLY, deeds, secrets: 0.3, lateKeys: 0.3 });
  });

  test("while rooms get other names, and some links tell of it", async () => {
    const deeds: Deed[] = [...words, "rename", "rename", "rename", "edit", "redaction"];
    await alwaysClean(telling, { hazards: DEADLY, deeds, forgetful: true });
  });

  test("while keys come late", async () => {
    const deeds: Deed[] = [...words, "redaction"];
    await alwaysClean([...whole, ...partial], { hazards: DEADLY, deeds, lateKeys: 0.3 });
  });
});

import { afterAll, beforeAll, test } from "vitest";
import { expectAllInTime } from "../support/limited.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Limits as every homeserver has them, but sooner reached, also where this machine is slow; test/long/limits.test.ts has
 * those that users live with.
 */
const LIMITS = { rc_message: { per_second: 0.5, burst_count: 3 } };

let world: World;

beforeAll(async () => {
  world = await createWorld({ configure: async () => LIMITS });
});

afterAll(() => world.end());

test("what the homeserver takes only slowly arrives later, in order, and nothing fails", () =>
  expectAllInTime(world, 6));

import { afterAll, beforeAll, test } from "vitest";
import { expectAllInTime } from "../support/limited.ts";
import { createWorld, type World } from "../support/world.ts";

/** Limits as every homeserver has them, but sooner over; test/long/limits.test.ts has those that users live with. */
const LIMITS = { rc_message: { per_second: 2, burst_count: 5 } };

let world: World;

beforeAll(async () => {
  world = await createWorld({ configure: async () => LIMITS });
});

afterAll(() => world.end());

test("what the homeserver takes only slowly arrives later, in order, and nothing fails", () =>
  expectAllInTime(world, 12));

import { afterAll, beforeAll, test } from "vitest";
import { expectAllInTime } from "../support/limited.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld({ limits: "default" });
});

afterAll(() => world.end());

test("with a homeserver's default limits everything arrives, later, in order, and nothing fails", () =>
  expectAllInTime(world, 12));

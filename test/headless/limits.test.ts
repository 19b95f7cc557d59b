import { afterAll, beforeAll, expect, test } from "vitest";
import { linkedRooms } from "../support/linked-rooms.ts";
import { createWorld, type World } from "../support/world.ts";

/** More than what a homeserver with its default limits takes at once from one account, so two of them speak. */
const MESSAGES = 12;

let world: World;

beforeAll(async () => {
  world = await createWorld({ limits: "default" });
});

afterAll(() => world.end());

test("with a homeserver's default limits everything arrives, later, in order, and nothing fails", async () => {
  const bea = await world.person("bea", "Bea");
  const { ana, jo, kitchen, workshop, ferry } = await linkedRooms(world, [bea]);
  for (let index = 0; index < MESSAGES; index++) await (index % 2 === 0 ? ana : bea).say(kitchen, `limited ${index}`);
  await jo.waitForMessage(workshop, `limited ${MESSAGES - 1}`, 100_000);
  const copies = (await jo.timeline(workshop)).filter((message) => message.body.includes("limited"));
  expect(copies.map((message) => message.body)).toEqual(
    Array.from({ length: MESSAGES }, (_, index) => `${index % 2 === 0 ? "Ana" : "Bea"}: limited ${index}`),
  );
  expect((await ferry.cli("status", "--json")).json).toMatchObject({ waiting: 0, failed: 0 });
});

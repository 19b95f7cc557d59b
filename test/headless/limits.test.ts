import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** More than what a homeserver with its default limits takes at once from one account, so two of them speak. */
const MESSAGES = 12;

let world: World;
let ana: Person;
let bea: Person;
let jo: Person;

beforeAll(async () => {
  world = await createWorld({ limits: "default" });
  ana = await world.person("ana", "Ana");
  bea = await world.person("bea", "Bea");
  jo = await world.person("jo", "Jo");
});

afterAll(() => world.end());

test("with a homeserver's default limits everything arrives, later, in order, and nothing fails", async () => {
  const kitchen = await world.room("Kitchen", [ana, bea]);
  const workshop = await world.room("Workshop", [jo]);
  const ferry = await world.loggedInFerry();
  await ferry.link([kitchen, workshop]);
  for (let index = 0; index < MESSAGES; index++) await (index % 2 === 0 ? ana : bea).say(kitchen, `limited ${index}`);
  await jo.waitForMessage(workshop, `limited ${MESSAGES - 1}`, 100_000);
  const copies = (await jo.timeline(workshop)).filter((message) => message.body.includes("limited"));
  expect(copies.map((message) => message.body)).toEqual(
    Array.from({ length: MESSAGES }, (_, index) => `${index % 2 === 0 ? "Ana" : "Bea"}: limited ${index}`),
  );
  expect((await ferry.cli("status", "--json")).json).toMatchObject({ waiting: 0, failed: 0 });
});

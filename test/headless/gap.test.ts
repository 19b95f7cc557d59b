import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { processesNaming } from "../support/processes.ts";
import { createWorld, type World } from "../support/world.ts";

/** More than a page of `/messages`, with what is known before it. */
const MISSED_OFF = 110;
/** More than `/sync` gives of a room at once. */
const MISSED_ASLEEP = 40;

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  for (let index = 0; index < 30; index++) await ana.say(kitchen, `long before ${index}`);
  ferry = await world.loggedInFerry();
  await ferry.link([kitchen, workshop]);
});

afterAll(() => world.end());

test("what was said before the link is never copied", async () => {
  await ana.say(kitchen, "first");
  await jo.waitForMessage(workshop, "first");
  await ferry.stop();
  ferry = await world.ferry();
  await ana.say(kitchen, "second");
  await jo.waitForMessage(workshop, "second");
  expect((await jo.timeline(workshop)).filter((message) => message.body.includes("long before"))).toEqual([]);
});

test("what was missed while Ferry was off follows, all of it, in order, before what is said now", async () => {
  await ferry.stop();
  for (let index = 0; index < MISSED_OFF; index++) await ana.say(kitchen, `off ${index}`);
  ferry = await world.ferry();
  await ana.say(kitchen, `off ${MISSED_OFF}`);
  await jo.waitForMessage(workshop, (message) => message.body.endsWith(`: off ${MISSED_OFF}`), 60_000);
  expect(await copies("off")).toEqual(numbered("off", MISSED_OFF + 1));
});

test("what was missed while the computer slept follows likewise", async () => {
  const sleeping = processesNaming(world.dataDir);
  for (const pid of sleeping) process.kill(pid, "SIGSTOP");
  for (let index = 0; index < MISSED_ASLEEP; index++) await ana.say(kitchen, `asleep ${index}`);
  for (const pid of sleeping) process.kill(pid, "SIGCONT");
  await jo.waitForMessage(workshop, (message) => message.body.endsWith(`: asleep ${MISSED_ASLEEP - 1}`), 60_000);
  await ana.say(kitchen, `asleep ${MISSED_ASLEEP}`);
  await jo.waitForMessage(workshop, (message) => message.body.endsWith(`: asleep ${MISSED_ASLEEP}`), 60_000);
  expect(await copies("asleep")).toEqual(numbered("asleep", MISSED_ASLEEP + 1));
});

async function copies(word: string): Promise<string[]> {
  return (await jo.timeline(workshop)).map((message) => message.body).filter((body) => body.startsWith(`Ana: ${word}`));
}

function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Ana: ${word} ${index}`);
}

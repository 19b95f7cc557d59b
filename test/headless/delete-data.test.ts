import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli, succeeded, type Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** Everything that Ferry keeps goes, with the homeserver or without it, and also where it was cut off. */

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;

beforeAll(async () => {
  world = await createWorld({});
  ({ ana, jo, kitchen, workshop, ferry } = await linkedRooms(world));
});

afterAll(() => world.end());

test("a running Ferry logs out, ends, and leaves what is not its own", async () => {
  await ana.say(kitchen, "hello");
  await jo.waitForMessage(workshop, "hello");
  writeFileSync(join(world.dataDir, "letter.txt"), "mine");
  expect(await devices()).toHaveLength(2);
  const refused = await ferry.cli("delete-data", "--json");
  expect([refused.status, await isRunning()]).toEqual([1, true]);
  const deleted = succeeded("ferry delete-data", await ferry.cli("delete-data", "--yes", "--json"));
  expect(deleted.json).toEqual({ logged_out: true, deleted: true });
  expect(readdirSync(world.dataDir)).toEqual(["letter.txt"]);
  expect(await devices()).toHaveLength(1);
  expect(await isRunning()).toBe(false);
  // The copies in the rooms are other people's as well.
  await jo.waitForMessage(workshop, "hello");
});

test("what was cut off is finished by the next start, which knows nobody", async () => {
  ferry = await world.loggedInFerry();
  await ferry.kill();
  writeFileSync(join(world.dataDir, "being-deleted"), "");
  ferry = await world.ferry();
  const { json } = succeeded("ferry status", await ferry.cli("status", "--json"));
  expect(json).toMatchObject({ user_id: null, links: 0 });
  expect(existsSync(join(world.dataDir, "being-deleted"))).toBe(false);
  expect(existsSync(join(world.dataDir, "letter.txt"))).toBe(true);
});

test("without the homeserver, and with no Ferry running, it goes too, and says what is left at the homeserver", async () => {
  await ferry.login(world.synapse.url, world.kim.userId, world.kim.password);
  await ferry.stop();
  await world.synapse.stop();
  mkdirSync(join(world.dataDir, "pictures"));
  const deleted = await runCli(["delete-data", "--yes", "--data", world.dataDir]);
  expect(deleted.stdout).toContain("remove the session “Ferry”");
  expect(deleted.status).toBe(0);
  expect(readdirSync(world.dataDir).sort()).toEqual(["letter.txt", "pictures"]);
});

async function isRunning(): Promise<boolean> {
  return (await ferry.cli("status")).status === 0;
}

/** The devices of Kim's account, by another one of them. */
async function devices(): Promise<unknown[]> {
  return (await world.kim.client.getDevices()).devices;
}

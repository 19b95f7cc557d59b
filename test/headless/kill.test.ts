import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { uploaded } from "../support/files.ts";
import { openFrontDoor, type FrontDoor } from "../support/front-door.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { arrived, settle } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** All of Ferry is killed where it hurts most. `test/long/kills.test.ts` kills it again and again, at any moment. */

let world: World;
let door: FrontDoor;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;

beforeAll(async () => {
  world = await createWorld();
  door = await openFrontDoor(world.synapse.url);
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  ferry = await world.ferry();
  await ferry.login(door.url, world.kim.name, world.kim.password);
  await ferry.link([kitchen, workshop]);
});

afterAll(async () => {
  await world.end();
  await door.stop();
});

const expected: string[] = [];

/** A copy on its way to Workshop. */
const isCopy = (method: string, path: string): boolean =>
  method === "PUT" && decodeURIComponent(path).includes(`/rooms/${workshop}/send/m.room.encrypted/`);

/** What Ana says arrives once and in order, behind everything that she has said before. */
async function expectArrival(...said: string[]): Promise<void> {
  const [mark] = await settle(ferry, [ana, kitchen], [jo, workshop]);
  expected.push(...said, mark ?? "");
  expect(await arrived(jo, workshop, "Ana")).toEqual(expected);
  expect((await jo.timeline(workshop)).filter(({ undecryptable }) => undecryptable)).toEqual([]);
  expect((await ferry.cli("status", "--json")).json).toMatchObject({ waiting: 0, failed: 0 });
}

test("where only the network loses the answer, it copies each message once and in order, too", async () => {
  // Twice: a browser that is cut off asks once more by itself.
  const lost = Promise.all([door.atNext(isCopy, "answer"), door.atNext(isCopy, "answer")]);
  const said = [1, 2, 3].map((number) => `lost ${number}`);
  for (const text of said) await ana.say(kitchen, text);
  await lost;
  await expectArrival(...said);
});

test.each([
  ["before the homeserver hears of a copy", "request"],
  ["after the homeserver has taken a copy, and before Ferry knows", "answer"],
] as const)("killed %s, it copies each message once and in order", async (_when, moment) => {
  const killed = door.atNext(isCopy, moment, () => ferry.kill());
  const said = [1, 2, 3].map((number) => `${moment} ${number}`);
  for (const text of said) await ana.say(kitchen, text);
  await killed;
  ferry = await world.ferry();
  await expectArrival(...said);
});

test("killed when the homeserver has taken a file, it copies that once, before what was said after it", async () => {
  const isUpload = (method: string, path: string): boolean => method === "POST" && path.includes("/media/v3/upload");
  const killed = door.atNext(isUpload, "answer", () => ferry.kill());
  const named = await uploaded(ana, randomBytes(300_000), { encrypted: true });
  await ana.sendContent(kitchen, { msgtype: "m.file", body: "plan.pdf", ...named });
  await ana.say(kitchen, "after the plan");
  await killed;
  ferry = await world.ferry();
  await settle(ferry, [ana, kitchen], [jo, workshop]);
  const names = (await jo.timeline(workshop)).map(({ body, content }) => (content["filename"] as string) ?? body);
  expect(names.filter((name) => name.includes("plan"))).toEqual(["plan.pdf", "Ana: after the plan"]);
});

test("a write that a kill has cut in half does not cost the keys", async () => {
  // Without help the first start would still go well, and what it writes would spoil the second.
  for (const text of ["after the first kill", "after the second kill"]) {
    await ferry.kill();
    const [log, size] = cryptoStoreLog(world.dataDir);
    truncateSync(log, size - 3);
    ferry = await world.ferry();
    await ana.say(kitchen, text);
    await jo.waitForMessage(workshop, copyOf(text), 30_000, text);
  }
  await ferry.stop();
  expect(readFileSync(join(world.dataDir, "logs", "ferry.log"), "utf8").match(/torn-write-cut/g)).toHaveLength(2);
});

/** The newest log of the browser's IndexedDB, and its size in bytes. */
function cryptoStoreLog(dataDir: string): [path: string, size: number] {
  const names = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
  const logs = names.filter((name) => /indexeddb\.leveldb[/\\]\d+\.log$/.test(name)).sort();
  const path = join(dataDir, logs.at(-1) ?? "there is none");
  return [path, statSync(path).size];
}

/** Fits the copy of exactly this text, whoever is named before it. */
function copyOf(text: string): (message: SeenMessage) => boolean {
  return (message) => message.body.endsWith(`: ${text}`);
}

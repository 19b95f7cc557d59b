import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { openFrontDoor, type FrontDoor, type Moment } from "../support/front-door.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import { untilLinked } from "../support/links.ts";
import { CONNECTION } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { arrived, settle } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Ferry is killed while a link changes: whoever stays linked notices nothing. test/long/change-kills.test.ts kills it at
 * any moment of many changes.
 */

let world: World;
let door: FrontDoor;
let ana: Person;
let jo: Person;
let bea: Person;
let ferry: Ferry;
let [kitchen, workshop, garden, link] = ["", "", "", ""];

beforeAll(async () => {
  world = await createWorld();
  door = await openFrontDoor(world.synapse.url);
  bea = await world.person("bea", "Bea");
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  garden = await world.room("Garden", [bea]);
  ferry = await world.ferry();
  await ferry.login(door.url, world.kim.name, world.kim.password);
  ({ id: link } = await ferry.link([kitchen, workshop]));
});

afterAll(async () => {
  await world.end();
  await door.stop();
});

/** Asks for a change, and kills Ferry when it tells a room of it. What Ana says meanwhile is to arrive. */
async function changeWithKill(moment: Moment, flags: string[], told: string): Promise<void> {
  const isTold = (method: string, path: string): boolean =>
    method === "PUT" && decodeURIComponent(path).includes(`/rooms/${told}/state/${CONNECTION}/`);
  const killed = door.atNext(isTold, moment, () => ferry.kill());
  const wish = ferry.cli("link", "change", link, ...flags, "--yes", "--json");
  await ana.say(kitchen, `while it changes, ${moment}`);
  await killed;
  await wish;
  await ana.say(kitchen, `while Ferry is dead, ${moment}`);
  ferry = await world.ferry();
  link = await untilLinked(ferry);
}

test("a room comes and goes, and nobody misses anything, hears it twice or in another order", async () => {
  await changeWithKill("answer", ["--add", garden], garden);
  await settle(ferry, [ana, kitchen], [jo, workshop], [bea, garden]);
  await changeWithKill("request", ["--without", garden], garden);
  const [last] = await settle(ferry, [ana, kitchen], [jo, workshop]);
  const words = (await arrived(jo, workshop, "Ana")).filter((text) => text.startsWith("while") || text === last);
  expect(words).toEqual([
    "while it changes, answer",
    "while Ferry is dead, answer",
    "while it changes, request",
    "while Ferry is dead, request",
    last,
  ]);
  const inGarden = await arrived(bea, garden, "Ana");
  expect(new Set(inGarden).size, "nothing twice in the room that came and went").toBe(inGarden.length);
  expect(inGarden).not.toContain(last);
});

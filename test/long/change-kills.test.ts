import { afterAll, beforeAll, expect, test } from "vitest";
import { EFFORT } from "../support/effort.ts";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { untilLinked } from "../support/links.ts";
import type { Person } from "../support/person.ts";
import { arrived, pause, said, settle, speak } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** A link is changed again and again while people talk and Ferry is killed: whoever stays linked notices nothing. */

const EACH_WAY = 8 * EFFORT;
const PAUSE_MS = 300;
const CHANGES = Math.ceil(0.6 * EFFORT);
/** From the wish to the kill, in milliseconds at most: now and then the change is through by then. */
const LIFE_MS = 1_200;

let world: World;
let ana: Person;
let jo: Person;
let bea: Person;
let ferry: Ferry;
let [kitchen, workshop, garden, link] = ["", "", "", ""];

beforeAll(async () => {
  world = await createWorld();
  bea = await world.person("bea", "Bea");
  ({ ana, jo, kitchen, workshop, ferry, link } = await linkedRooms(world));
  garden = await world.room("Garden", [bea]);
});

afterAll(() => world.end());

test("every message arrives exactly once and in order", { timeout: 60_000 + EFFORT * 12_000 }, async () => {
  const speakers = Promise.all([
    speak(ana, kitchen, "a", EACH_WAY, PAUSE_MS),
    speak(jo, workshop, "j", EACH_WAY, PAUSE_MS),
  ]);
  for (let count = 0; count < CHANGES; count++) {
    const flags = count % 2 === 0 ? ["--add", garden] : ["--without", garden];
    // Cut off or not (the first one is not): what was written down of it is gone on with.
    const wish = ferry.cli("link", "change", link, ...flags, "--yes", "--json");
    await (count === 0 ? wish : pause(Math.random() * LIFE_MS));
    await ferry.kill();
    await wish;
    ferry = await world.ferry();
    link = await untilLinked(ferry);
    // What waits for a room is left out when the room is: the first time it stays until something is there.
    if (count === 0) await bea.waitForMessage(garden, ({ body }) => body.startsWith("Ana: "), 60_000, "Ana's first");
  }
  await speakers;
  await ferry.idle();
  const [anas, jos] = await settle(ferry, [ana, kitchen], [jo, workshop]);
  expect(await arrived(jo, workshop, "Ana")).toEqual([...said("a", EACH_WAY), anas]);
  expect(await arrived(ana, kitchen, "Jo")).toEqual([...said("j", EACH_WAY), jos]);
  const inGarden = await arrived(bea, garden, "Ana");
  expect(inGarden).not.toEqual([]);
  expect(new Set(inGarden).size, "nothing twice in the room that comes and goes").toBe(inGarden.length);
});

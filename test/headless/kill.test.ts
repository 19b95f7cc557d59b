import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/cleanup.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { arrived, pause, said, speak } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

const EACH_WAY = 150;
const KILLS = 20;
/** Ferry lives so long at most before it is killed, in milliseconds: in every other life it is ready about half-way. */
const LIFE_MS = 3_500;
/** Pace of each speaker, so that messages flow all the while. */
const PAUSE_MS = 300;

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
});

afterAll(() => world.end());

test(
  "every message arrives exactly once and in order, however often all of Ferry is killed",
  { timeout: 300_000 },
  async () => {
    let ferry = await world.loggedInFerry();
    await ferry.link([kitchen, workshop]);

    let speaking = true;
    const speakers = Promise.all([
      speak(ana, kitchen, "a", EACH_WAY, PAUSE_MS),
      speak(jo, workshop, "j", EACH_WAY, PAUSE_MS),
    ]).finally(() => (speaking = false));
    let kills = 0;
    while (kills < KILLS || speaking) {
      await pause(Math.random() * LIFE_MS);
      await ferry.kill();
      kills += 1;
      // Ready or not when the next kill comes: a start that is cut off is a case of its own.
      ferry = world.startFerry();
    }
    await speakers;
    await ferry.waitReady();

    await jo.waitForMessage(workshop, copyOf(`a${EACH_WAY - 1}`), 60_000, "Ana's last message");
    await ana.waitForMessage(kitchen, copyOf(`j${EACH_WAY - 1}`), 60_000, "Jo's last message");
    // Whatever would come twice, would come by now.
    await pause(2_000);

    expect(await arrived(jo, workshop, "Ana")).toEqual(said("a", EACH_WAY));
    expect(await arrived(ana, kitchen, "Jo")).toEqual(said("j", EACH_WAY));
    for (const [person, room] of [
      [jo, workshop],
      [ana, kitchen],
    ] as const) {
      const undecryptable = (await person.timeline(room)).filter((message) => message.undecryptable);
      expect(undecryptable).toEqual([]);
    }
    const status = (await ferry.cli("status", "--json")).json as { waiting: number; failed: number };
    expect(status).toMatchObject({ waiting: 0, failed: 0 });
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    console.log(`killed ${kills} times while ${2 * EACH_WAY} messages crossed`);
  },
);

test("a write that a kill has cut in half does not cost the keys", { timeout: 60_000 }, async () => {
  const pantry = await world.room("Pantry", [ana]);
  const cellar = await world.room("Cellar", [jo]);
  const dataDir = temporaryFolder("ferry-data-");
  let ferry = await world.loggedInFerry({ dataDir });
  await ferry.link([pantry, cellar]);
  // Without help the first start would still go well, and what it writes would spoil the second.
  for (const text of ["after the first kill", "after the second kill"]) {
    await ferry.kill();
    const [log, size] = cryptoStoreLog(dataDir);
    truncateSync(log, size - 3);
    ferry = await world.ferry({ dataDir });
    await ana.say(pantry, text);
    await jo.waitForMessage(cellar, copyOf(text), 30_000, text);
  }
  await ferry.stop();
  expect(readFileSync(join(dataDir, "logs", "ferry.log"), "utf8").match(/torn-write-cut/g)).toHaveLength(2);
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

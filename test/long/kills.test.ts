import { afterAll, beforeAll, expect, test } from "vitest";
import { EFFORT } from "../support/effort.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { arrived, pause, said, settle, speak } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** All of Ferry is killed again and again, at any moment, while people talk. */

const EACH_WAY = 15 * EFFORT;
const KILLS = 2 * EFFORT;
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
  { timeout: 60_000 + EFFORT * 24_000 },
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
    const [anas, jos] = await settle(ferry, [ana, kitchen], [jo, workshop]);

    expect(await arrived(jo, workshop, "Ana")).toEqual([...said("a", EACH_WAY), anas]);
    expect(await arrived(ana, kitchen, "Jo")).toEqual([...said("j", EACH_WAY), jos]);
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

/** Fits the copy of exactly this text, whoever is named before it. */
function copyOf(text: string): (message: SeenMessage) => boolean {
  return (message) => message.body.endsWith(`: ${text}`);
}

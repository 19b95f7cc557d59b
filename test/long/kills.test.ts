import { afterAll, beforeAll, expect, test } from "vitest";
import { EFFORT } from "../support/effort.ts";
import type { Ferry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { arrived, pause, said, settle, speak } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** All of Ferry is killed again and again, at any moment, while people talk. */

const EACH_WAY = 15 * EFFORT;
const KILLS = 2 * EFFORT;
/** So long at most it copies before it is killed, in milliseconds. */
const COPYING_MS = 2_000;
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
    await ferry.stop();
    const begun = Date.now();
    ferry = await world.ferry();
    await ferry.idle();
    const startMs = Date.now() - begun;

    let speaking = true;
    const speakers = Promise.all([
      speak(ana, kitchen, "a", EACH_WAY, PAUSE_MS),
      speak(jo, workshop, "j", EACH_WAY, PAUSE_MS),
    ]).finally(() => (speaking = false));
    let kills = 0;
    while (kills < KILLS || speaking) {
      // By turns while it copies, and while it starts, however long that takes here: each is a case of its own.
      if (kills % 2 === 0) await ferry.waitReady();
      await pause(Math.random() * (kills % 2 === 0 ? COPYING_MS : startMs));
      await ferry.kill();
      kills += 1;
      ferry = world.startFerry();
    }
    await speakers;
    await ferry.waitReady();
    const across = (await statusOf(ferry)).copied;
    // However much has piled up while it was killed, on however slow a machine.
    await ferry.idle();
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
    expect(await statusOf(ferry)).toMatchObject({ waiting: 0, failed: 0 });
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(across, "copied between kills").toBeGreaterThan(0);
    console.log(`killed ${kills} times while ${2 * EACH_WAY} messages crossed, ${across} of them before the last one`);
  },
);

async function statusOf(ferry: Ferry): Promise<{ copied: number; waiting: number; failed: number }> {
  return (await ferry.cli("status", "--json")).json as { copied: number; waiting: number; failed: number };
}

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person, SeenMessage } from "../support/person.ts";
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

beforeAll(async () => {
  world = await createWorld();
  ana = await world.person("ana", "Ana");
  jo = await world.person("jo", "Jo");
});

afterAll(() => world.end());

test(
  "every message arrives exactly once and in order, however often all of Ferry is killed",
  { timeout: 300_000 },
  async () => {
    const kitchen = await world.room("Kitchen", [ana]);
    const workshop = await world.room("Workshop", [jo]);
    let ferry = await world.loggedInFerry();
    await ferry.link([kitchen, workshop]);

    let speaking = true;
    const speakers = Promise.all([speak(ana, kitchen, "a"), speak(jo, workshop, "j")]).finally(
      () => (speaking = false),
    );
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

    const expected = (letter: string): string[] => Array.from({ length: EACH_WAY }, (_, index) => `${letter}${index}`);
    await jo.waitForMessage(workshop, copyOf(`a${EACH_WAY - 1}`), 60_000, "Ana's last message");
    await ana.waitForMessage(kitchen, copyOf(`j${EACH_WAY - 1}`), 60_000, "Jo's last message");
    // Whatever would come twice, would come by now.
    await pause(2_000);

    expect(await arrived(jo, workshop, "Ana")).toEqual(expected("a"));
    expect(await arrived(ana, kitchen, "Jo")).toEqual(expected("j"));
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

async function speak(person: Person, room: string, letter: string): Promise<void> {
  for (let index = 0; index < EACH_WAY; index++) {
    await person.say(room, `${letter}${index}`);
    await pause(PAUSE_MS * (0.5 + Math.random()));
  }
}

/** The texts of the copies of one person's messages, in the order of the room. */
async function arrived(person: Person, room: string, author: string): Promise<string[]> {
  const prefix = `${author}: `;
  return (await person.timeline(room))
    .filter((message) => message.body.startsWith(prefix))
    .map((message) => message.body.slice(prefix.length));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

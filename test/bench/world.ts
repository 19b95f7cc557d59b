import { setTimeout as delay } from "node:timers/promises";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { startFerry, type Ferry } from "../support/ferry.ts";
import { createPerson, passwordOf, type Person } from "../support/person.ts";
import { startSynapse, type Synapse } from "../support/synapse.ts";

/** For what starts a process, or follows one that did, to come to rest, in milliseconds. */
const REST_MS = 3_000;

/** One homeserver, three people, Kim's Ferry between two of their rooms, and the same rooms without it. */
export interface World {
  synapse: Synapse;
  /** The account that Ferry has. Kim's own client has ended: what is measured is not to wait for it. */
  kim: Person;
  ana: Person;
  jo: Person;
  /** Linked to Workshop; Kim and Ana are in it. */
  kitchen: string;
  /** Kim and Jo are in it. */
  workshop: string;
  /** Not linked; Ana and Jo are in it, for bare hops. */
  hallway: string;
  /** Not linked; Kim and Jo are in it, as in Workshop, for bare sends. */
  yard: string;
  /** Linked to each other, with Kim; Bea is invited to the one and Lou to the other, who have browsers. */
  browserRooms: { den: string; attic: string };
  /** Starts `ferry run`. Does not wait for it. */
  start(): Ferry;
  /** Ends everything and removes its folders. */
  end(): Promise<void>;
}

/** Builds the world; Ferry is logged in and linked, and has ended again. */
export async function createWorld(): Promise<World> {
  const synapse = await startSynapse({ limits: "none" });
  const kim = await createPerson(synapse, "kim", { displayName: "Kim" });
  const ana = await createPerson(synapse, "ana", { displayName: "Ana" });
  const jo = await createPerson(synapse, "jo", { displayName: "Jo" });
  const room = async (name: string, creator: Person, other: Person): Promise<string> => {
    const roomId = await creator.createEncryptedRoom({ name, invite: [other] });
    await other.join(roomId);
    return roomId;
  };
  const kitchen = await room("Kitchen", kim, ana);
  const workshop = await room("Workshop", kim, jo);
  const hallway = await room("Hallway", ana, jo);
  const yard = await room("Yard", kim, jo);
  const browserRooms = await roomsForBrowsers(synapse, kim);
  await kim.stop();

  const dataDir = temporaryFolder("ferry-bench-");
  let ferry: Ferry | null = null;
  const start = (): Ferry => (ferry = startFerry({ dataDir }));
  const first = start();
  await first.waitReady();
  await first.login(synapse.url, "kim", kim.password);
  await first.link([kitchen, workshop]);
  await first.link([browserRooms.den, browserRooms.attic], "--name", "browsers");
  await rest();
  await first.stop();
  const end = async (): Promise<void> => {
    await ferry?.stop();
    await ana.stop();
    await jo.stop();
    await synapse.stop();
    removeFolder(dataDir);
  };
  return { synapse, kim, ana, jo, kitchen, workshop, hallway, yard, browserRooms, start, end };
}

async function roomsForBrowsers(synapse: Synapse, kim: Person): Promise<World["browserRooms"]> {
  const room = async (name: string, person: string): Promise<string> => {
    await synapse.register(person, passwordOf(person));
    const roomId = await kim.createEncryptedRoom({ name });
    await kim.client.invite(roomId, `@${person}:${synapse.serverName}`);
    return roomId;
  };
  return { den: await room("Den", "bea"), attic: await room("Attic", "lou") };
}

/** Waits until what has just been started or sent troubles the processor no more. */
export async function rest(): Promise<void> {
  await delay(REST_MS);
}

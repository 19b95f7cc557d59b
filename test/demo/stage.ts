import { temporaryFolder } from "../support/cleanup.ts";
import { startFerry, type Ferry } from "../support/ferry.ts";
import { createPerson, type Person } from "../support/person.ts";
import { startSynapse, type Synapse } from "../support/synapse.ts";

/** A room with the person whose eyes it is seen through. */
export interface Side {
  room: string;
  name: string;
  person: Person;
}

/** Everything that the demo plays with. */
export interface Stage {
  synapse: Synapse;
  ferry: Ferry;
  /** Whose Ferry it is, with an ordinary client besides. */
  kim: Person;
  kitchen: Side;
  workshop: Side;
}

/** Tells what goes on, a line at a time. */
export type Tell = (line: string) => void;

/**
 * A homeserver, three accounts, two encrypted rooms of Kim's, and Kim's Ferry, which links them. Everything is gone with
 * this process; `strike` ends it in order.
 */
export async function setStage(tell: Tell): Promise<Stage> {
  const { synapse, kim, ana, jo } = await callPeople(tell);
  tell("Kim makes two encrypted rooms: Kitchen, with Ana, and Workshop, with Jo.");
  const kitchen = { room: await makeRoom(kim, ana, "Kitchen"), name: "Kitchen", person: ana };
  const workshop = { room: await makeRoom(kim, jo, "Workshop"), name: "Workshop", person: jo };
  const ferry = await startKimsFerry(synapse, kim, tell);
  await ferry.link([kitchen.room, workshop.room], "--name", "Kitchen and Workshop");
  tell("Kim's Ferry links Kitchen and Workshop.");
  return { synapse, ferry, kim, kitchen, workshop };
}

/** The same, but Workshop is Jo's room, in which Kim is an ordinary member; and nothing is linked yet. */
export async function setConsentStage(tell: Tell): Promise<Stage> {
  const { synapse, kim, ana, jo } = await callPeople(tell);
  tell("Kim makes an encrypted room, Kitchen, with Ana. Jo makes one too, Workshop, and lets Kim in as a member.");
  const kitchen = { room: await makeRoom(kim, ana, "Kitchen"), name: "Kitchen", person: ana };
  const workshop = { room: await makeRoom(jo, kim, "Workshop"), name: "Workshop", person: jo };
  const ferry = await startKimsFerry(synapse, kim, tell);
  return { synapse, ferry, kim, kitchen, workshop };
}

async function callPeople(tell: Tell): Promise<Record<"kim" | "ana" | "jo", Person> & { synapse: Synapse }> {
  tell("Starting a Synapse homeserver on loopback …");
  const synapse = await startSynapse();
  const [kim, ana, jo] = await Promise.all([
    createPerson(synapse, "kim", { displayName: "Kim" }),
    createPerson(synapse, "ana", { displayName: "Ana" }),
    createPerson(synapse, "jo", { displayName: "Jo" }),
  ]);
  return { synapse, kim, ana, jo };
}

async function makeRoom(maker: Person, guest: Person, name: string): Promise<string> {
  const room = await maker.createEncryptedRoom({ name, invite: [guest] });
  await guest.join(room);
  return room;
}

async function startKimsFerry(synapse: Synapse, kim: Person, tell: Tell): Promise<Ferry> {
  tell("Starting Kim's Ferry (Chromium) and logging it in …");
  const ferry = startFerry({ dataDir: temporaryFolder("ferry-data-") });
  await ferry.waitReady();
  await ferry.login(synapse.url, kim.name, kim.password);
  return ferry;
}

/** Ends everything in order. */
export async function strike({ synapse, ferry, kim, kitchen, workshop }: Stage): Promise<void> {
  const status = await ferry.stop();
  if (status !== 0) throw new Error(`Ferry ended with ${status}: ${ferry.output().trim()}`);
  for (const person of [kim, kitchen.person, workshop.person]) await person.stop();
  await synapse.stop();
}

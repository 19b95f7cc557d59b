import { randomBytes } from "node:crypto";
import { createPerson, type Person } from "./person.ts";
import { startFerry, type Ferry, type FerryOptions } from "./ferry.ts";
import { sharedSynapse, startSynapse, type Synapse, type SynapseOptions } from "./synapse.ts";
import { removeFolder, temporaryFolder } from "./cleanup.ts";

/** A homeserver, people on it, and the Ferry of one of them, or of several. */
export interface World {
  synapse: Synapse;
  /** Whose Ferry it is: an ordinary client of the same account besides it. */
  kim: Person;
  /** The data folder of Kim's Ferry. */
  dataDir: string;
  person(name: string, displayName?: string): Promise<Person>;
  /** Makes an encrypted room of Kim's, and lets the others join. */
  room(name: string, members: readonly Person[]): Promise<string>;
  /** Starts Kim's Ferry and does not wait. */
  startFerry(options?: Partial<FerryOptions>): Ferry;
  /** Starts Kim's Ferry and waits until it is ready; the earlier one must have ended. */
  ferry(options?: Partial<FerryOptions>): Promise<Ferry>;
  /** Logs Kim's Ferry in, and waits until everybody's client knows the device that it is. */
  logIn(ferry: Ferry): Promise<void>;
  /** Starts Kim's Ferry for the first time and logs it in. */
  loggedInFerry(options?: Partial<FerryOptions>): Promise<Ferry>;
  /**
   * Starts somebody else's Ferry, in a data folder of its own that is kept over restarts, and waits until it is ready.
   * Logs it in the first time.
   */
  ferryOf(person: Person, options?: Partial<FerryOptions>): Promise<Ferry>;
  end(): Promise<void>;
}

/**
 * Makes Kim on a homeserver. Everything ends with `end`.
 *
 * @param own a homeserver of its own, for whoever stops it, or wants it like that; people are called there as they are
 * named. Without it, the homeserver that this process shares, where other files' people have the same names: there each
 * is called by some random letters besides, so that `userId` and `name` are to be asked for.
 */
export async function createWorld(own: SynapseOptions | null = null): Promise<World> {
  const synapse = await (own === null ? sharedSynapse() : startSynapse(own));
  const mark = own === null ? `-${randomBytes(4).toString("hex")}` : "";
  const people: Person[] = [];
  const running: Ferry[] = [];
  const dataDir = temporaryFolder("ferry-data-");
  const otherFolders = new Map<string, string>();
  const person = async (name: string, displayName?: string): Promise<Person> => {
    const created = await createPerson(synapse, name + mark, displayName === undefined ? {} : { displayName });
    people.push(created);
    return created;
  };
  const kim = await person("kim", "Kim");
  const start = (more: Partial<FerryOptions> = {}): Ferry => {
    const started = startFerry({ dataDir, ...more });
    running.push(started);
    return started;
  };
  const ferry = async (more: Partial<FerryOptions> = {}): Promise<Ferry> => {
    const started = start(more);
    await started.waitReady();
    return started;
  };
  const logIn = async (started: Ferry, owner: Person): Promise<void> => {
    const device = await started.login(synapse.url, owner.name, owner.password);
    for (const someone of people) if (someone.isRunning) await someone.untilKnows(owner.userId, device);
  };
  return {
    synapse,
    kim,
    dataDir,
    person,
    startFerry: start,
    ferry,
    room: async (name, members) => {
      const roomId = await kim.createEncryptedRoom({ name, invite: members });
      for (const member of members) await member.join(roomId);
      return roomId;
    },
    logIn: (started) => logIn(started, kim),
    loggedInFerry: async (more = {}) => {
      const started = await ferry(more);
      await logIn(started, kim);
      return started;
    },
    ferryOf: async (owner, more = {}) => {
      const known = otherFolders.get(owner.userId);
      const folder = known ?? temporaryFolder(`ferry-data-${owner.name}-`);
      otherFolders.set(owner.userId, folder);
      const started = await ferry({ dataDir: folder, ...more });
      if (known === undefined) await logIn(started, owner);
      return started;
    },
    end: async () => {
      for (const started of running) await started.kill();
      for (const someone of people) await someone.stop();
      if (own !== null) await synapse.stop();
      for (const folder of [dataDir, ...otherFolders.values()]) removeFolder(folder);
    },
  };
}

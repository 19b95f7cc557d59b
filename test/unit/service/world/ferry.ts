import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { FerryError } from "../../../../main/matrix/errors.ts";
import type { DeviceId } from "../../../../main/matrix/ids.ts";
import { Contents } from "../../../../main/service/contents.ts";
import { Copier } from "../../../../main/service/copier.ts";
import { Mirror } from "../../../../main/service/mirror.ts";
import { Sender } from "../../../../main/service/sender.ts";
import { openStore, type Store } from "../../../../main/store/store.ts";
import { FakeEngine, type Fate } from "./engine.ts";
import { ACCOUNT, type Homeserver } from "./homeserver.ts";
import type { Random } from "./random.ts";
import { SILENT } from "../../../support/silent-logger.ts";

/** Thrown where the process dies, so that nothing after it is carried out. */
class Killed extends Error {}

export interface Hazards {
  /** After how many points the process dies, at most; null: it lives. */
  fuse: number | null;
  /** How likely a call fails before or after it is carried out. */
  trouble: number;
  /** How likely the disk is full when something is to be written. */
  diskFull: number;
  /** How likely a synchronisation leaves a gap. */
  limited: number;
}

export const CALM: Hazards = { fuse: null, trouble: 0, diskFull: 0, limited: 0 };

/** One life of Ferry's process: the real store, mirror, copier and sender, joined as `main/app.ts` joins them. */
export class Ferry {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly sender: Sender;
  readonly #folder: string;
  readonly #device: DeviceId;
  readonly #server: Homeserver;
  readonly #random: Random;
  readonly #hazards: Hazards;
  readonly #onDeath: () => void;
  #engine: FakeEngine;
  #fuse: number;
  dead = false;

  constructor(
    folder: string,
    device: DeviceId,
    server: Homeserver,
    random: Random,
    hazards: Hazards,
    onDeath: () => void,
  ) {
    this.#folder = folder;
    this.#device = device;
    this.#server = server;
    this.#random = random;
    this.#hazards = hazards;
    this.#onDeath = onDeath;
    this.#fuse = hazards.fuse === null ? Infinity : random.integer(1, hazards.fuse);
    mkdirSync(folder, { recursive: true });
    this.store = this.#explosive(openStore(join(folder, "ferry.db")));
    const store = this.store;
    const engine = () => this.#engine.client;
    const contents = new Contents((roomId, eventId) => engine().fetch({ roomId, eventId }));
    const account = () => ACCOUNT;
    const copier = new Copier({
      ...{ store, contents, engine, account, now: Date.now },
      proposal: () => null,
      mayNotifyRoom: () => false,
      maySetState: async () => true,
    });
    this.sender = new Sender({
      ...{ store, copier, engine, logger: SILENT, now: Date.now },
      largeFiles: { end: () => undefined },
      mayCopy: () => true,
      onNotice: () => undefined,
      device: () => this.#device,
      onChange: () => undefined,
      onDone: ({ sourceRoom: roomId, sourceEvent: eventId }) => {
        if (store.outbox.owedFor({ roomId, eventId }).length === 0) contents.drop(eventId);
      },
    });
    const onOwed: ConstructorParameters<typeof Mirror>[0]["onOwed"] = (destinations) => this.sender.wake(destinations);
    const onAnswer = (): void => undefined;
    this.mirror = new Mirror({ store, contents, logger: SILENT, account, now: Date.now, onOwed, onAnswer });
    this.#engine = this.#openEngine();
  }

  /** Reads what was missed, and goes on with what is owed. */
  start(): void {
    this.#watch();
    this.sender.start();
  }

  /** The engine page crashes, and another one takes its place; main lives on. */
  replaceEngine(): void {
    this.#engine.end();
    this.#engine = this.#openEngine();
    this.#watch();
    this.sender.start();
  }

  /** Whether everything has been read, and nothing is owed any more but what waits for its key. */
  get isIdle(): boolean {
    const { links, inbound, outbox } = this.store;
    const rooms = new Set(links.all().flatMap((link) => link.rooms.map((room) => room.roomId)));
    const unread = [...rooms].some((roomId) => {
      const events = this.#server.eventsOf(roomId).map((event) => event.eventId);
      return inbound.known(roomId, events).length < events.length;
    });
    return !unread && outbox.counts().waiting === 0;
  }

  /** The process is gone from one instruction to the next. What its database held is in `nextFolder`, as it was. */
  kill(nextFolder: string): void {
    this.dead = true;
    this.#engine.end();
    mkdirSync(nextFolder, { recursive: true });
    for (const name of ["ferry.db", "ferry.db-wal"]) {
      if (existsSync(join(this.#folder, name))) copyFileSync(join(this.#folder, name), join(nextFolder, name));
    }
    this.store.close();
  }

  #openEngine(): FakeEngine {
    const alive = <Result>(action: () => Result): Result => {
      if (this.dead) throw new Killed();
      return action();
    };
    return new FakeEngine(this.#server, this.#device, this.#fate(), {
      events: (roomId, events) => alive(() => this.mirror.take(roomId, events)),
      known: (roomId, eventIds) => alive(() => this.store.inbound.known(roomId, eventIds)),
      decrypted: (event) => alive(() => this.mirror.takeDecrypted(event)),
    });
  }

  #watch(): void {
    const rooms = new Set(this.store.links.all().flatMap((link) => link.rooms.map((room) => room.roomId)));
    for (const roomId of rooms) void this.#engine.client.watch({ roomId, catchUp: true });
    void this.#engine.client.awaitKeys({ events: this.store.inbound.undecryptable() });
  }

  #fate(): Fate {
    return {
      point: async () => {
        await this.#point();
        if (this.#random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, this.#random.integer(1, 30)));
        await this.#point();
      },
      trouble: (when) => {
        if (this.#random.chance(this.#hazards.trouble)) throw this.#trouble(when);
      },
      limited: () => this.#random.chance(this.#hazards.limited),
    };
  }

  #trouble(when: "before" | "after"): FerryError {
    if (when === "after") return new FerryError("homeserver-unreachable", "No answer came.");
    if (this.#random.chance(0.3)) return new FerryError("rate-limited", "Too fast.", { retryAfterMs: 300 });
    return new FerryError(this.#random.pick(["offline", "homeserver-error", "encryption-failed"]), "Not now.");
  }

  /** One of the places where the process may die. Never returns when it has. */
  async #point(): Promise<void> {
    if (!this.dead) this.#burn();
    if (this.dead) await new Promise(() => undefined);
  }

  #burn(): void {
    this.#fuse -= 1;
    if (this.#fuse <= 0 && !this.dead) {
      this.dead = true;
      this.#onDeath();
    }
  }

  /** The store, whose transactions may meet a full disk, and during and after which the process may die. */
  #explosive(store: Store): Store {
    const dieHere = (): void => {
      if (!this.dead) this.#burn();
      if (this.dead) throw new Killed();
    };
    let depth = 0;
    const transaction: Store["transaction"] = (body) => {
      if (depth > 0) return body();
      depth += 1;
      try {
        dieHere();
        const result = store.transaction(() => {
          const inside = body();
          dieHere();
          if (this.#random.chance(this.#hazards.diskFull)) throw new FerryError("disk-full", "The disk is full.");
          return inside;
        });
        dieHere();
        return result;
      } finally {
        depth -= 1;
      }
    };
    return { ...store, transaction };
  }
}

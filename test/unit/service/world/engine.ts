import { FerryError } from "../../../../main/matrix/errors.ts";
import type { RoomFacts } from "../../../../main/matrix/room-facts.ts";
import { isObject, type JsonObject, type SourceEvent } from "../../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import type { engineRequests } from "../../../../main/protocol/engine.ts";
import type { Client } from "../../../../main/protocol/rpc.ts";
import { RoomReader, type Page, type RawPending } from "../../../../renderer/engine/room-reader.ts";
import { carry } from "./file-deeds.ts";
import { ACCOUNT, type Homeserver, type StoredEvent } from "./homeserver.ts";

/** What may go wrong around each call; decided by the world. */
export interface Fate {
  /** Passes some time, and never returns when the process has been killed meanwhile. */
  point(): Promise<void>;
  /** Throws what the network or the homeserver may do to a request, before it is carried out or after. */
  trouble(when: "before" | "after"): void;
  /** Whether a synchronisation leaves out events, which then must be read back. */
  limited(): boolean;
}

/** Main, as the engine page calls it. */
export interface MainSide {
  events(roomId: RoomId, events: SourceEvent[]): void;
  known(roomId: RoomId, eventIds: EventId[]): EventId[];
  decrypted(event: SourceEvent): void;
}

const SYNC_MS = 40;
const HOLD_MS = 200;
const KEY_POLL_MS = 25;

/**
 * The engine page, without a browser: the real reader of rooms over the homeserver of this test, and requests that fail
 * where fate says so.
 */
export class FakeEngine {
  readonly client: Client<typeof engineRequests>;
  readonly #server: Homeserver;
  readonly #device: string;
  readonly #fate: Fate;
  readonly #main: MainSide;
  readonly #readers = new Map<RoomId, { reader: RoomReader; synced: number }>();
  readonly #awaited = new Set<EventId>();
  #carried = 0;
  #gone = false;

  constructor(server: Homeserver, device: string, fate: Fate, main: MainSide) {
    this.#server = server;
    this.#device = device;
    this.#fate = fate;
    this.#main = main;
    this.client = this.#createClient();
    void this.#syncForEver();
  }

  /** The page has crashed: whatever is under way fails, and nothing more comes from it. */
  end(): void {
    this.#gone = true;
    for (const { reader } of this.#readers.values()) reader.stop();
  }

  #createClient(): Client<typeof engineRequests> {
    const server = this.#server;
    const own = { sender: ACCOUNT, device: this.#device };
    const client: Partial<Client<typeof engineRequests>> = {
      members: async () => this.#request((): UserId[] => [ACCOUNT]),
      facts: async ({ roomId }) => this.#request(() => this.#facts(roomId)),
      watch: async ({ roomId, catchUp }) => {
        this.#watch(roomId, catchUp);
        return { before: [] };
      },
      unwatch: async () => ({}),
      settle: async ({ roomId }) => {
        await this.#readers.get(roomId)?.reader.settle();
        return {};
      },
      send: async (request) => this.#request(() => ({ eventId: server.send({ ...request, ...own }) })),
      carryFiles: async ({ files }) => this.#request(() => carry(files, () => (this.#carried += 1))),
      encryptAhead: async () => ({}),
      redact: async ({ roomId, eventId, transactionId }) =>
        this.#request(() => ({
          eventId: server.send({
            roomId,
            transactionId,
            redacts: eventId,
            type: "m.room.redaction",
            content: {},
            ...own,
          }),
        })),
      setState: async ({ roomId, type, stateKey, content }) =>
        this.#request(() => ({ eventId: server.send({ roomId, type, stateKey, content, ...own }) })),
      fetch: async ({ roomId, eventId }) => this.#request(() => this.#sourceEvent(this.#found(roomId, eventId))),
      relations: async ({ roomId, eventId, relType }) =>
        this.#request(() =>
          server
            .eventsOf(roomId)
            .filter(({ content }) => {
              const relation = content["m.relates_to"];
              return isObject(relation) && relation["rel_type"] === relType && relation["event_id"] === eventId;
            })
            .map((event) => this.#sourceEvent(event)),
        ),
      awaitKeys: async ({ events }) => {
        for (const { roomId, eventId } of events) this.#awaitKey(this.#found(roomId, eventId));
        return {};
      },
      ownEvents: async ({ roomId, sinceTs }) =>
        this.#request(() =>
          server
            .eventsOf(roomId)
            .filter((event) => event.sender === ACCOUNT && event.ts >= sinceTs)
            .map(({ eventId, type, content }) => ({ eventId, type, content })),
        ),
    };
    // The rest is no part of carrying messages.
    return client as Client<typeof engineRequests>;
  }

  /** A private room, the user's own, that everybody has joined. */
  #facts(roomId: RoomId): RoomFacts {
    const senders = [...this.#server.rooms.values()].flat().map((event) => event.sender);
    return {
      ...{ roomId, name: roomId, membership: "join", encrypted: true, joinRule: "invite", allowedRooms: [] },
      ...{ historyVisibility: "shared", guestsMayJoin: false, published: false, aliases: [], bridges: [] },
      ...{ joined: [...new Set([ACCOUNT, ...senders])].sort(), invited: [], tombstone: null, connections: [] },
      power: {
        create: { sender: ACCOUNT, content: { room_version: "11" } },
        powerLevels: { users: { [ACCOUNT]: 100 } },
      },
    };
  }

  /** A call from main: killed, cut off or refused before it is carried out or after, as it happens. */
  async #request<Result>(carryOut: () => Result): Promise<Result> {
    await this.#point();
    this.#fate.trouble("before");
    const result = carryOut();
    await this.#point();
    this.#fate.trouble("after");
    return result;
  }

  async #point(): Promise<void> {
    await this.#fate.point();
    if (this.#gone) throw new FerryError("engine-gone", "The engine is gone.");
  }

  #found(roomId: RoomId, eventId: EventId): StoredEvent {
    const event = this.#server.find(roomId, eventId);
    if (!event) throw new FerryError("event-not-found", "There is no such event.");
    return event;
  }

  #watch(roomId: RoomId, catchUp: boolean): void {
    const reader = new RoomReader(roomId, {
      readBack: async (from, limit) => this.#request(() => this.#readBack(roomId, from, limit)),
      known: async (eventIds) => this.#request(() => this.#main.known(roomId, eventIds)),
      deliver: async (events) => this.#request(() => this.#main.events(roomId, events)),
      pause: async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await this.#point();
      },
    });
    this.#readers.set(roomId, { reader, synced: this.#server.eventsOf(roomId).length });
    if (catchUp) reader.pushGap([], undefined);
  }

  #readBack(roomId: RoomId, from: string | undefined, limit: number): Page {
    const end = from === undefined ? this.#server.eventsOf(roomId).length : Number(from);
    const start = Math.max(0, end - limit);
    return { events: this.#pending(roomId, start, end), before: start === 0 ? null : String(start) };
  }

  async #syncForEver(): Promise<void> {
    while (!this.#gone) {
      await new Promise((resolve) => setTimeout(resolve, SYNC_MS));
      await this.#point().catch(() => undefined);
      if (this.#gone) return;
      for (const [roomId, watched] of this.#readers) {
        const end = this.#server.eventsOf(roomId).length;
        const start = watched.synced;
        if (start === end) continue;
        watched.synced = end;
        // A limited response brings the newest events only, and says where the gap before them begins.
        const shown = this.#fate.limited() ? Math.min(end, start + Math.ceil((end - start) / 2)) : start;
        if (shown > start) watched.reader.pushGap(this.#pending(roomId, shown, end), String(shown));
        else watched.reader.push(this.#pending(roomId, start, end));
      }
    }
  }

  #pending(roomId: RoomId, start: number, end: number): RawPending[] {
    return this.#server
      .eventsOf(roomId)
      .slice(start, end)
      .map((event) => ({
        eventId: event.eventId,
        prepare: () => ({ eventId: event.eventId, ready: this.#whenDecrypted(event) }),
      }));
  }

  async #whenDecrypted(event: StoredEvent): Promise<SourceEvent> {
    if (event.keyTs > Date.now()) await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    if (event.keyTs > Date.now()) this.#awaitKey(event);
    return this.#sourceEvent(event);
  }

  #awaitKey(event: StoredEvent): void {
    if (this.#awaited.has(event.eventId)) return;
    this.#awaited.add(event.eventId);
    void this.#reportDecrypted(event);
  }

  async #reportDecrypted(event: StoredEvent): Promise<void> {
    while (event.keyTs > Date.now() && !this.#gone) await new Promise((resolve) => setTimeout(resolve, KEY_POLL_MS));
    while (!this.#gone) {
      try {
        return await this.#request(() => this.#main.decrypted(this.#sourceEvent(event)));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** The content that stood where a state event stands. */
  #replacedBy({ roomId, eventId, type, stateKey }: StoredEvent): JsonObject | null | undefined {
    if (stateKey === undefined) return undefined;
    const events = this.#server.eventsOf(roomId);
    const before = events.slice(
      0,
      events.findIndex((event) => event.eventId === eventId),
    );
    return before.findLast((event) => event.type === type && event.stateKey === stateKey)?.content ?? null;
  }

  #sourceEvent(event: StoredEvent): SourceEvent {
    const { roomId, eventId, sender, redacts, redacted, stateKey } = event;
    const clear = stateKey !== undefined || event.type === "m.reaction" || event.type === "m.room.redaction";
    const undecryptable = !clear && !redacted && event.keyTs > Date.now();
    const relation = event.content["m.relates_to"];
    return {
      ...{
        roomId,
        eventId,
        sender,
        redacts,
        stateKey,
        originServerTs: event.ts,
        roomEncrypted: true,
        encrypted: !clear,
      },
      senderName: sender,
      type: undecryptable ? "m.room.encrypted" : event.type,
      previousContent: this.#replacedBy(event),
      content: undecryptable ? (relation === undefined ? {} : { "m.relates_to": relation }) : event.content,
      transactionId: event.device === this.#device ? event.transactionId : undefined,
      undecryptable: undecryptable ? "MEGOLM_UNKNOWN_INBOUND_SESSION_ID" : undefined,
      redacted: redacted || undefined,
    };
  }
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Direction } from "matrix-js-sdk/lib/models/event-timeline.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject, type SourceEvent } from "../../main/matrix/event.ts";
import { isRoomId, type EventId, type RoomId } from "../../main/matrix/ids.ts";
import type { engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import type { LateKeys } from "./late-keys.ts";
import { KNOWN_RUN, RoomReader, type Page, type PendingEvent, type RawPending } from "./room-reader.ts";
import {
  decrypt,
  isEncryptedRoom,
  isOwnCopy,
  isUndecrypted,
  onDecrypted,
  ownCopyEvent,
  receive,
  toSourceEvent,
  type Names,
  type ReceivedEvent,
} from "./source-event.ts";

/** The watched rooms' events, from `/sync` and from the gaps between. */
export class Timeline {
  readonly #client: MatrixClient;
  readonly #main: Client<typeof engineNotifications>;
  readonly #lateKeys: LateKeys;
  readonly #holdMs: number;
  readonly #syncedTo: () => string | null;
  readonly #readers = new Map<RoomId, RoomReader>();
  #wake: (() => void)[] = [];
  #stopped = false;

  /** @param syncedTo the token of the last response of `/sync` that main knows the facts of; null before the first */
  constructor(
    client: MatrixClient,
    main: Client<typeof engineNotifications>,
    lateKeys: LateKeys,
    decryptionHoldMs: number,
    syncedTo: () => string | null,
  ) {
    this.#client = client;
    this.#main = main;
    this.#lateKeys = lateKeys;
    this.#holdMs = decryptionHoldMs;
    this.#syncedTo = syncedTo;
  }

  /** See `watch` of the contract. */
  async watch(roomId: RoomId, catchUp: boolean): Promise<{ before: EventId[] }> {
    if (this.#readers.has(roomId)) return { before: [] };
    const reader = this.#createReader(roomId);
    if (catchUp) {
      this.#readers.set(roomId, reader);
      reader.pushGap([], undefined);
      return { before: [] };
    }
    // Events that come while this reads go into the line behind; those that are in both, main knows already.
    this.#readers.set(roomId, reader);
    try {
      const page = await this.#readBack(roomId, undefined, 2 * KNOWN_RUN);
      return { before: page.events.map((event) => event.eventId) };
    } catch (error) {
      this.unwatch(roomId);
      throw error;
    }
  }

  unwatch(roomId: RoomId): void {
    this.#readers.get(roomId)?.stop();
    this.#readers.delete(roomId);
  }

  async settle(roomId: RoomId): Promise<void> {
    const reader = this.#readers.get(roomId);
    if (!reader) throw new FerryError("unknown-room", "This room is not being followed.");
    await reader.settle();
  }

  /**
   * Takes in a response of `/sync`. Called in the SDK's loop: nothing here waits or throws.
   *
   * @returns whether a watched room has something that is not an own copy
   */
  onSync(response: ISyncResponse): boolean {
    let isNew = false;
    for (const [roomId, joined] of Object.entries(response.rooms?.join ?? {})) {
      const reader = isRoomId(roomId) ? this.#readers.get(roomId) : undefined;
      const { events, limited, prev_batch: before } = joined.timeline ?? {};
      if (!reader || !events || (events.length === 0 && !limited)) continue;
      const pending = this.#take(reader.roomId, events);
      isNew ||= events.some((raw) => !isOwnCopy(this.#client, raw));
      if (limited) reader.pushGap(pending, before ?? undefined);
      else reader.push(pending);
    }
    return isNew;
  }

  /** The network is back: what waits for another try goes at once. */
  wake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  stop(): void {
    this.#stopped = true;
    for (const reader of this.#readers.values()) reader.stop();
    this.#readers.clear();
    this.wake();
  }

  #createReader(roomId: RoomId): RoomReader {
    return new RoomReader(roomId, {
      readBack: (from, limit) => this.#readBack(roomId, from ?? this.#newestJudged(), limit),
      known: async (eventIds) => (await this.#main.known({ roomId, eventIds })).known,
      deliver: async (events) => void (await this.#main.events({ roomId, events })),
      pause: (attempt) => this.#pause(attempt),
    });
  }

  async #pause(attempt: number): Promise<void> {
    const delay = Math.min(250 * 2 ** attempt, 30_000) * (0.75 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, delay);
      this.#wake.push(resolve);
    });
    if (this.#stopped) throw new Error("stopped");
  }

  /**
   * Where to begin to read back what was missed: not at the room's newest event, which may have come after a change that
   * main has not judged yet.
   */
  #newestJudged(): string {
    const token = this.#syncedTo();
    if (token === null) throw new Error("the first response of /sync has not come");
    return token;
  }

  async #readBack(roomId: RoomId, from: string | undefined, limit: number): Promise<Page> {
    const page = await this.#client.createMessagesRequest(roomId, from ?? null, limit, Direction.Backward);
    const chunk = page.chunk ?? [];
    const names = namesIn(page.state ?? []);
    // A page may be empty without being the last one; only a missing token ends the room.
    return { events: this.#take(roomId, chunk.toReversed(), names), before: page.end ?? null };
  }

  #take(roomId: RoomId, events: readonly unknown[], names?: Names): RawPending[] {
    const taken: RawPending[] = [];
    for (const raw of events) {
      const received = receive(this.#client, roomId, raw);
      if (received === null) continue;
      const eventId = (raw as JsonObject)["event_id"] as EventId;
      taken.push({ eventId, prepare: () => this.#prepare(roomId, eventId, received, names) });
    }
    return taken;
  }

  #prepare(roomId: RoomId, eventId: EventId, received: ReceivedEvent, names?: Names): PendingEvent {
    const ready = async (): Promise<SourceEvent> => {
      if (isOwnCopy(this.#client, received.raw)) return ownCopyEvent(this.#client, roomId, received);
      const encrypted = await isEncryptedRoom(this.#client, roomId);
      await decrypt(this.#client, received);
      if (isUndecrypted(received)) await this.#hold(received);
      if (isUndecrypted(received)) this.#lateKeys.await(roomId, eventId, received);
      return toSourceEvent(this.#client, roomId, received, encrypted, names);
    };
    return { eventId, ready: ready() };
  }

  /** Waits for the key, for as long as an event may hold its room's line. */
  async #hold(received: ReceivedEvent): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, this.#holdMs);
      const off = onDecrypted(received, done);
      function done(): void {
        clearTimeout(timer);
        off();
        resolve();
      }
      if (!isUndecrypted(received)) done();
    });
  }
}

/** Display names in the member events that a page of older events brings along. */
function namesIn(state: readonly unknown[]): Names {
  const names = new Map<string, string>();
  for (const event of state) {
    if (!isObject(event) || event["type"] !== "m.room.member" || !isObject(event["content"])) continue;
    const name = event["content"]["displayname"];
    if (typeof event["state_key"] === "string" && typeof name === "string") names.set(event["state_key"], name);
  }
  return names;
}

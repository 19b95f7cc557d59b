import { ClientEvent, MatrixClient, PendingEventOrdering } from "matrix-js-sdk/lib/client.js";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import { Filter } from "matrix-js-sdk/lib/filter.js";
import { HttpApiEvent } from "matrix-js-sdk/lib/http-api/index.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { SyncState } from "matrix-js-sdk/lib/sync.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import type { RoomFacts } from "../../main/matrix/room-facts.ts";
import type { Credentials, engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import { Busy } from "./busy.ts";
import { ConnectionReport } from "./connection.ts";
import { cookieless } from "./cookieless.ts";
import { Freshness } from "./freshness.ts";
import { decryptOnDemand, trim } from "./frugal-rooms.ts";
import { LateKeys } from "./late-keys.ts";
import { Patience } from "./patience.ts";
import { renewalOf, revoke } from "./renewal.ts";
import { listenForRings } from "./ring.ts";
import { silentLogger } from "./silence.ts";
import { cryptoBackend } from "./source-event.ts";
import { watchStorage } from "./store-watch.ts";
import { syncFilter } from "./sync-filter.ts";
import { SyncStore } from "./sync-store.ts";
import { Timeline } from "./timeline.ts";
import { TokenKeeper } from "./tokens.ts";
import { TrackedRooms } from "./tracked-rooms.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const POLL_TIMEOUT_MS = 30_000;

export interface OpenRequest {
  credentials: Credentials;
  storageKey: string;
  decryptionHoldMs: number;
  discardSessions: boolean;
  deviceKey: string | null;
}

/** A logged-in client: its crypto store, its synchronisation, its rooms' timelines. One a page, ever. */
export class Session {
  readonly client: MatrixClient;
  readonly timeline: Timeline;
  readonly lateKeys: LateKeys;
  readonly rooms: TrackedRooms;
  readonly busy = new Busy();
  readonly freshness = new Freshness();
  readonly #patience = new Patience();
  readonly #main: Client<typeof engineNotifications>;
  readonly #store: SyncStore;
  #isLost = false;
  /** The last response of `/sync`, being taken in. */
  #taking: Promise<unknown> = Promise.resolve();
  #syncedTo: string | null = null;
  readonly #connection: ConnectionReport;
  readonly #credentials: Credentials;
  readonly #tokens: TokenKeeper;

  constructor(request: OpenRequest, main: Client<typeof engineNotifications>) {
    const { credentials } = request;
    this.#main = main;
    this.#credentials = credentials;
    this.#tokens = new TokenKeeper(credentials, {
      renew: renewalOf(credentials),
      store: (tokens) => main.tokens(tokens),
      // For those who ask the client, and for a request that is made without the keeper.
      onRenewed: ({ accessToken }) => this.client.setAccessToken(accessToken),
      send: cookieless,
    });
    this.#connection = new ConnectionReport(main, () => {
      this.timeline.wake();
      this.#patience.wake();
    });
    this.#store = new SyncStore(
      (response) => this.#onSync(response),
      () => this.#onStorageLost(),
      this.busy,
    );
    this.client = new MatrixClient({
      baseUrl: credentials.homeserver,
      userId: credentials.userId,
      deviceId: credentials.deviceId,
      accessToken: credentials.accessToken,
      store: this.#store,
      logger: silentLogger,
      fetchFn: (input, init) => this.#fetch(input, init),
      localTimeoutMs: REQUEST_TIMEOUT_MS,
      timelineSupport: false,
    });
    this.client.on(ClientEvent.SyncUnexpectedError, () => this.#store.rejectResponse());
    this.lateKeys = new LateKeys(this.client, async (event) => void (await main.decrypted({ event })));
    const hold = request.decryptionHoldMs;
    this.timeline = new Timeline(this.client, main, this.lateKeys, hold, () => this.#syncedTo);
    const tell = async (facts: RoomFacts): Promise<void> => void (await main.facts(facts));
    this.rooms = new TrackedRooms(this.client, tell, this.#patience);
    listenForRings(this.client, main, this.#patience);
  }

  /** Opens the crypto store and starts to synchronise; see `open` of the contract. */
  async open(request: OpenRequest): Promise<{ deviceKey: string }> {
    const storageKey = Uint8Array.from(atob(request.storageKey), (character) => character.charCodeAt(0));
    try {
      await watchStorage(() => this.#onStorageLost());
      await this.client.initRustCrypto({ storageKey, cryptoDatabasePrefix: this.#cryptoPrefix() });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FerryError("crypto-store", `Ferry's keys could not be opened (${reason}). Nothing was deleted.`);
    } finally {
      storageKey.fill(0);
    }
    const crypto = cryptoBackend(this.client);
    const { ed25519: deviceKey } = await crypto.getOwnDeviceKeys();
    if (request.deviceKey !== null && request.deviceKey !== deviceKey) throw storeLost();
    this.#keepKeys(crypto);
    // Device lists change while Ferry is off, and a synchronisation from the start does not say which.
    await crypto.markAllTrackedUsersAsDirty();
    this.client.on(ClientEvent.Room, decryptOnDemand);
    if (request.discardSessions) this.#discardSessions();
    await this.#startSync();
    return { deviceKey };
  }

  /** Whether the crypto store is gone from under this page: only a new one can open it again. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Logs the device out and deletes its crypto store; the store goes even where the homeserver does not answer. */
  async logout(): Promise<void> {
    this.#stop();
    this.client.stopClient();
    this.client.http.abort();
    try {
      await revoke({ ...this.#credentials, ...this.#tokens.tokens });
    } finally {
      await this.client.clearStores({ cryptoDatabasePrefix: this.#cryptoPrefix() });
    }
  }

  /** A store of its own for each device: a new login never meets the keys of an earlier one. */
  #cryptoPrefix(): string {
    return `ferry-${this.client.getDeviceId()}`;
  }

  /**
   * The SDK catches it where the crypto layer cannot take in a response, and goes on: the room keys in it would be
   * acknowledged, deleted by the homeserver, and lost. Here the response is asked for again.
   */
  #keepKeys(crypto: CryptoBackend): void {
    const process = crypto.processSyncChanges.bind(crypto);
    crypto.processSyncChanges = async (changes) => {
      try {
        return await process(changes);
      } catch (error) {
        this.#store.rejectResponse();
        throw error;
      }
    };
  }

  /** Nothing can be decrypted any more: nothing more may be handed over as if its key were missing. */
  #onStorageLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#stop();
    this.client.stopClient();
    // Should main not hear it: everything it asks for fails with the same reason.
    this.#main.storageLost({}).catch(() => undefined);
  }

  #stop(): void {
    this.#patience.stop();
    this.rooms.stop();
    this.timeline.stop();
    this.lateKeys.stop();
  }

  #fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (!url.pathname.endsWith("/sync")) return this.#tokens.fetch(input, init);
    this.freshness.asked();
    return this.#tokens.fetch(input instanceof Request ? input : afresh(url), init);
  }

  async #startSync(): Promise<void> {
    const filter = Filter.fromJson(this.client.getSafeUserId(), "ferry", syncFilter());
    const settled = new Promise<void>((resolve) => {
      this.client.on(ClientEvent.Sync, (state) => {
        this.#onSyncState(state);
        if (state === SyncState.Prepared || state === SyncState.Error) resolve();
      });
      this.client.on(HttpApiEvent.SessionLoggedOut, (error) => {
        this.#connection.loggedOut(error.data["soft_logout"] === true);
        resolve();
      });
    });
    globalThis.addEventListener("offline", () => this.#connection.set("offline"));
    await this.client.startClient({
      filter,
      initialSyncLimit: 1,
      lazyLoadMembers: true,
      disablePresence: true,
      pendingEventOrdering: PendingEventOrdering.Detached,
      pollTimeout: POLL_TIMEOUT_MS,
    });
    await settled;
  }

  #onSyncState(state: SyncState): void {
    switch (state) {
      case SyncState.Prepared:
      case SyncState.Syncing:
        return this.#connection.set("online");
      case SyncState.Error:
      case SyncState.Reconnecting:
        return this.#connection.set("offline");
      case SyncState.Catchup:
      case SyncState.Stopped:
        return;
    }
  }

  /** Resolves once everything has been handed over that had come before this call, in any room's line. */
  async settle(roomId: RoomId): Promise<void> {
    // While main judges what has changed, what was said in the same response is in no line yet.
    await this.#taking;
    await this.timeline.settle(roomId);
  }

  /** In the SDK's loop, once a response has been processed, and before the next one is asked for. Must not throw. */
  #onSync(response: ISyncResponse): Promise<boolean> {
    const taken = this.#take(response);
    this.#taking = taken;
    return taken;
  }

  async #take(response: ISyncResponse): Promise<boolean> {
    const answeredTs = this.freshness.answered();
    // Main judges how the rooms are now before it hears what has been written in any of them.
    await this.rooms.onSync(response);
    this.#syncedTo = response.next_batch;
    this.freshness.processed(answeredTs);
    const isNew = this.timeline.onSync(response);
    for (const [roomId, joined] of Object.entries(response.rooms?.join ?? {})) {
      this.#connection.noteClock(joined.timeline?.events ?? []);
      const room = this.client.getRoom(roomId);
      if (room) trim(room);
    }
    return isNew;
  }

  /**
   * After a run that was cut off: a power failure may have taken the last writes of the crypto store with it, and an
   * outbound session that went back would encrypt two messages with one key. New sessions cost one key exchange each.
   */
  #discardSessions(): void {
    const discarded = new Set<string>();
    this.client.on(ClientEvent.Room, (room: Room) => {
      if (discarded.has(room.roomId) || !room.hasEncryptionStateEvent()) return;
      discarded.add(room.roomId);
      void this.client.getCrypto()?.forceDiscardSession(room.roomId);
    });
  }
}

/**
 * The first request of a synchronisation, made unlike any before it. Synapse answers an equal one from memory for two
 * minutes: after a restart Ferry would judge rooms by what they were before. Without a `since` no homeserver waits, so
 * that the timeout says nothing.
 */
function afresh(url: URL): URL {
  if (!url.searchParams.has("since")) url.searchParams.set("timeout", String(1 + (Date.now() % 1_000_000)));
  return url;
}

/** Before anything has been sent: this device's name must not come to stand for other keys. */
function storeLost(): FerryError {
  return new FerryError(
    "crypto-store-lost",
    "The keys of this login are gone: the browser has emptied the folder that they were in. Log out and log in again; " +
      "links and what is still owed are kept.",
  );
}

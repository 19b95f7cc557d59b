import { ClientEvent, MatrixClient, PendingEventOrdering } from "matrix-js-sdk/lib/client.js";
import { HttpApiEvent } from "matrix-js-sdk/lib/http-api/index.js";
import { SyncState } from "matrix-js-sdk/lib/sync.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { EventId, RoomId } from "../../main/matrix/ids.ts";
import type { RoomFacts } from "../../main/matrix/room-facts.ts";
import type { Credentials, engineNotifications, KeysFor } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import { Avatars } from "./avatar.ts";
import { Busy } from "./busy.ts";
import { ConnectionReport } from "./connection.ts";
import { cookieless } from "./cookieless.ts";
import { deleteOtherStores, deleteStore, discardSessions, keepKeys, storeLost, storePrefix } from "./crypto-store.ts";
import { toFailure } from "./failures.ts";
import { FileCarrier } from "./files/carrier.ts";
import { Freshness } from "./freshness.ts";
import { decryptOnDemand, trim } from "./frugal-rooms.ts";
import { Keyring } from "./keyring.ts";
import { setKeysFor } from "./keys-for.ts";
import { LateKeys } from "./late-keys.ts";
import { ignoreMalformed } from "./malformed.ts";
import { Patience } from "./patience.ts";
import { readsIn } from "./reads.ts";
import { endLogin, renewalOf } from "./renewal.ts";
import { listenForRings } from "./ring.ts";
import { silentLogger } from "./silence.ts";
import { cryptoBackend } from "./source-event.ts";
import { watchStorage } from "./store-watch.ts";
import { SyncFilter } from "./sync-filter.ts";
import { SyncStore } from "./sync-store.ts";
import { Timeline } from "./timeline.ts";
import { TokenKeeper } from "./tokens.ts";
import { TrackedRooms } from "./tracked-rooms.ts";
import { Trust } from "./trust.ts";
import { EMOJI } from "./verification.ts";
import { noticeWaking, Wake } from "./wake.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const POLL_TIMEOUT_MS = 30_000;

export interface OpenRequest {
  credentials: Credentials;
  storageKey: string;
  decryptionHoldMs: number;
  discardSessions: boolean;
  deviceKey: string | null;
  keysFor: KeysFor;
  rooms: readonly RoomId[];
}

/** A logged-in client: its crypto store, its synchronisation, its rooms' timelines. One a page, ever. */
export class Session {
  readonly client: MatrixClient;
  readonly timeline: Timeline;
  readonly lateKeys: LateKeys;
  readonly rooms: TrackedRooms;
  readonly trust: Trust;
  readonly avatars: Avatars;
  readonly files: FileCarrier;
  readonly busy = new Busy();
  readonly freshness = new Freshness();
  readonly #patience = new Patience();
  readonly #main: Client<typeof engineNotifications>;
  readonly #store: SyncStore;
  readonly #keyring = new Keyring();
  readonly #wake: Wake;
  #isLost = false;
  /** The last response of `/sync`, being taken in. */
  #taking: Promise<unknown> = Promise.resolve();
  #syncedTo: string | null = null;
  readonly #connection: ConnectionReport;
  readonly #credentials: Credentials;
  readonly #filter: SyncFilter;
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
    const onOnline = (): void => {
      this.timeline.wake();
      this.#patience.wake();
    };
    this.#connection = new ConnectionReport(main, onOnline, () => navigator.onLine || isHere(credentials.homeserver));
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
      cryptoCallbacks: this.#keyring.callbacks,
      verificationMethods: [EMOJI],
    });
    this.#filter = new SyncFilter(this.client, request.rooms);
    this.#wake = new Wake(this.client);
    this.trust = new Trust(this.client, this.#keyring, main);
    this.avatars = new Avatars(this.client);
    this.files = new FileCarrier(this.client, this.avatars, main, (input, init) => this.#tokens.fetch(input, init));
    this.client.on(ClientEvent.SyncUnexpectedError, () => this.#store.rejectResponse());
    this.lateKeys = new LateKeys(this.client, async (event) => void (await main.decrypted({ event })));
    this.timeline = new Timeline(this.client, main, this.lateKeys, request.decryptionHoldMs, () => this.#syncedTo);
    const tell = async (facts: RoomFacts): Promise<void> => void (await main.facts(facts));
    this.rooms = new TrackedRooms(this.client, tell, this.#patience);
    listenForRings(this.client, main, this.#patience);
  }

  /** Opens the crypto store and starts to synchronise; see `open` of the contract. */
  async open(request: OpenRequest): Promise<{ deviceKey: string }> {
    const storageKey = Uint8Array.from(atob(request.storageKey), (character) => character.charCodeAt(0));
    try {
      await watchStorage(() => this.#onStorageLost());
      await this.client.initRustCrypto({ storageKey, cryptoDatabasePrefix: storePrefix(this.client) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FerryError("crypto-store", `Ferry's keys could not be opened (${reason}). Nothing was deleted.`);
    } finally {
      storageKey.fill(0);
    }
    const crypto = cryptoBackend(this.client);
    const { ed25519: deviceKey } = await crypto.getOwnDeviceKeys();
    if (request.deviceKey !== null && request.deviceKey !== deviceKey) throw storeLost();
    await deleteOtherStores(this.client);
    ignoreMalformed(crypto, this.#main);
    keepKeys(crypto, () => this.#store.rejectResponse());
    setKeysFor(this.client, request.keysFor);
    this.trust.start();
    // Device lists change while Ferry is off, and a synchronisation from the start does not say which.
    await crypto.markAllTrackedUsersAsDirty();
    this.client.on(ClientEvent.Room, decryptOnDemand);
    if (request.discardSessions) discardSessions(this.client);
    await this.#startSync();
    return { deviceKey };
  }

  /** Whether the crypto store is gone from under this page: only a new one can open it again. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Logs the device out and deletes its crypto store. Where the homeserver does not answer, the login may go on, and its
   * keys stay; this page does not go on with it.
   */
  async logout(): Promise<void> {
    this.#stop();
    this.client.stopClient();
    this.client.http.abort();
    try {
      // Main stores what the tokens are renewed to: should the homeserver not end the login, it goes on with them.
      this.#tokens.wake();
      await endLogin(this.#credentials, this.#tokens);
    } catch (error) {
      if (toFailure(error).code !== "logged-out") throw error;
    }
    await deleteStore(this.client);
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
    const request = input instanceof Request ? input : afresh(this.#filter.applyTo(url));
    return this.#wake.asking((signal) => this.#tokens.fetch(request, { ...init, signal }), init?.signal);
  }

  /** See `watch` of the contract. */
  watch(roomId: RoomId, catchUp: boolean): Promise<{ before: EventId[] }> {
    if (this.#filter.add(roomId)) void this.#patience.untilDone(() => this.#filter.renew());
    return this.timeline.watch(roomId, catchUp);
  }

  /** See `wake` of the contract. */
  wake(): void {
    this.#tokens.wake();
    this.#wake.now();
    this.timeline.wake();
    this.#patience.wake();
  }

  async #startSync(): Promise<void> {
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
    for (const change of ["offline", "online"] as const) {
      globalThis.addEventListener(change, () => this.#connection.networkChanged());
    }
    noticeWaking(globalThis, () => this.wake());
    await this.client.startClient({
      filter: this.#filter.first,
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
    const reads = readsIn(response, this.#credentials.userId);
    // Main is there for as long as this page is.
    if (reads.length > 0) this.#main.read({ reads }).catch(() => undefined);
    for (const [roomId, joined] of Object.entries(response.rooms?.join ?? {})) {
      this.#connection.noteClock(joined.timeline?.events ?? []);
      const room = this.client.getRoom(roomId);
      if (room) trim(room);
    }
    return isNew;
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

/** Whether a homeserver is on this computer, so that it is reached without a network. */
function isHere(homeserver: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(homeserver).hostname);
}

// First: it silences the SDK before that is loaded.
import { silent } from "./quiet-sdk.ts";
import {
  ClientEvent,
  createClient,
  MatrixEventEvent,
  MatrixScheduler,
  PendingEventOrdering,
  RoomEvent,
  SyncState,
  type MatrixClient,
  type MatrixEvent,
} from "matrix-js-sdk";
import { until } from "./until.ts";

export interface LoggedIn {
  client: MatrixClient;
  userId: string;
  deviceId: string;
  accessToken: string;
}

/** Logs in as a new device with a password, and starts the client. */
export async function logIn(
  homeserver: string,
  user: string,
  password: string,
  onEvent: (event: MatrixEvent) => void,
): Promise<LoggedIn> {
  const login = await createClient({ baseUrl: homeserver, logger: silent }).loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
    initial_device_display_name: "Test client",
  });
  const { user_id: userId, device_id: deviceId, access_token: accessToken } = login;
  return startClient(homeserver, { userId, deviceId, accessToken }, onEvent);
}

/**
 * Starts synchronising as a device that is logged in: matrix-js-sdk as anybody's client uses it, keys in memory.
 *
 * @param onEvent called for every event that comes, and again when one decrypts
 * @returns after the first synchronisation
 */
export async function startClient(
  homeserver: string,
  login: Omit<LoggedIn, "client">,
  onEvent: (event: MatrixEvent) => void,
): Promise<LoggedIn> {
  const storageKeys = new Map<string, Uint8Array<ArrayBuffer>>();
  const client = createClient({
    baseUrl: homeserver,
    ...login,
    logger: silent,
    timelineSupport: true,
    cryptoCallbacks: {
      cacheSecretStorageKey: (id, _info, key) => void storageKeys.set(id, key),
      getSecretStorageKey: async ({ keys }) => [...storageKeys].find(([id]) => Object.hasOwn(keys, id)) ?? null,
    },
    // No queue over all rooms: whoever wants order waits for each send.
    scheduler: new MatrixScheduler(undefined, () => null),
  });
  await client.initRustCrypto({ useIndexedDB: false });
  client.on(RoomEvent.Timeline, onEvent);
  client.on(MatrixEventEvent.Decrypted, onEvent);
  await client.startClient({
    initialSyncLimit: 1000,
    pollTimeout: 10_000,
    disablePresence: true,
    // Own messages enter the timeline when they come back, so that everybody sees the same order.
    pendingEventOrdering: PendingEventOrdering.Detached,
  });
  await untilSynced(client, login.userId);
  return { client, ...login };
}

/**
 * Makes cross-signing keys for the account, which sign this device: other clients see then that it is its owner's.
 *
 * @param password for the homeserver, which may want it again before it takes the keys
 */
export async function crossSign(client: MatrixClient, password: string): Promise<void> {
  const crypto = client.getCrypto();
  const user = client.getSafeUserId();
  if (!crypto) throw new Error(`${user}'s client has no encryption.`);
  const identifier = { type: "m.id.user", user };
  await crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (send) => send({ type: "m.login.password", identifier, password }),
  });
  // It knows of its own signature once the homeserver has told it.
  const signed = async (): Promise<boolean> =>
    (await crypto.getDeviceVerificationStatus(user, client.getDeviceId() ?? ""))?.signedByOwner === true;
  await until(signed, 20_000, () => `${user}'s device was not signed by its owner.`);
}

/**
 * Gives an account that has cross-signing keys a secret storage with them in it, and a key backup.
 *
 * @param passphrase opens it besides the recovery key
 * @returns the recovery key
 */
export async function makeRecoverable(client: MatrixClient, passphrase?: string): Promise<string> {
  const crypto = client.getCrypto();
  if (!crypto) throw new Error(`${client.getSafeUserId()}'s client has no encryption.`);
  const key = await crypto.createRecoveryKeyFromPassphrase(passphrase);
  await crypto.bootstrapSecretStorage({
    createSecretStorageKey: async () => key,
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
  });
  if (key.encodedPrivateKey === undefined) throw new Error("The SDK has made no recovery key.");
  return key.encodedPrivateKey;
}

async function untilSynced(client: MatrixClient, user: string): Promise<void> {
  let reason = "";
  client.on(ClientEvent.Sync, (_state, _previous, data) => (reason = data?.error?.message ?? reason));
  const synced = (): boolean =>
    client.getSyncState() === SyncState.Prepared || client.getSyncState() === SyncState.Syncing;
  await until(synced, 30_000, () => `${user}'s client did not synchronise. ${reason}`);
}

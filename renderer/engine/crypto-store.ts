import { ClientEvent, type MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { FerryError } from "../../main/matrix/errors.ts";

/** What keeps the crypto store from losing a key, and from using one twice; and how it ends. */

/** A store of its own for each device: a new login never meets the keys of an earlier one. */
const PREFIX = "ferry-";
const DELETE_LIMIT_MS = 3_000;

export function storePrefix(client: MatrixClient): string {
  return `${PREFIX}${client.getDeviceId()}`;
}

/**
 * Deletes this device's crypto store. What the SDK has let go of may hold it open until it is collected as garbage, so
 * after a few seconds that is left to the next login: by then the key that opens it has been deleted.
 */
export async function deleteStore(client: MatrixClient): Promise<void> {
  const limit = new Promise((resolve) => setTimeout(resolve, DELETE_LIMIT_MS));
  await Promise.race([client.clearStores({ cryptoDatabasePrefix: storePrefix(client) }), limit]);
}

/** Deletes what earlier logins have left. Called once this device's own store is open, and known to be the right one. */
export async function deleteOtherStores(client: MatrixClient): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith(PREFIX) && !name.startsWith(`${storePrefix(client)}::`)) indexedDB.deleteDatabase(name);
  }
}

/**
 * The SDK catches it where the crypto layer cannot take in a response, and goes on: the room keys in it would be
 * acknowledged, deleted by the homeserver, and lost.
 *
 * @param reject the response is to be asked for again
 */
export function keepKeys(crypto: CryptoBackend, reject: () => void): void {
  const process = crypto.processSyncChanges.bind(crypto);
  crypto.processSyncChanges = async (changes) => {
    try {
      return await process(changes);
    } catch (error) {
      reject();
      throw error;
    }
  };
}

/**
 * After a run that was cut off: a power failure may have taken the last writes of the crypto store with it, and an
 * outbound session that went back would encrypt two messages with one key. New sessions cost one key exchange each.
 */
export function discardSessions(client: MatrixClient): void {
  const discarded = new Set<string>();
  client.on(ClientEvent.Room, (room: Room) => {
    if (discarded.has(room.roomId) || !room.hasEncryptionStateEvent()) return;
    discarded.add(room.roomId);
    void client.getCrypto()?.forceDiscardSession(room.roomId);
  });
}

/** Before anything has been sent: this device's name must not come to stand for other keys. */
export function storeLost(): FerryError {
  return new FerryError(
    "crypto-store-lost",
    "The keys of this login are gone: the browser has emptied the folder that they were in. Log out and log in again; " +
      "links and what is still owed are kept.",
  );
}

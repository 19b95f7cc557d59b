import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { SECRET_STORAGE_ALGORITHM_V1_AES, type SecretStorageKeyDescription } from "matrix-js-sdk/lib/secret-storage.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { NOT_WRITTEN_DOWN } from "../../main/matrix/unstable.ts";
import { toFailure } from "./failures.ts";
import { cryptoBackend } from "./source-event.ts";

/**
 * Whether the user has the recovery key that Ferry has made. It stands in the key's own description, from before the key
 * is the account's: so it outlives this page, main and the window, and whatever answer is lost.
 */

type Description = SecretStorageKeyDescription & { [NOT_WRITTEN_DOWN]?: unknown };

/** Adds a key to the account's secret storage, as one that nobody has written down. @returns its id */
export async function addUnwrittenKey(client: MatrixClient, key: Uint8Array<ArrayBuffer>): Promise<string> {
  const { keyId, keyInfo } = await client.secretStorage.addKey(SECRET_STORAGE_ALGORITHM_V1_AES, { key });
  await describe(client, keyId, { ...keyInfo, [NOT_WRITTEN_DOWN]: true });
  return keyId;
}

/** Whether the account's recovery key is one that Ferry has made and nobody has written down. */
export async function isUnwritten(client: MatrixClient): Promise<boolean> {
  const found: [string, Description] | null = await client.secretStorage.getKey();
  return found !== null && found[1][NOT_WRITTEN_DOWN] === true;
}

/** Whether Ferry may put another key in the place of the account's: nobody has that, and this device has all it is for. */
export async function canBeMadeAnew(client: MatrixClient): Promise<boolean> {
  return (await isUnwritten(client)) && (await hasPrivateKeys(client));
}

/** Whether this device has the private keys of an identity. */
export async function hasPrivateKeys(client: MatrixClient): Promise<boolean> {
  const { privateKeysCachedLocally: keys } = await cryptoBackend(client).getCrossSigningStatus();
  return keys.masterKey && keys.selfSigningKey && keys.userSigningKey;
}

/**
 * The user has written the key down.
 *
 * @throws FerryError `wrong-recovery-key` where another one is the account's by now, those of the network
 */
export async function noteWritten(client: MatrixClient, keyId: string): Promise<void> {
  try {
    const found: [string, Description] | null = await client.secretStorage.getKey();
    if (found?.[0] !== keyId) throw replaced();
    const { [NOT_WRITTEN_DOWN]: mark, ...description } = found[1];
    if (mark !== undefined) await describe(client, keyId, description);
  } catch (error) {
    throw toFailure(error);
  }
}

async function describe(client: MatrixClient, keyId: string, description: Description): Promise<void> {
  await client.setAccountData(`m.secret_storage.key.${keyId}`, description);
}

function replaced(): FerryError {
  return new FerryError(
    "wrong-recovery-key",
    "Meanwhile this account has got another recovery key. The one that you have written down opens nothing.",
  );
}

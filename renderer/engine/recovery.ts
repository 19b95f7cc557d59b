import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { SecretStorageKeyDescription } from "matrix-js-sdk/lib/secret-storage.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject } from "../../main/matrix/event.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { toFailure } from "./failures.ts";
import type { Keyring } from "./keyring.ts";
import { isVerified, ownIds, requireSynchronised } from "./own-device.ts";
import { toStorageKey, wrongRecoveryKey } from "./recovery-key.ts";
import { cryptoBackend } from "./source-event.ts";
import { noteWritten } from "./written-key.ts";

/** The names under which an account keeps the private keys of its identity (client-server API, "Cross-signing"). */
const IDENTITY_SECRETS = [
  "m.cross_signing.master",
  "m.cross_signing.self_signing",
  "m.cross_signing.user_signing",
] as const;

/**
 * Opens the account's secret storage, signs this device with the identity that is in it, and connects key backup.
 *
 * Dies the page on the way, the device is signed or it is not; done again it ends the same.
 *
 * @returns why key backup could not be connected; null where it is, or where the account has none
 * @throws FerryError `wrong-recovery-key`, `no-recovery-key`, those of the network
 */
export async function verifyRecovery(
  client: MatrixClient,
  keyring: Keyring,
  secret: string,
): Promise<FerryError | null> {
  requireSynchronised(client);
  try {
    const [id, info] = await storageKeyOf(client);
    const key = await toStorageKey(secret, info.passphrase);
    // Without a code to check it by, only opening what it is for shows whether it is right.
    const isChecked = typeof info.mac === "string";
    if (isChecked && !(await client.secretStorage.checkKey(key, info))) throw wrongRecoveryKey();
    const backupFailure = await keyring.use(id, key, async () => {
      await requireSecrets(client, isChecked);
      await signThisDevice(client);
      return connectBackup(client);
    });
    // Whoever has it has written it down. Where that cannot be noted, Ferry offers to make another one, and no more.
    await noteWritten(client, id).catch(() => undefined);
    return backupFailure;
  } catch (error) {
    throw toFailure(error);
  }
}

async function storageKeyOf(client: MatrixClient): Promise<[string, SecretStorageKeyDescription]> {
  const found = await client.secretStorage.getKey();
  if (found === null) throw noRecoveryKey("This account has no recovery key yet. Compare emoji with another device.");
  const [id, info]: [string, unknown] = found;
  if (!isObject(info) || info["algorithm"] !== "m.secret_storage.v1.aes-hmac-sha2") {
    throw noRecoveryKey("This account's recovery key is of a kind that Ferry does not know.");
  }
  return [id, found[1]];
}

/** The SDK makes a new identity where it does not find one: what is missing has to be noticed before it looks. */
async function requireSecrets(client: MatrixClient, isChecked: boolean): Promise<void> {
  for (const name of IDENTITY_SECRETS) {
    let secret: string | undefined;
    try {
      secret = await client.secretStorage.get(name);
    } catch {
      if (!isChecked) throw wrongRecoveryKey();
      throw noRecoveryKey("The recovery key is right, but it does not open what this account's identity is kept in.");
    }
    if (!secret) throw noRecoveryKey("This account's recovery key does not keep its identity. Compare emoji instead.");
  }
}

async function signThisDevice(client: MatrixClient): Promise<void> {
  const { user, device } = ownIds(client);
  const crypto = cryptoBackend(client);
  // The private keys are taken in only where the public ones are known.
  await queryDeviceKeys(client, [user]);
  try {
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: refuseNewIdentity });
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== "internal") throw failure;
    throw noRecoveryKey("The recovery key is right, but it keeps an identity that this account no longer has.");
  }
  await queryDeviceKeys(client, [user]);
  if (await isVerified(client)) return;
  // It had the keys before, and has never been signed with them.
  await crypto.crossSignDevice(device);
  await queryDeviceKeys(client, [user]);
  if (await isVerified(client)) return;
  throw new FerryError("homeserver-error", "The homeserver did not keep the signature that verifies this device.");
}

/** Whatever happens, nobody's identity is replaced. */
async function refuseNewIdentity(): Promise<never> {
  throw new FerryError("no-recovery-key", "This account's identity was not found, and Ferry makes no new one.");
}

/** From then on keys that are missing are looked for in the backup; the SDK does so by itself. */
async function connectBackup(client: MatrixClient): Promise<FerryError | null> {
  const crypto = cryptoBackend(client);
  try {
    if ((await crypto.getKeyBackupInfo()) === null) return null;
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await crypto.checkKeyBackupAndEnable();
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

function noRecoveryKey(sentence: string): FerryError {
  return new FerryError("no-recovery-key", sentence);
}

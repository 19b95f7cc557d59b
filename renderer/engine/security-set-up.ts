import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api/index.js";
import { MatrixError } from "matrix-js-sdk/lib/http-api/index.js";
import type { UIAuthCallback } from "matrix-js-sdk/lib/interactive-auth.js";
import { z } from "zod";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject } from "../../main/matrix/event.ts";
import type { UserId } from "../../main/matrix/ids.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { toFailure } from "./failures.ts";
import type { Keyring } from "./keyring.ts";
import { hasIdentity, ownIds, requireSynchronised } from "./own-device.ts";
import { cryptoBackend } from "./source-event.ts";
import { addUnwrittenKey, hasPrivateKeys, isUnwritten } from "./written-key.ts";

/** What the SDK exports (MSC4108, "secrets bundle"); its own type for it is missing from its package. */
const secretsBundle = z.object({
  cross_signing: z.object({ master_key: z.string(), self_signing_key: z.string(), user_signing_key: z.string() }),
  backup: z.object({ key: z.string() }).nullish(),
});

const KEY_BYTES = 32;
const PASSWORD_STAGE = "m.login.password";

/** See `securitySetUp` of the contract. */
export interface NewKey {
  recoveryKey: string;
  keyId: string;
}

/**
 * Makes what an account lacks that has never been secured: a cross-signing identity, a key backup, and a recovery key for
 * both. Nothing that the account has is replaced, except a recovery key of Ferry's that nobody has written down.
 *
 * Dies the page on the way, the account has no recovery key yet, for which key is the account's stands last; this device
 * has what was made in its crypto store, and done again it goes on with that. Dies anything after that, the key is one
 * that nobody has written down.
 *
 * @param password for a homeserver that wants it again
 * @returns the recovery key, which nobody else ever has, and its id, to say by `noteWritten` that the user has it
 * @throws FerryError `already-set-up`, `wrong-password`, `confirmation-unknown`, those of the network
 */
export async function setUpSecurity(client: MatrixClient, keyring: Keyring, password: string | null): Promise<NewKey> {
  requireSynchronised(client);
  const { user } = ownIds(client);
  const crypto = cryptoBackend(client);
  try {
    await requireUnsecured(client, crypto);
    if (!(await hasIdentity(client))) {
      // Always a new one: one that is here already is of a try that the homeserver did not let pass.
      const authUploadDeviceSigningKeys = authorise(user, password);
      await crypto.bootstrapCrossSigning({ setupNewCrossSigning: true, authUploadDeviceSigningKeys });
    }
    await queryDeviceKeys(client, [user]);
    if ((await crypto.getKeyBackupInfo()) === null) await crypto.resetKeyBackup();
    return await storeSecrets(client, keyring);
  } catch (error) {
    throw toFailure(error);
  }
}

async function requireUnsecured(client: MatrixClient, crypto: CryptoApi): Promise<void> {
  const hasKey = (await client.secretStorage.getDefaultKeyId()) !== null;
  if (hasKey && !(await isUnwritten(client))) throw alreadySetUp();
  if ((hasKey || (await hasIdentity(client))) && !(await hasPrivateKeys(client))) throw alreadySetUp();
  const backup = await crypto.checkKeyBackupAndEnable();
  if (backup !== null && !backup.trustInfo.matchesDecryptionKey) throw alreadySetUp();
}

function alreadySetUp(): FerryError {
  return new FerryError(
    "already-set-up",
    "This account is secured already, by another app. Ferry changed nothing. Verify this device by the recovery key, or by emoji.",
  );
}

/** Puts the secrets under a new key; which key is the account's is said last, when everything is under it. */
async function storeSecrets(client: MatrixClient, keyring: Keyring): Promise<NewKey> {
  const storage = client.secretStorage;
  const { cross_signing: identity, backup } = await exportSecrets(client);
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const recoveryKey = encodeRecoveryKey(key);
  if (recoveryKey === undefined) throw new FerryError("internal", "The recovery key could not be written down.");
  const keyId = await addUnwrittenKey(client, key);
  await keyring.use(keyId, key, async () => {
    await storage.store("m.cross_signing.master", identity.master_key, [keyId]);
    await storage.store("m.cross_signing.self_signing", identity.self_signing_key, [keyId]);
    await storage.store("m.cross_signing.user_signing", identity.user_signing_key, [keyId]);
    if (backup) await storage.store("m.megolm_backup.v1", backup.key, [keyId]);
  });
  await storage.setDefaultKeyId(keyId);
  return { recoveryKey, keyId };
}

/** What this device has of the account's secrets. @throws FerryError `internal` where it is not all */
async function exportSecrets(client: MatrixClient): Promise<z.output<typeof secretsBundle>> {
  const bundle = secretsBundle.safeParse(await cryptoBackend(client).exportSecretsBundle?.());
  if (bundle.success) return bundle.data;
  throw new FerryError("internal", "This account's new keys could not be read.");
}

/** Answers a homeserver that wants to know who is there before it takes new keys (user-interactive authentication). */
export function authorise(user: UserId, password: string | null): UIAuthCallback<void> {
  return async (send) => {
    try {
      return await send(null);
    } catch (error) {
      const { flows, session } = challengeOf(error);
      const takesPassword = flows.some((stages) => stages.length === 1 && stages[0] === PASSWORD_STAGE);
      if (!takesPassword) throw confirmationUnknown();
      if (password === null) throw wrongPassword("The homeserver asks for this account's password.");
      const identifier = { type: "m.id.user", user };
      return sendWithPassword(() => send({ type: PASSWORD_STAGE, identifier, password, session }));
    }
  };
}

async function sendWithPassword(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof MatrixError && error.errcode === "M_FORBIDDEN") {
      throw wrongPassword("This is not the password of this account.");
    }
    throw error;
  }
}

/** What a homeserver wants to see first. @throws whatever it was, where it is something else */
function challengeOf(error: unknown): { flows: unknown[][]; session: string } {
  const data: unknown = error instanceof MatrixError && error.httpStatus === 401 ? error.data : null;
  if (!isObject(data) || !Array.isArray(data["flows"]) || typeof data["session"] !== "string") throw error;
  const stages = data["flows"].map((flow) => (isObject(flow) && Array.isArray(flow["stages"]) ? flow["stages"] : []));
  return { flows: stages, session: data["session"] };
}

function wrongPassword(what: string): FerryError {
  return new FerryError("wrong-password", `${what} Nothing was changed.`);
}

function confirmationUnknown(): FerryError {
  return new FerryError(
    "confirmation-unknown",
    "The homeserver wants this confirmed in a way that Ferry does not know. Nothing was changed. Set up recovery in another app, and then verify this device with it.",
  );
}

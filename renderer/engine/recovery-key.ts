import { decodeRecoveryKey, deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/index.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject } from "../../main/matrix/event.ts";

/** What people type, turned into the key of the account's secret storage. */

/** The key has 256 bits; who says something else means another way than Ferry knows. */
const KEY_BITS = 256;
/** Far above what clients choose (500,000): more would only be meant to keep this machine busy. */
const MOST_ITERATIONS = 10_000_000;

/**
 * The key that a recovery key stands for, or else a passphrase: people have one or the other, and one field to type it in.
 *
 * @param secret as it was typed
 * @param info `passphrase` of the storage key's description (client-server API, "Deriving keys from passphrases")
 * @throws FerryError `wrong-recovery-key` where it is no recovery key and there is no passphrase
 */
export async function toStorageKey(secret: string, info: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const decoded = decode(secret);
  if (decoded !== null) return decoded;
  if (!isObject(info) || info["algorithm"] !== "m.pbkdf2") throw wrongRecoveryKey();
  const { salt, iterations, bits } = info;
  const isKnown = bits === undefined || bits === KEY_BITS;
  if (!isKnown || typeof salt !== "string" || typeof iterations !== "number") throw wrongRecoveryKey();
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS) throw wrongRecoveryKey();
  return deriveRecoveryKeyFromPassphrase(secret, salt, iterations, KEY_BITS);
}

function decode(secret: string): Uint8Array<ArrayBuffer> | null {
  try {
    return decodeRecoveryKey(secret.replace(/\s/g, ""));
  } catch {
    // It is no recovery key: a passphrase, or a slip of the pen.
    return null;
  }
}

export function wrongRecoveryKey(): FerryError {
  return new FerryError(
    "wrong-recovery-key",
    "This is not the recovery key or passphrase of this account. Nothing was changed. Check it and try again.",
  );
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject } from "../../main/matrix/event.ts";
import type { DeviceId, UserId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { cryptoBackend } from "./source-event.ts";

/** This device and the account's identity, as the account's other devices and other people see them. */

export function ownIds(client: MatrixClient): { user: UserId; device: DeviceId } {
  return { user: client.getSafeUserId() as UserId, device: client.getDeviceId() as DeviceId };
}

/** Whether this device is signed by its account's cross-signing identity, and that identity is one it trusts (MSC4153). */
export async function isVerified(client: MatrixClient): Promise<boolean> {
  const { user, device } = ownIds(client);
  const status = await cryptoBackend(client).getDeviceVerificationStatus(user, device);
  return status !== null && status.signedByOwner && status.crossSigningVerified;
}

/** Whether another device of the account is signed by its identity, as the homeserver shows that. */
export async function isSigned(client: MatrixClient, device: string): Promise<boolean> {
  const { user } = ownIds(client);
  return (await cryptoBackend(client).getDeviceVerificationStatus(user, device))?.signedByOwner === true;
}

/**
 * Whether the account has a cross-signing identity, by the word of the homeserver: what the crypto library remembers may
 * be one that it made and could not upload.
 *
 * @throws FerryError where the homeserver cannot be reached
 */
export async function hasIdentity(client: MatrixClient): Promise<boolean> {
  const { user } = ownIds(client);
  try {
    const { master_keys: keys } = await client.downloadKeysForUsers([user]);
    return isObject(keys?.[user]);
  } catch (error) {
    throw toFailure(error);
  }
}

/** @throws FerryError `homeserver-unreachable` before what the account stores at its homeserver has been read */
export function requireSynchronised(client: MatrixClient): void {
  if (client.isInitialSyncComplete()) return;
  throw new FerryError("homeserver-unreachable", "Ferry has not reached the homeserver since it started.");
}

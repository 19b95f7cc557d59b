import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { DeviceId } from "../../main/matrix/ids.ts";
import type { SecurityState } from "../../main/protocol/engine.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { hasIdentity, isSigned, isVerified, ownIds, requireSynchronised } from "./own-device.ts";
import { cryptoBackend } from "./source-event.ts";
import { canBeMadeAnew } from "./written-key.ts";

/** See `security` of the contract. What the homeserver cannot be asked now is answered from what is known. */
export async function security(client: MatrixClient): Promise<SecurityState> {
  requireSynchronised(client);
  const { user, device } = ownIds(client);
  const crypto = cryptoBackend(client);
  const isReached = await queryDeviceKeys(client, [user]).then(
    () => true,
    () => false,
  );
  const known = async (): Promise<boolean> => (await crypto.getUserCrossSigningKeys(user)) !== null;
  const { ed25519 } = await crypto.getOwnDeviceKeys();
  const { privateKeysInSecretStorage } = await crypto.getCrossSigningStatus();
  return {
    deviceId: device,
    deviceName: await nameOf(client, device),
    fingerprint: inGroups(ed25519),
    verified: await isVerified(client),
    crossSigning: await hasIdentity(client).catch(known),
    recovery: privateKeysInSecretStorage && !(await canBeMadeAnew(client)),
    otherDevices: await countOtherDevices(client),
    backup: await backupState(client, isReached),
  };
}

/** How many other devices of the account are verified, and can so vouch for this one. */
export async function countOtherDevices(client: MatrixClient): Promise<number> {
  const { user, device } = ownIds(client);
  const devices = (await cryptoBackend(client).getUserDeviceInfo([user])).get(user);
  let count = 0;
  for (const [id, { dehydrated }] of devices ?? []) {
    if (id !== device && !dehydrated && (await isSigned(client, id))) count += 1;
  }
  return count;
}

async function nameOf(client: MatrixClient, device: DeviceId): Promise<string | null> {
  try {
    return (await client.getDevice(device)).display_name ?? null;
  } catch {
    // A name is not worth a failure.
    return null;
  }
}

async function backupState(client: MatrixClient, isReached: boolean): Promise<SecurityState["backup"]> {
  const crypto = cryptoBackend(client);
  const check = await crypto.checkKeyBackupAndEnable();
  if (check === null) return isReached ? "missing" : "not-connected";
  const active = await crypto.getActiveSessionBackupVersion();
  // It may be written to by whoever trusts it; only with its own key it can be read.
  return active !== null && check.trustInfo.matchesDecryptionKey ? "connected" : "not-connected";
}

/** A key as it can be compared by eye. */
function inGroups(key: string): string {
  return key.match(/.{1,4}/g)?.join(" ") ?? key;
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { AllDevicesIsolationMode, OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { KeysFor } from "../../main/protocol/engine.ts";
import { isVerified } from "./own-device.ts";
import { cryptoBackend } from "./source-event.ts";

const ALL = new AllDevicesIsolationMode(false);
const VERIFIED = new OnlySignedDevicesIsolationMode();

const chosen = new WeakMap<MatrixClient, KeysFor>();

/** Which devices get the keys to what is sent from now on. Where some lose them, the next message has a new key. */
export function setKeysFor(client: MatrixClient, keysFor: KeysFor): void {
  chosen.set(client, keysFor);
}

/**
 * Encrypts an event for the devices that are to get its key.
 *
 * The SDK's own setting would do the same for reading, and leave out what people write on devices that they have not
 * verified. So it stands only while the SDK looks at it, which it does before it waits for anything.
 *
 * @throws FerryError `encryption-failed` where only verified devices get keys and this one is not: the others would not
 * take its messages
 */
export async function encryptEvent(client: MatrixClient, event: MatrixEvent, room: Room): Promise<void> {
  const crypto = cryptoBackend(client);
  if (chosen.get(client) !== "verified") return crypto.encryptEvent(event, room);
  if (!(await isVerified(client))) {
    throw new FerryError(
      "encryption-failed",
      "Only verified devices are to get keys, and this device is not verified itself. Verify it, or let all devices get keys.",
    );
  }
  crypto.setDeviceIsolationMode(VERIFIED);
  const encrypted = crypto.encryptEvent(event, room);
  crypto.setDeviceIsolationMode(ALL);
  return encrypted;
}

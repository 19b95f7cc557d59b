import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import { isObject } from "../../main/matrix/event.ts";
import type { engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";

/** Where the SDK's crypto layer takes in what others send; most of it is not said in its types. */
interface Entrances {
  processSyncChanges(changes: { toDeviceEvents: unknown[] }): Promise<unknown>;
  onIncomingKeyVerificationRequest(sender: unknown, transactionId: unknown): void;
  onKeyVerificationEvent(event: unknown): Promise<void>;
}

/**
 * Keeps malformed requests to compare devices from the crypto library. One to this device whose transaction id is no text
 * makes it fail over the whole response of `/sync`, room keys included, whenever that is asked for again: anybody could
 * stop Ferry by it. One in a room is a promise that the SDK leaves to nobody. That there was one is logged, and nothing of it.
 */
export function ignoreMalformed(crypto: CryptoBackend, main: Pick<Client<typeof engineNotifications>, "log">): void {
  const ignored = (): void => {
    // Main is there for as long as this page is.
    main.log({ level: "debug", event: "malformed-ignored", fields: {} }).catch(() => undefined);
  };
  const entrances = crypto as unknown as Entrances;
  const processSyncChanges = entrances.processSyncChanges.bind(crypto);
  const onIncomingKeyVerificationRequest = entrances.onIncomingKeyVerificationRequest.bind(crypto);
  const onKeyVerificationEvent = entrances.onKeyVerificationEvent.bind(crypto);
  entrances.processSyncChanges = (changes) => {
    const toDeviceEvents = changes.toDeviceEvents.filter((event) => isObject(event) && isObject(event["content"]));
    if (toDeviceEvents.length < changes.toDeviceEvents.length) ignored();
    return processSyncChanges({ ...changes, toDeviceEvents });
  };
  // Also for what has come encrypted, and is read only in there.
  entrances.onIncomingKeyVerificationRequest = (sender, transactionId) => {
    if (typeof transactionId !== "string") return ignored();
    try {
      onIncomingKeyVerificationRequest(sender, transactionId);
    } catch {
      ignored();
    }
  };
  entrances.onKeyVerificationEvent = async (event) => {
    try {
      await onKeyVerificationEvent(event);
    } catch {
      ignored();
    }
  };
}

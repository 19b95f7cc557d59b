import { UserId as CryptoUserId, type KeysQueryRequest } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { UserId } from "../../main/matrix/ids.ts";
import { cryptoBackend } from "./source-event.ts";

/** What the SDK's crypto layer does for itself and offers nobody. */
interface CryptoInside {
  getOlmMachineOrThrow(): { queryKeysForUsers(users: CryptoUserId[]): KeysQueryRequest };
  outgoingRequestProcessor: { makeOutgoingRequest(request: KeysQueryRequest): Promise<void> };
}

/**
 * Asks the homeserver for these people's devices, and gives the answer to the crypto library: it encrypts only to
 * devices that it knows, and by itself learns only of those in encrypted rooms.
 */
export async function queryDeviceKeys(client: MatrixClient, users: readonly UserId[]): Promise<void> {
  const crypto = cryptoBackend(client) as unknown as CryptoInside;
  const request = crypto.getOlmMachineOrThrow().queryKeysForUsers(users.map((user) => new CryptoUserId(user)));
  await crypto.outgoingRequestProcessor.makeOutgoingRequest(request);
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { Direction } from "matrix-js-sdk/lib/models/event-timeline.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import { isEventId, type EventId, type RoomId, type TransactionId, type UserId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { cryptoBackend, decrypt, isEncryptedRoom, isUndecrypted, receive, toSourceEvent } from "./source-event.ts";

const PAGE = 100;
const CLOCK_SLACK_MS = 10 * 60_000;

/**
 * Encrypts where the room is encrypted, and sends with the given transaction id.
 *
 * Not by the SDK's `sendEvent`: that puts all rooms into one queue, keeps a local echo of everything it sends, and
 * rejects what is queued behind a failure.
 */
export async function send(
  client: MatrixClient,
  request: { roomId: RoomId; type: string; content: JsonObject; transactionId: TransactionId; mustEncrypt: boolean },
): Promise<{ eventId: EventId }> {
  const { roomId, type, content, transactionId, mustEncrypt } = request;
  const room = client.getRoom(roomId);
  if (!room) throw notThere(client);
  const event = new MatrixEvent({
    room_id: roomId,
    sender: client.getSafeUserId(),
    event_id: `~${transactionId}`,
    type,
    content,
  });
  const isEncrypted = await isEncryptedRoom(client, roomId);
  if (mustEncrypt && !isEncrypted) {
    throw new FerryError("encryption-gone", "the homeserver says that this room is not encrypted, and it was.");
  }
  // Reactions stand in the clear in every client: homeservers aggregate them.
  if (type !== "m.reaction" && isEncrypted) {
    try {
      await cryptoBackend(client).encryptEvent(event, room);
    } catch (error) {
      throw encryptionFailure(error);
    }
  }
  const path = `/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(event.getWireType())}/${transactionId}`;
  return put(client, path, event.getWireContent());
}

/** Redacts with the given transaction id. */
export async function redact(
  client: MatrixClient,
  request: { roomId: RoomId; eventId: EventId; transactionId: TransactionId },
): Promise<{ eventId: EventId }> {
  const { roomId, eventId, transactionId } = request;
  if (!client.getRoom(roomId)) throw notThere(client);
  const path = `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(eventId)}/${transactionId}`;
  return put(client, path, {});
}

/** Sets a state event: the same content a second time changes nothing. */
export async function setState(
  client: MatrixClient,
  request: { roomId: RoomId; type: string; stateKey: string; content: JsonObject },
): Promise<{ eventId: EventId }> {
  const { roomId, type, stateKey, content } = request;
  const path = `/rooms/${encodeURIComponent(roomId)}/state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
  return put(client, path, content);
}

async function put(client: MatrixClient, path: string, content: object): Promise<{ eventId: EventId }> {
  try {
    const answer = await client.http.authedRequest<{ event_id?: unknown }>(Method.Put, path, undefined, content);
    if (isEventId(answer.event_id)) return { eventId: answer.event_id };
  } catch (error) {
    throw toFailure(error);
  }
  throw new FerryError("homeserver-error", "The homeserver accepted an event but did not name it.");
}

function notThere(client: MatrixClient): FerryError {
  return client.isInitialSyncComplete()
    ? new FerryError("not-joined", "This account is not in that room any more.")
    : new FerryError("homeserver-unreachable", "Ferry has not reached the homeserver since it started.");
}

/** A failed request for keys is the network's failure; what the crypto library itself refuses is another matter. */
function encryptionFailure(error: unknown): FerryError {
  const failure = toFailure(error);
  if (failure.code !== "internal") return failure;
  return new FerryError("encryption-failed", `The message could not be encrypted (${failure.message}).`);
}

/** See `ownEvents` of the contract. */
export async function ownEvents(
  client: MatrixClient,
  roomId: RoomId,
  sinceTs: number,
): Promise<{ eventId: EventId; type: string; content: JsonObject }[]> {
  const own: { eventId: EventId; type: string; content: JsonObject }[] = [];
  const user = client.getSafeUserId() as UserId;
  for (let from: string | null = null; ;) {
    const page: Awaited<ReturnType<MatrixClient["createMessagesRequest"]>> = await client
      .createMessagesRequest(roomId, from, PAGE, Direction.Backward)
      .catch((error: unknown) => {
        throw toFailure(error);
      });
    for (const raw of (page.chunk ?? []) as unknown[]) {
      if (isObject(raw) && typeof raw["origin_server_ts"] === "number") {
        if (raw["origin_server_ts"] < sinceTs - CLOCK_SLACK_MS) return own;
      }
      const received = receive(client, roomId, raw);
      if (received === null || received.raw["sender"] !== user) continue;
      await decrypt(client, received);
      if (isUndecrypted(received)) continue;
      const { eventId, type, content } = toSourceEvent(client, roomId, received, true);
      own.push({ eventId, type, content });
    }
    if (!page.end) return own;
    from = page.end;
  }
}

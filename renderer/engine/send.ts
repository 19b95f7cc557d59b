import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { Direction } from "matrix-js-sdk/lib/models/event-timeline.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import type { Outgoing } from "../../main/protocol/engine.ts";
import { isEventId, type EventId, type RoomId, type TransactionId, type UserId } from "../../main/matrix/ids.ts";
import { encryptOnce, notThere } from "./encrypt.ts";
import { toFailure } from "./failures.ts";
import type { Freshness } from "./freshness.ts";
import { decrypt, isUndecrypted, receive, toSourceEvent } from "./source-event.ts";

const PAGE = 100;
const CLOCK_SLACK_MS = 10 * 60_000;
const FOREIGN_SLACK_MS = 24 * 3_600_000;

/**
 * Sends with the given transaction id, encrypted where the room is encrypted.
 *
 * Not by the SDK's `sendEvent`: that puts all rooms into one queue, keeps a local echo of everything it sends, and
 * rejects what is queued behind a failure.
 *
 * @throws FerryError `homeserver-unreachable` also while what is known of the room is old, as after sleep
 */
export async function send(
  client: MatrixClient,
  freshness: Freshness,
  outgoing: Outgoing,
): Promise<{ eventId: EventId }> {
  freshness.require();
  const { type, content } = await encryptOnce(client, outgoing);
  // Encrypting may have waited for keys, and the machine may have slept meanwhile.
  freshness.require();
  const room = encodeURIComponent(outgoing.roomId);
  const path = `/rooms/${room}/send/${encodeURIComponent(type)}/${outgoing.transactionId}`;
  return put(client, path, content);
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

/** Sets a state event: the same content a second time changes nothing. @throws FerryError as `send` does */
export async function setState(
  client: MatrixClient,
  freshness: Freshness,
  request: { roomId: RoomId; type: string; stateKey: string; content: JsonObject },
): Promise<{ eventId: EventId }> {
  // What stands there may be another person's word by now.
  freshness.require();
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
      // One's own events bear one's own homeserver's time; other servers' clocks may be wrong by far.
      const writtenTs =
        isObject(raw) && typeof raw["origin_server_ts"] === "number" ? raw["origin_server_ts"] : sinceTs;
      const slackMs = isObject(raw) && raw["sender"] === user ? CLOCK_SLACK_MS : FOREIGN_SLACK_MS;
      if (writtenTs < sinceTs - slackMs) return own;
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

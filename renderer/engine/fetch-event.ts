import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject, type SourceEvent } from "../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { replacedState, withPrevious } from "./previous-state.ts";
import { decrypt, isEncryptedRoom, receive, toSourceEvent, type ReceivedEvent } from "./source-event.ts";

/** One event from the homeserver, not decrypted yet. */
export async function fetchEvent(client: MatrixClient, roomId: RoomId, eventId: EventId): Promise<ReceivedEvent> {
  try {
    const received = receive(client, roomId, await client.fetchRoomEvent(roomId, eventId));
    if (received !== null && received.raw["event_id"] === eventId) return received;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== "forbidden") throw failure;
  }
  throw new FerryError("event-not-found", "The homeserver does not have this event, or does not show it any more.");
}

/** See `fetch` of the contract. */
export async function fetchSourceEvent(client: MatrixClient, roomId: RoomId, eventId: EventId): Promise<SourceEvent> {
  const received = await fetchEvent(client, roomId, eventId);
  await decrypt(client, received);
  const raw = await withReplaced(client, roomId, received.raw);
  return toSourceEvent(client, roomId, { ...received, raw }, await isEncryptedRoom(client, roomId));
}

/** The event with the content of the state that it has replaced; as it is where that is nothing, or is hidden or gone. */
async function withReplaced(client: MatrixClient, roomId: RoomId, raw: JsonObject): Promise<JsonObject> {
  const replaced = replacedState(raw);
  if (replaced === null) return raw;
  try {
    const { content } = (await fetchEvent(client, roomId, replaced)).raw;
    return isObject(content) ? withPrevious(raw, content) : raw;
  } catch (error) {
    if (toFailure(error).code !== "event-not-found") throw error;
    return raw;
  }
}

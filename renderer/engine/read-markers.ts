import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { isEventId, isRoomId, type EventId, type RoomId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";

/** How far the user has read, as the account's other clients say it (specification, "Fully read markers"). */
export const FULLY_READ = "m.fully_read";

/** The markers that have moved by a response of `/sync`; of a first one all that there are. */
export function readMarkers(response: ISyncResponse): { roomId: RoomId; eventId: EventId }[] {
  return Object.entries(response.rooms?.join ?? {}).flatMap(([roomId, joined]) => {
    const marker = joined.account_data?.events.find(({ type }) => type === FULLY_READ);
    const eventId: unknown = marker?.content["event_id"];
    return isRoomId(roomId) && isEventId(eventId) ? [{ roomId, eventId }] : [];
  });
}

/** See `markRead` of the contract. A homeserver that knows no private receipts (before version 1.4) is given none. */
export async function markRead(
  client: MatrixClient,
  { roomId, eventId }: { roomId: RoomId; eventId: EventId },
): Promise<void> {
  try {
    await client.setRoomReadMarkersHttpRequest(roomId, eventId, undefined, eventId);
  } catch (error) {
    throw toFailure(error);
  }
}

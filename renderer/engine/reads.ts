import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { isObject } from "../../main/matrix/event.ts";
import { isEventId, isRoomId, type EventId, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";

/** How far the user has read (specification, "Fully read markers" and "Receipts"). */
export const FULLY_READ = "m.fully_read";
export const RECEIPT = "m.receipt";
const RECEIPT_TYPES = ["m.read", "m.read.private"];

/** What an account's devices have said in a response of `/sync` to have been read; in a first one all that there is. */
export function readsIn(response: ISyncResponse, account: UserId): { roomId: RoomId; eventId: EventId }[] {
  return Object.entries(response.rooms?.join ?? {}).flatMap(([roomId, joined]) => {
    if (!isRoomId(roomId)) return [];
    const markers = (joined.account_data?.events ?? []).filter(({ type }) => type === FULLY_READ);
    const receipts = (joined.ephemeral?.events ?? []).filter(({ type }) => type === RECEIPT);
    const read = [
      ...markers.map(({ content }): unknown => content["event_id"]),
      ...receipts.flatMap(({ content }) => receiptsOf(account, content)),
    ];
    return read.filter(isEventId).map((eventId) => ({ roomId, eventId }));
  });
}

/** The events that an account has sent receipts for; one in a thread says nothing of what stands outside. */
function receiptsOf(account: UserId, content: Record<string, unknown>): string[] {
  return Object.keys(content).filter((eventId) =>
    RECEIPT_TYPES.some((type) => {
      const byType = content[eventId];
      const byUser = isObject(byType) ? byType[type] : undefined;
      const receipt = isObject(byUser) ? byUser[account] : undefined;
      return isObject(receipt) && (receipt["thread_id"] === undefined || receipt["thread_id"] === "main");
    }),
  );
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

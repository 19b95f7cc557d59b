import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";

/** So long a room that the account is in may be missing from `/sync`, in milliseconds. */
const LONGEST_WAIT_MS = 20_000;
const POLL_MS = 50;

/**
 * Waits for a room that the account is in and the SDK does not know as such: the user may have joined it with another
 * app a moment ago. A homeserver may also answer the first `/sync` after a restart from memory (Synapse does, for two
 * minutes), and tell of rooms joined since by the next response: they must not pass for rooms that the user has left.
 *
 * @throws FerryError `homeserver-unreachable` where the room does not come, or the homeserver does not say
 */
export async function untilJoined(client: MatrixClient, roomId: RoomId): Promise<void> {
  const isJoined = (): boolean => client.getRoom(roomId)?.getMyMembership() === "join";
  if (isJoined() || !client.isInitialSyncComplete()) return;
  const { joined_rooms: joined } = await client.getJoinedRooms().catch((error: unknown) => {
    throw toFailure(error);
  });
  if (!joined.includes(roomId)) return;
  const endTs = Date.now() + LONGEST_WAIT_MS;
  while (!isJoined()) {
    if (Date.now() > endTs) {
      throw new FerryError("homeserver-unreachable", "The homeserver has not told of this room yet.");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Direction } from "matrix-js-sdk/lib/models/event-timeline.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { SourceEvent } from "../../main/matrix/event.ts";
import type { EventId, RoomId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { decrypt, isEncryptedRoom, receive, toSourceEvent } from "./source-event.ts";

const PAGE = 100;
/** A poll with more votes than fit into these is counted by its newest ones. */
const MOST_PAGES = 50;

/** See `relations` of the contract. */
export async function relations(
  client: MatrixClient,
  roomId: RoomId,
  eventId: EventId,
  relType: string,
): Promise<SourceEvent[]> {
  const roomEncrypted = await isEncryptedRoom(client, roomId);
  const found: SourceEvent[] = [];
  let from: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await readPage(client, { roomId, eventId, relType, from });
    for (const raw of answer.chunk ?? []) {
      const received = receive(client, roomId, raw);
      if (received === null) continue;
      await decrypt(client, received);
      found.push(toSourceEvent(client, roomId, received, roomEncrypted));
    }
    if (!answer.next_batch) break;
    from = answer.next_batch;
  }
  return found.reverse();
}

interface Question {
  roomId: RoomId;
  eventId: EventId;
  relType: string;
  from: string | undefined;
}

async function readPage(
  client: MatrixClient,
  { roomId, eventId, relType, from }: Question,
): Promise<{ chunk?: unknown[]; next_batch?: string | null }> {
  try {
    const options = { dir: Direction.Backward, limit: PAGE, ...(from === undefined ? {} : { from }) };
    return await client.fetchRelations(roomId, eventId, relType, null, options);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== "forbidden") throw failure;
    throw new FerryError("event-not-found", "The homeserver does not show what belongs to this event any more.");
  }
}

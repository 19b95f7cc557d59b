import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { isObject } from "../../main/matrix/event.ts";
import type { EventId } from "../../main/matrix/ids.ts";
import { toFailure } from "./failures.ts";
import { STATE_TYPES } from "./facts.ts";

const TYPES = STATE_TYPES.filter((type) => type !== "m.room.member");

/**
 * The present state event with this id, of those that facts are read from; undefined where it is none of them. Members
 * are none: a redaction leaves them what they are.
 */
export function stateEvent(room: Room, eventId: EventId): MatrixEvent | undefined {
  return TYPES.flatMap((type) => room.currentState.getStateEvents(type)).find((event) => event.getId() === eventId);
}

/**
 * Takes in what the homeserver still shows of a state event. The SDK applies a redaction only to what its timeline holds,
 * and state may be older. Another event in its place is left to `/sync`.
 *
 * @throws FerryError where the homeserver does not answer
 */
export async function readStateAgain(client: MatrixClient, room: Room, eventId: EventId): Promise<void> {
  const event = stateEvent(room, eventId);
  if (!event) return;
  const [type, key] = [event.getType(), event.getStateKey() ?? ""].map(encodeURIComponent);
  const path = `/rooms/${encodeURIComponent(room.roomId)}/state/${type}/${key}`;
  const answer = await client.http
    .authedRequest<unknown>(Method.Get, path, { format: "event" })
    .catch((error: unknown): unknown => {
      const failure = toFailure(error);
      if (failure.code === "event-not-found") return {};
      throw failure;
    });
  const content = presentContent(answer, eventId);
  if (content === null || stateEvent(room, eventId) === undefined) return;
  room.currentState.setStateEvents([new MatrixEvent({ ...event.event, content })]);
}

/** Null where the answer is about another event, or cannot be told to be about this one. */
function presentContent(answer: unknown, eventId: EventId): object | null {
  if (!isObject(answer)) return null;
  if (answer["event_id"] === eventId) return isObject(answer["content"]) ? answer["content"] : {};
  // A homeserver that does not know this format gives the content alone; what is empty is nobody's word.
  return Object.keys(answer).length === 0 ? {} : null;
}

import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import { isUserId, type UserId } from "../../main/matrix/ids.ts";

const MEMBER = "m.room.member";

/**
 * Reads a room's members from the homeserver and corrects the SDK's list by them. With lazily loaded members a gap in
 * `/sync` leaves memberships out, and the SDK never takes back what it once had from `/sync`: whoever left in a gap
 * would stay, and get keys.
 *
 * @throws whatever the request throws, and FerryError `homeserver-error` where the answer cannot be the room's members
 */
export async function reloadMembers(client: MatrixClient, room: Room): Promise<void> {
  const before = memberEvents(room);
  const token = client.store.getSyncToken() ?? undefined;
  const answer: unknown = await client.members(room.roomId, undefined, "leave", token);
  const listed = readList(isObject(answer) ? answer["chunk"] : undefined);
  // An empty or foreign list would say that everybody has left.
  if (listed.get(client.getSafeUserId() as UserId)?.membership !== "join") {
    throw new FerryError("homeserver-error", "The homeserver did not say who is in a room.");
  }
  room.currentState.setStateEvents(corrections(room, before, listed));
}

interface Listed {
  membership: string;
  raw: JsonObject;
}

function memberEvents(room: Room): Map<string, MatrixEvent | undefined> {
  return new Map(room.currentState.getMembers().map((member) => [member.userId, member.events.member]));
}

function readList(chunk: unknown): Map<UserId, Listed> {
  const listed = new Map<UserId, Listed>();
  for (const raw of Array.isArray(chunk) ? (chunk as unknown[]) : []) {
    if (!isObject(raw) || raw["type"] !== MEMBER || !isUserId(raw["state_key"]) || !isObject(raw["content"])) continue;
    const membership = raw["content"]["membership"];
    if (typeof membership === "string") listed.set(raw["state_key"], { membership, raw });
  }
  return listed;
}

/** The member events that make the SDK's list like the homeserver's; what came by `/sync` meanwhile is newer. */
function corrections(
  room: Room,
  before: ReadonlyMap<string, MatrixEvent | undefined>,
  listed: ReadonlyMap<UserId, Listed>,
): MatrixEvent[] {
  const corrected: MatrixEvent[] = [];
  const present = new Map(room.currentState.getMembers().map((member) => [member.userId, member]));
  for (const [userId, { membership, raw }] of listed) {
    const member = present.get(userId);
    if (member?.events.member !== before.get(userId) || member?.membership === membership) continue;
    corrected.push(new MatrixEvent({ ...raw, room_id: room.roomId }));
  }
  for (const { userId, membership, events } of present.values()) {
    if (listed.has(userId as UserId) || membership === undefined || membership === "leave") continue;
    if (events.member === before.get(userId)) corrected.push(departure(room, userId));
  }
  return corrected;
}

/** Whoever is not in the list has left: the list is complete but for those. */
function departure(room: Room, userId: string): MatrixEvent {
  return new MatrixEvent({
    type: MEMBER,
    room_id: room.roomId,
    event_id: `~left-${userId}`,
    sender: userId,
    state_key: userId,
    origin_server_ts: Date.now(),
    content: { membership: "leave" },
  });
}

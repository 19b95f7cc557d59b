import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject, type RoomSummary } from "../../main/matrix/event.ts";
import { isRoomId, isUserId, localpart, type RoomAlias, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import { approverLevel, powerOf } from "../../main/matrix/power-levels.ts";
import { CONNECTION } from "../../main/matrix/unstable.ts";
import { avatarOf } from "./avatar.ts";
import { readPower } from "./facts.ts";
import { toFailure } from "./failures.ts";
import { untilJoined } from "./known-rooms.ts";
import { isEncryptedRoom } from "./source-event.ts";

const JOINED = "join";

/** Every room that the account has joined, by name. Spaces are no rooms that anybody writes in. */
export async function rooms(client: MatrixClient): Promise<RoomSummary[]> {
  const joined = client.getRooms().filter((room) => room.getMyMembership() === JOINED && !room.isSpaceRoom());
  const summaries = await Promise.all(joined.map((room) => summarize(client, room)));
  return summaries.sort((a, b) => a.name.localeCompare(b.name));
}

/** One joined room, by id or alias. */
export async function room(client: MatrixClient, reference: RoomId | RoomAlias): Promise<RoomSummary> {
  const roomId = isRoomId(reference) ? reference : await resolve(client, reference);
  await untilJoined(client, roomId);
  const found = client.getRoom(roomId);
  if (!found || found.getMyMembership() !== JOINED) {
    throw new FerryError("not-joined", `This account is not in the room ${reference}. Join it first.`);
  }
  if (found.isSpaceRoom()) {
    throw new FerryError("not-a-room", `${reference} is a space. Nobody writes in it: link rooms that are in it.`);
  }
  return summarize(client, found);
}

async function resolve(client: MatrixClient, alias: RoomAlias): Promise<RoomId> {
  try {
    const { room_id: roomId } = await client.getRoomIdForAlias(alias);
    if (isRoomId(roomId)) return roomId;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== "event-not-found" && failure.code !== "event-refused") throw failure;
  }
  throw new FerryError("unknown-room", `No room is known by the address ${alias}. Check the spelling.`);
}

async function summarize(client: MatrixClient, room: Room): Promise<RoomSummary> {
  const power = readPower(room);
  const own = power ? powerOf(client.getSafeUserId() as UserId, power) : 0;
  return {
    roomId: room.roomId as RoomId,
    name: room.name,
    alias: room.getCanonicalAlias() ?? undefined,
    hasAvatar: avatarOf(room) !== null,
    encrypted: await isEncryptedRoom(client, room.roomId as RoomId),
    joinRule: room.getJoinRule(),
    historyVisibility: room.getHistoryVisibility(),
    joinedMembers: room.getJoinedMemberCount(),
    invitedMembers: room.getInvitedMemberCount(),
    roomVersion: room.getVersion(),
    ownPower: own === Number.POSITIVE_INFINITY ? null : own,
    requiredPower: approverLevel(CONNECTION, power?.powerLevels ?? null),
  };
}

/** The joined members' user ids; asks the homeserver for them the first time. */
export async function members(client: MatrixClient, roomId: RoomId): Promise<UserId[]> {
  const found = client.getRoom(roomId);
  if (!found) throw new FerryError("not-joined", "This account is not in that room.");
  await found.loadMembersIfNeeded();
  return found
    .getJoinedMembers()
    .map((member) => member.userId)
    .filter(isUserId);
}

/** What these people call themselves in a room, with the user id where two call themselves alike. */
export async function memberNames(
  client: MatrixClient,
  roomId: RoomId,
  users: readonly UserId[],
): Promise<{ userId: UserId; name: string }[]> {
  const found = client.getRoom(roomId);
  if (!found) throw new FerryError("not-joined", "This account is not in that room.");
  if (users.some((user) => found.getMember(user) === null)) {
    await found.loadMembersIfNeeded().catch((error: unknown) => {
      throw toFailure(error);
    });
  }
  return users.map((userId) => ({ userId, name: found.getMember(userId)?.name || localpart(userId) || userId }));
}

/** A room's state events of one type, as the SDK has them from synchronising. */
export function state(
  client: MatrixClient,
  roomId: RoomId,
  type: string,
): { stateKey: string; sender: UserId; content: JsonObject }[] {
  const found: { stateKey: string; sender: UserId; content: JsonObject }[] = [];
  for (const event of client.getRoom(roomId)?.currentState.getStateEvents(type) ?? []) {
    const sender = event.getSender();
    const content: unknown = event.getContent();
    if (isUserId(sender) && isObject(content)) found.push({ stateKey: event.getStateKey() ?? "", sender, content });
  }
  return found;
}

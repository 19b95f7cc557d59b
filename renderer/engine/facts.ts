import type { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import { isEventId, isRoomAlias, isRoomId, isUserId, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import type { PowerState } from "../../main/matrix/power-levels.ts";
import type { ConnectionEvent, RoomFacts } from "../../main/matrix/room-facts.ts";
import { CONNECTION } from "../../main/matrix/unstable.ts";

/** What other bridges say of themselves, under the stable name and the one before it (MSC2346). */
const BRIDGE_TYPES = ["m.bridge", "uk.half-shot.bridge"];

/** The state that Ferry reads; of everything else a room may have thousands. */
export const STATE_TYPES = [
  "m.room.create",
  "m.room.name",
  "m.room.canonical_alias",
  "m.room.encryption",
  "m.room.member",
  "m.room.power_levels",
  "m.room.join_rules",
  "m.room.history_visibility",
  "m.room.guest_access",
  "m.room.tombstone",
  ...BRIDGE_TYPES,
  CONNECTION,
];

const HISTORY_VISIBILITIES = ["world_readable", "shared", "invited", "joined"];
const LONGEST_NAME = 100;
/** More names than this tell nobody anything. */
const MOST_BRIDGES = 20;
const MOST_ALIASES = 100;

/** What the room's state does not say. */
export interface Circumstances {
  membership: string;
  encrypted: boolean;
  published: boolean | null;
}

/** A room's facts from its state as the SDK has it; null where not even its creation is known. */
export function readFacts(room: Room, circumstances: Circumstances): RoomFacts | null {
  const power = readPower(room);
  if (power === null) return null;
  const joinRules = contentOf(room, "m.room.join_rules");
  const visibility = contentOf(room, "m.room.history_visibility")["history_visibility"];
  return {
    roomId: room.roomId as RoomId,
    name: room.name,
    ...circumstances,
    joinRule: typeof joinRules["join_rule"] === "string" ? joinRules["join_rule"] : "invite",
    allowedRooms: allowedRooms(joinRules["allow"]),
    historyVisibility:
      typeof visibility === "string" && HISTORY_VISIBILITIES.includes(visibility) ? visibility : "shared",
    guestsMayJoin: contentOf(room, "m.room.guest_access")["guest_access"] === "can_join",
    aliases: aliasesOf(contentOf(room, "m.room.canonical_alias")),
    joined: membersWith(room, "join"),
    invited: membersWith(room, "invite"),
    bridges: bridgesOf(room),
    power,
    tombstone: tombstoneOf(room),
    connections: connectionsOf(room),
  };
}

/** What power is read from; null where the room's creation is not known. */
export function readPower(room: Room): PowerState | null {
  const create = room.currentState.getStateEvents("m.room.create", "");
  const sender = create?.getSender();
  if (!create || !isUserId(sender)) return null;
  const levels: unknown = room.currentState.getStateEvents("m.room.power_levels", "")?.getContent();
  return {
    create: { sender, content: contentOf(room, "m.room.create") },
    powerLevels: isObject(levels) ? levels : null,
  };
}

function contentOf(room: Room, type: string): JsonObject {
  const content: unknown = room.currentState.getStateEvents(type, "")?.getContent();
  return isObject(content) ? content : {};
}

function allowedRooms(allow: unknown): RoomId[] {
  if (!Array.isArray(allow)) return [];
  const rooms = allow.map((rule: unknown) => (isObject(rule) ? rule["room_id"] : undefined));
  return [...new Set(rooms.filter(isRoomId))];
}

function aliasesOf(content: JsonObject): string[] {
  const others = Array.isArray(content["alt_aliases"]) ? content["alt_aliases"] : [];
  return [...new Set([content["alias"], ...others].filter(isRoomAlias))].slice(0, MOST_ALIASES);
}

function membersWith(room: Room, membership: string): UserId[] {
  return room
    .getMembersWithMembership(membership)
    .map((member) => member.userId)
    .filter(isUserId)
    .sort();
}

function bridgesOf(room: Room): string[] {
  const events = BRIDGE_TYPES.flatMap((type) => room.currentState.getStateEvents(type));
  // A bridge says the same under both names; two bridges to one network are two.
  const names = new Map<string | undefined, string>();
  for (const event of events) {
    const name = bridgeName(event);
    if (name !== null) names.set(event.getStateKey(), name);
  }
  return [...names.values()].slice(0, MOST_BRIDGES);
}

/** The network that a bridge connects the room to (MSC2346); null where the bridge has been removed. */
function bridgeName(event: MatrixEvent): string | null {
  const content: unknown = event.getContent();
  if (!isObject(content) || Object.keys(content).length === 0) return null;
  for (const part of [content["protocol"], content["network"]]) {
    if (!isObject(part)) continue;
    for (const name of [part["displayname"], part["id"]]) {
      if (typeof name === "string" && name.trim() !== "") return [...name.trim()].slice(0, LONGEST_NAME).join("");
    }
  }
  return "another network";
}

function tombstoneOf(room: Room): RoomFacts["tombstone"] {
  const event = room.currentState.getStateEvents("m.room.tombstone", "");
  if (!event || event.isRedacted()) return null;
  const successor = contentOf(room, "m.room.tombstone")["replacement_room"];
  return { successor: isRoomId(successor) && successor !== room.roomId ? successor : null };
}

function connectionsOf(room: Room): ConnectionEvent[] {
  const found: ConnectionEvent[] = [];
  for (const event of room.currentState.getStateEvents(CONNECTION)) {
    const [eventId, sender, content]: unknown[] = [event.getId(), event.getSender(), event.getContent()];
    if (!isEventId(eventId) || !isUserId(sender) || !isObject(content)) continue;
    found.push({ stateKey: event.getStateKey() ?? "", eventId, sender, content });
  }
  return found;
}

import type { JsonObject } from "./event.ts";
import type { EventId, RoomId, UserId } from "./ids.ts";
import type { PowerState } from "./power-levels.ts";

/** A connection state event (MSC2923) as it stands in a room. Its state key is a link's id, of any Ferry. */
export interface ConnectionEvent {
  stateKey: string;
  eventId: EventId;
  sender: UserId;
  content: JsonObject;
}

/** All that consent is judged by in one room, read from its state and its members at one moment. */
export interface RoomFacts {
  roomId: RoomId;
  name: string;
  /**
   * The user's own membership: `join`, `leave`, `ban`, …; `unknown` while the homeserver does not give the complete list
   * of members. In a room that is not joined the rest may be out of date.
   */
  membership: string;
  encrypted: boolean;
  /** `m.room.join_rules`: `public`, `invite`, `knock`, `restricted`, `knock_restricted`, `private`; `invite` where there is none. */
  joinRule: string;
  /** The rooms whose members may join a restricted room. */
  allowedRooms: RoomId[];
  /** `m.room.history_visibility`: `world_readable`, `shared`, `invited` or `joined`. */
  historyVisibility: string;
  /** Whether guests may join (`m.room.guest_access` is `can_join`). */
  guestsMayJoin: boolean;
  /** Whether the homeserver's directory lists it; null where it could not be asked. */
  published: boolean | null;
  aliases: string[];
  joined: UserId[];
  invited: UserId[];
  /** Names of the networks that other bridges connect the room to (`m.bridge`, `uk.half-shot.bridge`). */
  bridges: string[];
  power: PowerState;
  /** `m.room.tombstone`: the room has been replaced, by `successor` where it names a valid room other than itself. */
  tombstone: { successor: RoomId | null } | null;
  connections: ConnectionEvent[];
}

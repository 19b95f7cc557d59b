import type { UserId } from "../../../../main/matrix/ids.ts";
import type { ConnectionEvent, RoomFacts } from "../../../../main/matrix/room-facts.ts";
import { KIM, PEOPLE, type TrueRoom } from "./judge.ts";

/** What the engine tells of a room as it really is, with what stands in its state about the link. */
export function factsOf(room: TrueRoom, state: ConnectionEvent | undefined): RoomFacts {
  const { roomId } = room;
  return {
    ...{ roomId, name: roomId, membership: room.joined.has(KIM) ? "join" : "leave", encrypted: true },
    ...{ joinRule: room.joinRule, allowedRooms: [], historyVisibility: room.history, guestsMayJoin: false },
    ...{
      published: false,
      aliases: [],
      invited: [],
      bridges: [],
      joined: PEOPLE.filter((user) => room.joined.has(user)),
    },
    power: {
      create: { sender: "@founder:one.test" as UserId, content: { room_version: "10" } },
      powerLevels: { users: Object.fromEntries(room.power), state_default: 50 },
    },
    tombstone: room.tombstone ? { successor: null } : null,
    connections: state ? [state] : [],
  };
}

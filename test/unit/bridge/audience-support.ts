import type { Gain } from "../../../main/bridge/audience.ts";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";

export const KIM = "@kim:one.test" as UserId;
export const ANA = "@ana:one.test" as UserId;
export const JO = "@jo:two.test" as UserId;
export const TAVERN = "!tavern:one.test" as RoomId;
export const KITCHEN = "!kitchen:one.test" as RoomId;
export const SPACE = "!space:one.test" as RoomId;

/** An encrypted room of Kim's and Ana's that one comes into by invitation. */
export function room(changes: Partial<RoomFacts> = {}): RoomFacts {
  return {
    roomId: TAVERN,
    name: "Tavern",
    membership: "join",
    encrypted: true,
    joinRule: "invite",
    allowedRooms: [],
    historyVisibility: "shared",
    guestsMayJoin: false,
    published: false,
    aliases: [],
    joined: [KIM, ANA],
    invited: [],
    bridges: [],
    power: { create: { sender: KIM, content: {} }, powerLevels: { invite: 50, users: { [KIM]: 100 } } },
    tombstone: null,
    connections: [],
    ...changes,
  };
}

/** Another such room, of the same people. */
export const kitchen = (changes: Partial<RoomFacts> = {}): RoomFacts =>
  room({ roomId: KITCHEN, name: "Kitchen", ...changes });

export const codes = (gains: Gain[]): string[] => gains.map(({ code }) => code);

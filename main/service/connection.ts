import { destinationsOf, roomsHash, type Link, type LinkRoom } from "../bridge/link.ts";
import type { JsonObject } from "../matrix/event.ts";
import type { RoomId, UserId } from "../matrix/ids.ts";

/** A link as one of its rooms sees it. */
export interface LinkSide {
  room: LinkRoom;
  others: LinkRoom[];
  direction: "two-way" | "to" | "from";
}

/** One room's side of a link. The room is one of the link's. */
export function sideOf(link: Link, roomId: RoomId): LinkSide {
  const room = link.rooms.find((candidate) => candidate.roomId === roomId) ?? {
    roomId,
    name: roomId,
    encrypted: true,
    suspended: null,
    gap: null,
  };
  const sends = destinationsOf(link, roomId);
  const others = link.rooms.filter((candidate) =>
    link.direction === "two-way" || sends.length > 0
      ? candidate.roomId !== roomId
      : destinationsOf(link, candidate.roomId).includes(roomId),
  );
  return { room, others, direction: link.direction === "two-way" ? "two-way" : sends.length > 0 ? "to" : "from" };
}

/** What a connection state event says of its link; `approved` is an approver's word, the others are the carrier's. */
export type ConnectionStatus = "approved" | "active" | "ended";

/**
 * The connection state event of one room (MSC2923), which stays for whoever joins later. The other rooms are named,
 * but their ids are not given: who is not in them has no use for them.
 */
export function connectionContent(link: Link, roomId: RoomId, carrier: UserId, status: ConnectionStatus): JsonObject {
  const side = sideOf(link, roomId);
  return {
    version: 1,
    status,
    carrier,
    direction: side.direction,
    mode: "copy",
    peers: side.others.map((room) => ({ name: room.name })),
    ...(link.tells.length === 0 ? {} : { tells: link.tells }),
    terms: link.termsHash,
    rooms_hash: roomsHash(link.rooms.map((room) => room.roomId)),
  };
}

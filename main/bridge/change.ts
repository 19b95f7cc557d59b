import type { LinkId, RoomId } from "../matrix/ids.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { isObject } from "../matrix/event.ts";
import { covers, type Consent, type Terms } from "./consent.ts";

/**
 * What a link's change leaves of the agreements to it: whoever sees no difference is not asked again. Pure.
 */

/**
 * An agreement to a link as it was, said of the rooms that have taken the place of others, and whether it is one to the
 * link as it is to be.
 *
 * @param to the link as it is to be: where the user's own state events will stand; other people's stay where they are
 */
export function carryOver<Kind extends Consent>(
  consent: Kind,
  to: { link: LinkId; terms: Terms; successors: ReadonlyMap<RoomId, RoomId> },
): { consent: Kind; isEnough: boolean } {
  const now = (room: RoomId): RoomId => to.successors.get(room) ?? room;
  const roomId = now(consent.roomId);
  const carried: Kind = {
    ...consent,
    ...(consent.way === "own" ? { link: to.link, seen: false } : {}),
    roomId,
    terms: { ...consent.terms, rooms: consent.terms.rooms.map(now) },
    audience: consent.audience.map((record) => ({ ...record, roomId: now(record.roomId) })),
  };
  // What another person's state event says in one room it does not say in the next.
  const isThere = consent.way !== "state-event" || roomId === consent.roomId;
  return { consent: carried, isEnough: isThere && covers(carried.terms, to.terms, roomId) };
}

/** The room that has taken a room's place, by its tombstone; null where it has none that names a room. */
export function successorOf(room: RoomFacts | undefined): RoomId | null {
  return room?.tombstone?.successor ?? null;
}

/** Whether a room says of itself that it has taken another one's place (`predecessor` of its creation). */
export function isSuccessor(room: RoomFacts, predecessor: RoomId): boolean {
  const said = room.power.create?.content["predecessor"];
  return isObject(said) && said["room_id"] === predecessor;
}

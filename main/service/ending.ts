import { destinationsOf, type Link } from "../bridge/link.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { Store } from "../store/store.ts";

/**
 * Ends a link, inside a transaction: it copies nothing more, and what it owes that another link covers too is that one's
 * to send.
 *
 * @returns how many copies nobody owes any more, and the rooms that no link needs to be followed
 */
export function endLink(store: Store, link: Link): { dropped: number; abandoned: RoomId[] } {
  const others = store.links.all().filter(({ id }) => id !== link.id);
  for (const other of others) {
    for (const { roomId: source } of link.rooms) {
      for (const destination of destinationsOf(other, source)) {
        store.outbox.reassign(link.id, other.id, source, destination);
      }
    }
  }
  const dropped = store.outbox.deleteOfLink(link.id);
  store.links.setState(link.id, "removed");
  for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
  const needed = new Set(others.flatMap((other) => other.rooms.map((room) => room.roomId)));
  const abandoned = link.rooms.map((room) => room.roomId).filter((roomId) => !needed.has(roomId));
  for (const roomId of abandoned) store.positions.clear(roomId);
  return { dropped, abandoned };
}

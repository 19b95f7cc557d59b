import { destinationsOf, type Link, type LinkRoom } from "../bridge/link.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { Store } from "../store/store.ts";

/**
 * Ends a link, inside a transaction: it copies nothing more, and what it owes that another link covers too is that one's
 * to send. Its rooms have still to be told of what they were promised an answer to.
 *
 * @returns how many copies nobody owes any more, and the rooms that no link needs to be followed
 */
export function endLink(store: Store, link: Link): { dropped: number; abandoned: RoomId[] } {
  const others = store.links.all().filter(({ id }) => id !== link.id);
  for (const other of others.filter(({ state }) => state !== "starting")) handOver(store, link, other);
  const dropped = store.outbox.deleteOfLink(link.id);
  store.links.setState(link.id, "removed");
  for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
  const needed = new Set(others.flatMap((other) => other.rooms.map((room) => room.roomId)));
  const abandoned = link.rooms.map((room) => room.roomId).filter((roomId) => !needed.has(roomId));
  for (const roomId of abandoned) store.positions.clear(roomId);
  return { dropped, abandoned };
}

/** What both rooms of a link have agreed to ever since it came is owed by whichever link goes on with it. */
function vouchForOwed(store: Store, link: Link, nowTs: number): void {
  const sinceTs = ({ roomId, gap }: LinkRoom): number =>
    gap === null ? store.consents.unbrokenSince(link.id, roomId) : Infinity;
  for (const source of link.rooms) {
    for (const destination of link.rooms) {
      const bothTs = Math.max(sinceTs(source), sinceTs(destination));
      if (bothTs <= nowTs) store.handOver.vouchFor(link.id, source.roomId, destination.roomId, bothTs, nowTs);
    }
  }
}

function handOver(store: Store, link: Link, other: Link): void {
  for (const { roomId: source } of link.rooms) {
    for (const destination of destinationsOf(other, source)) {
      store.handOver.reassign(link.id, other.id, source, destination);
    }
  }
  for (const { roomId } of other.rooms) store.handOver.reassignRedactions(link.id, other.id, roomId);
}

/**
 * A link takes another one's place in one moment, inside a transaction: nothing is copied twice or left out. It counts as
 * old as that one, goes on with what that owes, and leaves out whoever has asked for it meanwhile.
 *
 * @param nowTs milliseconds since 1970
 * @returns the rooms of the other link that this one has not, and those that no link needs to be followed
 */
export function takePlace(
  store: Store,
  link: Link,
  before: Link,
  nowTs: number,
): { left: LinkRoom[]; abandoned: RoomId[] } {
  store.links.setState(link.id, before.state === "paused" ? "paused" : "active");
  store.links.succeed(link.id, before);
  for (const user of store.optOuts.of(before.id)) store.optOuts.insert(link.id, user, nowTs);
  for (const { roomId, suspended } of before.rooms) store.links.suspend(link.id, roomId, suspended);
  vouchForOwed(store, before, nowTs);
  const { dropped, abandoned } = endLink(store, before);
  if (dropped > 0) store.links.count(link.id, "no-consent", nowTs, dropped);
  const left = before.rooms.filter(({ roomId }) => !link.rooms.some((room) => room.roomId === roomId));
  return { left, abandoned };
}

import { isFilterReason } from "../bridge/filter.ts";
import { destinationsOf, type Link } from "../bridge/link.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { MessageView } from "../protocol/control.ts";
import type { SeenEvent } from "../store/inbound.ts";
import type { LedgerEntry } from "../store/ledger.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { reasonOf } from "./waiting.ts";

const KEY_AWAITED = "It cannot be read on this device yet. It follows as soon as its key comes.";
const PLACEHOLDER = "It cannot be read on this device yet. A placeholder stands there until its key comes.";

type Destination = MessageView["destinations"][number];
type Mark = MessageView["mark"];

/** The worst first. */
const RANK: readonly Mark[] = ["failed", "waiting", "left-out", "copied"];

/** What a message's type is called where no copy gives it a kind. */
const KINDS: Readonly<Record<string, string>> = {
  "m.room.message": "copy",
  "m.room.encrypted": "copy",
  "m.reaction": "reaction",
  "m.room.redaction": "redaction",
};

/**
 * The last messages of the rooms that a link copies from, newest first, and what became of each: what was written, edited,
 * reacted with and taken back since the link was made. Copies and Ferry's own notices are not among them.
 */
export function linkMessages(store: Store, link: Link, limit: number): MessageView[] {
  return link.rooms
    .filter(({ roomId }) => destinationsOf(link, roomId).length > 0)
    .flatMap(({ roomId }) => store.inbound.latest(roomId, link.createdTs, limit))
    .sort((a, b) => b.receivedTs - a.receivedTs || b.id - a.id)
    .slice(0, limit)
    .map((event) => messageView(store, link, event));
}

function messageView(store: Store, link: Link, event: SeenEvent): MessageView {
  const { roomId, eventId, sender, receivedTs } = event;
  const owed = store.outbox.ofEvent(event);
  const sent = store.ledger.ofEvent(event);
  const leftOut = store.leftOut.of(event);
  const destinations = destinationsOf(link, roomId).map((destination) => {
    const ofRoom = <Entry extends { destination: RoomId }>(entries: Entry[]): Entry[] =>
      entries.filter((entry) => entry.destination === destination);
    const fate = fateOf(store, event, ofRoom(owed), ofRoom(sent), leftOut.get(destination) ?? null);
    return { roomId: destination, reason: null, outboxId: null, skipped: null, ...fate };
  });
  const mark = RANK.find((rank) => destinations.some((destination) => destination.mark === rank)) ?? "left-out";
  return {
    ...{ roomId, eventId, sender, receivedTs, mark, destinations },
    kind: KINDS[event.kind] ?? event.kind,
    skipped: mark === "left-out" ? (destinations.find(({ skipped }) => skipped !== null)?.skipped ?? null) : null,
  };
}

type Fate = Pick<Destination, "mark"> & Partial<Destination>;

/** What became of an event in one destination, by what is owed, sent and left out there. */
function fateOf(
  store: Store,
  event: SeenEvent,
  owed: readonly OutboxRow[],
  sent: readonly LedgerEntry[],
  leftOut: string | null,
): Fate {
  const failed = owed.find(({ state }) => state === "failed");
  if (failed) return { mark: "failed", reason: reasonOf(store, failed), outboxId: failed.id };
  if (owed[0]) return { mark: "waiting", reason: reasonOf(store, owed[0]) };
  if (event.outcome === "key-awaited") return { mark: "waiting", reason: KEY_AWAITED };
  if (event.outcome !== "routed") return { mark: "left-out", skipped: event.outcome };
  const copy = sent.find(({ kind }) => kind !== "late");
  if (copy?.redacted) {
    // A placeholder whose text is not to be read there has been taken back.
    const isFiltered = leftOut !== null && isFilterReason(leftOut);
    return { mark: "left-out", skipped: isFiltered ? leftOut : "redacted" };
  }
  if (copy && (!copy.placeholder || sent.length > 1)) return { mark: "copied" };
  if (copy && event.undecryptable !== null) return { mark: "waiting", reason: PLACEHOLDER };
  if (leftOut !== null) return { mark: "left-out", skipped: leftOut };
  // There is nothing left there to be taken back. A vote may have been told of with others.
  if (copy || event.kind === "redaction" || event.kind === "votes") return { mark: "copied" };
  // The room has come to the link since.
  return { mark: "left-out", skipped: "before-link" };
}

import { isFilterReason } from "../bridge/filter.ts";
import { transactionIdOf } from "../bridge/origin.ts";
import type { Task } from "../bridge/route.ts";
import type { EventId } from "../matrix/ids.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { Delivery } from "./copier.ts";

/**
 * Writes down what became of a row of the outbox. Inside the transaction that takes it out of it.
 *
 * @param eventId what was sent for it, or has been found; null where nothing was
 * @param found of a reaction that has been found in the destination: what it shows
 * @returns the event that stands in the destination for the row; null where there is none
 */
export function record(
  store: Store,
  row: OutboxRow,
  delivery: Delivery,
  eventId: EventId | null,
  { reactionHash: found, nowTs }: { reactionHash: string | null; nowTs: number },
): EventId | null {
  // What there is no reason to send any more, but has been sent before, is a copy like any other.
  if (delivery.action === "skip" && eventId === null) {
    store.outbox.noteLeftOut(row.id, delivery.reason);
    store.links.count(row.linkId, delivery.reason, nowTs);
    if (row.kind === "late" && isFilterReason(delivery.reason)) oweTakingBack(store, row, nowTs);
    return null;
  }
  if (delivery.action === "release") {
    store.ledger.markRedacted(delivery.ledgerId);
    return null;
  }
  if (delivery.action === "redact" && delivery.ledgerId !== null) store.ledger.markRedacted(delivery.ledgerId);
  const copyEvent = delivery.action === "share" ? delivery.copyEvent : eventId;
  if (copyEvent === null) return null;
  const { linkId, sourceRoom, sourceEvent, author, destination, kind, target, placeholder } = row;
  const reactionHash = ("reactionHash" in delivery ? delivery.reactionHash : null) ?? found;
  const sent = { linkId, sourceRoom, sourceEvent, author, destination, kind, target, placeholder };
  store.ledger.insert({ ...sent, copyEvent, reactionHash, sentTs: nowTs });
  if (placeholder) oweLateText(store, row, nowTs);
  // What Ferry says in its own name is no copy.
  if (kind !== "notice" && kind !== "votes") store.links.count(linkId, "copied", nowTs);
  if (row.lacks !== null) store.links.count(linkId, row.lacks, nowTs);
  return copyEvent;
}

/** Nothing will be read in a placeholder's place. */
function oweTakingBack(store: Store, row: OutboxRow, nowTs: number): void {
  const target = { roomId: row.sourceRoom, eventId: row.sourceEvent };
  const transactionId = transactionIdOf(row.sourceEvent, row.destination, `redaction:copy:${row.sourceEvent}`);
  store.outbox.insert({ ...taskOf(row), kind: "redaction", target, targetKind: "copy", transactionId }, nowTs);
}

/** The key of a placeholder's text came while the placeholder was on its way, when nobody could know that it was one. */
function oweLateText(store: Store, row: OutboxRow, nowTs: number): void {
  if (store.inbound.get(row.sourceRoom, row.sourceEvent)?.undecryptable !== null) return;
  const transactionId = transactionIdOf(row.sourceEvent, row.destination, "late");
  store.outbox.insert({ ...taskOf(row), kind: "late", transactionId }, nowTs);
}

function taskOf({ linkId, sourceRoom, sourceEvent, author, destination }: OutboxRow): Omit<Task, "kind"> {
  return { linkId, sourceRoom, sourceEvent, author, destination };
}

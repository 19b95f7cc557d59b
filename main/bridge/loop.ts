import { isObject, type SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import { NOTICE } from "../matrix/unstable.ts";
import { copiedTransaction, readOrigin, roomHash } from "./origin.ts";

/** What tells Ferry's own events from the user's: the sender is the same. */
export interface LoopFacts {
  account: UserId;
  /** The ledger: whether Ferry sent this event. */
  isCopy(roomId: RoomId, eventId: EventId): boolean;
  /** The outbox: whether a request with this transaction id is under way. */
  isUnderWay(transactionId: string): boolean;
  /** The ledger: the copy of a source event in a room, where there is one. */
  copyIn(sourceEvent: EventId, destination: RoomId): EventId | null;
}

/**
 * Whether an event is a copy, which is never a source: by the ledger, by the transaction id of a request whose answer
 * has not come yet, and last by its marker, which covers what this database does not know (an earlier login, another
 * person's Ferry).
 */
export function loopCheck(event: SourceEvent, facts: LoopFacts): "own-copy" | "copy-by-another-ferry" | null {
  if (facts.isCopy(event.roomId, event.eventId)) return "own-copy";
  if (event.sender === facts.account && event.transactionId !== undefined && facts.isUnderWay(event.transactionId)) {
    return "own-copy";
  }
  // A reaction's marker names nothing but its transaction; a homeserver may have forgotten that this device sent it.
  const transaction = copiedTransaction(event.content);
  if (event.sender === facts.account && transaction !== null && facts.isUnderWay(transaction)) return "own-copy";
  if (!isMarkedCopy(event)) return null;
  if (event.sender !== facts.account) return "copy-by-another-ferry";
  const origin = readOrigin(event.content);
  // The ledger knows the true copy: this one is the user's own message, with the marker of that copy in it.
  const known = origin === null ? null : facts.copyIn(origin.sourceEvent, event.roomId);
  return known !== null && known !== event.eventId ? null : "own-copy";
}

/**
 * Whether an event says of itself that it is a copy, or something that a Ferry says in its own name. A marker that
 * somebody pasted or forwarded is bound to another sender or another room, and marks nothing here.
 */
export function isMarkedCopy(event: SourceEvent): boolean {
  if (isObject(event.content[NOTICE])) return true;
  const origin = readOrigin(event.content);
  return origin !== null && origin.carrier === event.sender && origin.room === roomHash(event.roomId);
}

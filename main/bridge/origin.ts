import { createHash } from "node:crypto";
import { isObject, type JsonObject } from "../matrix/event.ts";
import {
  isEventId,
  isLinkId,
  isTransactionId,
  isUserId,
  TRANSACTION_PREFIX,
  type EventId,
  type LinkId,
  type RoomId,
  type TransactionId,
  type UserId,
} from "../matrix/ids.ts";
import { ORIGIN } from "../matrix/unstable.ts";

/**
 * The marker in a copy that says where it comes from. It stands inside the encrypted content, so that homeservers
 * do not see it. It is bound to its carrier and its destination: pasted into another room or sent by somebody else it
 * marks nothing.
 */
export interface Origin {
  transaction: TransactionId;
  link: LinkId;
  sourceEvent: EventId;
  /** Who wrote the source event. */
  sender: UserId;
  /** Whose Ferry sent the copy. */
  carrier: UserId;
  /** Hash of the room that the copy was sent to. */
  room: string;
}

/** A room's name in a marker: tells rooms apart without naming them to whoever does not know them. */
export function roomHash(room: RoomId): string {
  return createHash("sha256").update(room).digest("base64url").slice(0, 22);
}

/**
 * The transaction id of a copy: the same request after a crash, so that the homeserver drops the second one.
 * `source` is an event id, or Ferry's own name for what has no event (a notice).
 */
export function transactionIdOf(source: string, destination: RoomId, kind: string): TransactionId {
  const digest = createHash("sha256")
    .update(JSON.stringify([source, destination, kind]))
    .digest("base64url");
  return `${TRANSACTION_PREFIX}${digest}` as TransactionId;
}

/** Writes the marker as content fields. */
export function writeOrigin(origin: Origin): JsonObject {
  return {
    [ORIGIN]: {
      version: 1,
      transaction: origin.transaction,
      link: origin.link,
      source_event: origin.sourceEvent,
      sender: origin.sender,
      carrier: origin.carrier,
      room: origin.room,
    },
  };
}

/** Marker of a reaction, which is never encrypted: nothing but the transaction id, which the homeserver knows anyway. */
export function writeBareOrigin(transaction: TransactionId): JsonObject {
  return { [ORIGIN]: { version: 1, transaction } };
}

/** The transaction id that a copy's content names, of any version; null where it is no copy. */
export function copiedTransaction(content: JsonObject): TransactionId | null {
  const marker = content[ORIGIN];
  return isObject(marker) && isTransactionId(marker["transaction"]) ? marker["transaction"] : null;
}

/** Reads a marker; null where there is none or it breaks the format. */
export function readOrigin(content: JsonObject): Origin | null {
  const marker = content[ORIGIN];
  if (!isObject(marker)) return null;
  const { transaction, link, source_event: sourceEvent, sender, carrier, room } = marker;
  if (!isTransactionId(transaction) || !isLinkId(link) || !isEventId(sourceEvent)) return null;
  if (!isUserId(sender) || !isUserId(carrier) || typeof room !== "string") return null;
  return { transaction, link, sourceEvent, sender, carrier, room };
}

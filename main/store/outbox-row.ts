import type { CopyKind, EventReference } from "../bridge/route.ts";
import type { FileFailure } from "../matrix/codes.ts";
import type { DeviceId, EventId, LinkId, RoomId, TransactionId, UserId } from "../matrix/ids.ts";
import type { Row } from "./database.ts";

/** A copy that is owed to one destination. */
export interface OutboxRow {
  id: number;
  linkId: LinkId;
  sourceRoom: RoomId;
  /** The source event, or Ferry's own name for what has no event (a notice). */
  sourceEvent: EventId;
  author: UserId;
  destination: RoomId;
  kind: CopyKind;
  target: EventReference | null;
  targetKind: CopyKind | "original" | null;
  transactionId: TransactionId;
  /** `sending`: it may have reached the homeserver. `failed`: it waits for the user. */
  state: "queued" | "sending" | "failed";
  /** What may be under way is a placeholder; and why a file is only told of in it. */
  placeholder: boolean;
  lacks: FileFailure | null;
  attempts: number;
  /** When and by which device it was first tried: past that, the destination may hold it already. */
  firstAttemptTs: number | null;
  attemptDevice: DeviceId | null;
  /** Why it waits or has failed, as a sentence, and the failure's code. */
  reason: string | null;
  reasonCode: string | null;
  createdTs: number;
}

/** A row as the database gives it. */
export function toOutboxRow(row: Row): OutboxRow {
  const targetEvent = row["target_event"] as EventId | null;
  return {
    id: row["id"] as number,
    linkId: row["link_id"] as LinkId,
    sourceRoom: row["source_room"] as RoomId,
    sourceEvent: row["source_event"] as EventId,
    author: row["author"] as UserId,
    destination: row["destination_room"] as RoomId,
    kind: row["kind"] as CopyKind,
    target: targetEvent === null ? null : { roomId: row["target_room"] as RoomId, eventId: targetEvent },
    targetKind: row["target_kind"] as OutboxRow["targetKind"],
    transactionId: row["transaction_id"] as TransactionId,
    state: row["state"] as OutboxRow["state"],
    placeholder: row["placeholder"] === 1,
    lacks: row["lacks"] as FileFailure | null,
    attempts: row["attempts"] as number,
    firstAttemptTs: row["first_attempt_ts"] as number | null,
    attemptDevice: row["attempt_device"] as DeviceId | null,
    reason: row["reason"] as string | null,
    reasonCode: row["reason_code"] as string | null,
    createdTs: row["created_ts"] as number,
  };
}

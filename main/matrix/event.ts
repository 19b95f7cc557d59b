import type { EventId, RoomId, UserId } from "./ids.ts";
import type { MxcUri } from "./media.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** An event of a linked room as the engine hands it over: decrypted where that was possible, validated in form only. */
export interface SourceEvent {
  roomId: RoomId;
  eventId: EventId;
  sender: UserId;
  /** The sender's display name in that room, disambiguated as the specification says; never empty. */
  senderName: string;
  /** Where the sender's picture in that room is; absent where there is none, or it is not known. */
  senderAvatar?: MxcUri | undefined;
  type: string;
  /** Milliseconds since 1970, by the clock of the sender's homeserver. */
  originServerTs: number;
  /** Only for state events. */
  stateKey?: string | undefined;
  /**
   * Of a state event of a type that is told (`TOLD_TYPES`): the content of what it has replaced; null where nothing stood
   * there before. Absent where that is not known.
   */
  previousContent?: JsonObject | null | undefined;
  /** Of a membership: the name of whom it is about, as `senderName`. */
  memberName?: string | undefined;
  /** Decrypted content. Of an event that did not decrypt: the readable part, which is `m.relates_to` alone. */
  content: JsonObject;
  /** Only for `m.room.redaction`. */
  redacts?: EventId | undefined;
  /** `unsigned.transaction_id`: present when this very device sent the event. */
  transactionId?: string | undefined;
  /** Whether the event came encrypted. Reactions, redactions and state are not encrypted even in encrypted rooms. */
  encrypted: boolean;
  /** Whether its room is encrypted: a message that came without encryption there is not trusted. */
  roomEncrypted: boolean;
  /** Why the event did not decrypt, in the crypto library's words (`MEGOLM_UNKNOWN_INBOUND_SESSION_ID`, …). */
  undecryptable?: string | undefined;
  /** Whether the event has been redacted since: its content is empty. */
  redacted?: boolean | undefined;
}

/** What a user sees of a room before linking it, and what Ferry checks. */
export interface RoomSummary {
  roomId: RoomId;
  name: string;
  alias?: string | undefined;
  hasAvatar: boolean;
  encrypted: boolean;
  joinRule: string;
  historyVisibility: string;
  joinedMembers: number;
  invitedMembers: number;
  roomVersion: string;
  /** The user's own power level; `null` stands for a creator above all levels (room version 12 and later). */
  ownPower: number | null;
  /** The level that the connection state event needs in this room. */
  requiredPower: number;
}

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

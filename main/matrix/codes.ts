import type { FailureCode } from "./errors.ts";

/**
 * The names by which Ferry says why something is as it is, for main and for the pages. They are stable: `--json` prints
 * them, the database and the tests use them. Those of failures are in errors.ts.
 */

/** Why an event is not copied. Each is counted, and shown to the user. */
export type SkipReason =
  | "own-copy"
  | "copy-by-another-ferry"
  | "state-event"
  | "unsupported-type"
  | "unsupported-message"
  | "call-or-verification"
  /** Of these a sentence is copied in the file's place: the homeserver does not have it (any more), … */
  | "file-missing"
  /** … it is not the file that the message means: its hash is another one, … */
  | "file-damaged"
  /** … it is larger than the user or the homeserver wants, … */
  | "file-too-large"
  /** … the homeserver does not take it. */
  | "file-refused"
  | "not-encrypted"
  | "not-a-source"
  | "link-starting"
  | "before-link"
  | "no-consent"
  | "opted-out"
  | "command"
  | "redacted"
  | "target-not-copied"
  | "edit-of-another-persons-message"
  | "redaction-of-a-copy"
  | "end-of-a-poll-copy"
  | "end-of-another-persons-poll"
  | "no-votes-elsewhere"
  | "key-awaited"
  | "already-reacted"
  | "superseded"
  | "too-old"
  /** The link's filter keeps it in its room: it is of a kind, … */
  | "filtered-kind"
  /** … by somebody, … */
  | "filtered-sender"
  /** … a bot's notice, … */
  | "filtered-notice"
  /** … outside of a thread, … */
  | "filtered-not-in-thread"
  /** … or has a word that the user does not want to be copied. */
  | "filtered-word"
  | "dismissed";

/** Why a link's filter keeps something in its room. */
export type FilterReason = Extract<SkipReason, `filtered-${string}`>;

/** Why a file could not be carried into another room, for good. */
export type FileFailure = Extract<SkipReason, `file-${string}`>;

/** Why a room's consent to a link does not hold. */
export type GapCode =
  /** It is needed, and nobody has given it yet. */
  | "consent-missing"
  | "consent-declined"
  /** Its approver, or another one, has taken it back. */
  | "consent-revoked"
  /** Whoever gave it could not give it any more. */
  | "approver-lost-power"
  /** More people can read the copies than when it was given. */
  | "audience-widened"
  /** The room has been replaced by another one. */
  | "room-upgraded"
  /** The user is not in the room any more. */
  | "not-in-room"
  /** The room has not been looked at since this link was made or changed. */
  | "room-unread";

/** Groups of readers that a copy can gain. */
export type GainCode =
  /** Without joining: the history is world readable. */
  | "anyone"
  | "whoever-joins"
  | "whoever-knocks"
  /** Of the rooms whose members may join a restricted room. */
  | "members-of-other-rooms"
  | "guests"
  /** Members and invited people as they are now. */
  | "people"
  | "whoever-is-invited"
  /** Operators, who can read what is not encrypted. */
  | "homeserver"
  | "bridge"
  /** Nobody by itself: it says how easily the others find the room. */
  | "directory"
  /** Those who come later, for what was written before. */
  | "earlier-messages";

/** Conditions of Ferry as a whole that are neither a failure nor a gap; those have their own names. */
export type OwnConditionCode =
  | "clock-wrong"
  | "link-suspended"
  | "consent-awaited"
  | "proposal-received"
  | "delivery-failed"
  | "keys-missing"
  | "device-unverified"
  | "update-failed"
  | "update-ready";

/** Every name that a condition of `ferry status` and of the window can have. */
export type ConditionCode = OwnConditionCode | FailureCode | GapCode;

/**
 * Every failure that can cross a boundary of Ferry, by name. The name is stable (tests and `--json` use it); the
 * sentence says what happened, what Ferry did about it, and what the user can do.
 */
export type FailureCode =
  // reaching the homeserver
  | "offline"
  | "homeserver-unreachable"
  | "homeserver-not-found"
  | "homeserver-error"
  | "rate-limited"
  // the account
  | "not-logged-in"
  | "already-logged-in"
  | "wrong-password"
  | "login-unsupported"
  | "login-refused"
  | "login-cancelled"
  | "nothing-begun"
  | "logged-out"
  | "other-account"
  // the account's security
  | "wrong-recovery-key"
  | "no-recovery-key"
  | "no-other-device"
  | "nothing-to-verify"
  | "verification-cancelled"
  | "already-set-up"
  | "confirmation-unknown"
  // rooms and events
  | "unknown-room"
  | "not-joined"
  | "not-a-room"
  | "no-power"
  | "forbidden"
  | "event-not-found"
  | "event-refused"
  | "duplicate-reaction"
  | "encryption-failed"
  | "encryption-gone"
  | "maybe-sent"
  | "key-missing"
  | "file-unavailable"
  // links
  | "unknown-link"
  | "link-needs-two-rooms"
  | "link-exists"
  | "link-starting"
  | "link-needs-confirmation"
  | "link-needs-consent"
  | "link-needs-exposure"
  | "asked-today"
  | "nothing-to-ask"
  | "nothing-to-withdraw"
  | "unknown-proposal"
  | "change-waiting"
  | "room-closed"
  | "proposal-over"
  | "proposal-sending"
  | "consent-unread"
  | "another-ferry"
  | "unknown-outbox-row"
  // this machine
  | "not-running"
  | "already-running"
  | "no-browser"
  | "browser-failed"
  | "no-display"
  | "no-systemd"
  | "engine-gone"
  | "other-host"
  | "keychain-unavailable"
  | "keychain-locked"
  | "wrong-passphrase"
  | "passphrase-missing"
  | "database-damaged"
  | "database-newer"
  | "disk-full"
  | "crypto-store"
  | "crypto-store-lost"
  | "data-folder"
  | "file-not-written"
  | "autostart-refused"
  // programming
  | "bad-request"
  | "internal";

export interface FailureDetails {
  /** For `rate-limited`: how long to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The homeserver's own code (`M_FORBIDDEN`), where there is one. */
  errcode?: string | undefined;
}

/** A failure with a name. Everything else that is thrown is a programming error and becomes `internal`. */
export class FerryError extends Error {
  override readonly name = "FerryError";
  readonly code: FailureCode;
  readonly details: FailureDetails;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** Turns whatever was thrown into a failure with a name. */
export function asFerryError(error: unknown): FerryError {
  if (error instanceof FerryError) return error;
  return new FerryError("internal", error instanceof Error ? error.message : String(error));
}

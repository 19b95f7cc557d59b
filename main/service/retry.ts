import { FerryError, type FailureCode } from "../matrix/errors.ts";

/** Failures that pass by themselves: the copy stays first in its line. */
const TRANSIENT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "offline",
  "homeserver-unreachable",
  "homeserver-error",
  "rate-limited",
  "logged-out",
  "not-logged-in",
  "engine-gone",
  "disk-full",
  "crypto-store",
  // A crypto store that cannot be written to, keys that cannot be had: nothing is wrong with the message.
  "encryption-failed",
  "consent-unread",
  // After some tries a sentence goes in the file's place.
  "file-unavailable",
]);

export function isTransient(failure: FerryError): boolean {
  return TRANSIENT.has(failure.code);
}

/** How long to wait after the given try, in milliseconds: longer each time, up to a minute, never all at once. */
export function waitAfter(attempt: number): number {
  return Math.min(500 * 2 ** Math.min(attempt, 8), 60_000) * (0.75 + Math.random() / 2);
}

/** Failures that are the room's, not the message's: nothing more is sent there until the user has looked. */
const OF_THE_ROOM: ReadonlySet<FailureCode> = new Set<FailureCode>(["forbidden", "not-joined", "encryption-gone"]);

export function isOfRoom(failure: FerryError): boolean {
  return OF_THE_ROOM.has(failure.code);
}

/** What the device of an earlier login sent, this one cannot read: the search says nothing. */
export function maybeSent(): FerryError {
  return new FerryError(
    "maybe-sent",
    "Ferry was sending this when its last login ended, and cannot see whether it arrived. Look into the room: retry it, or dismiss it.",
  );
}

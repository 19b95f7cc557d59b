import type { FailureCode, FerryError } from "../matrix/errors.ts";

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
]);

export function isTransient(failure: FerryError): boolean {
  return TRANSIENT.has(failure.code);
}

/** How long to wait after the given try, in milliseconds: longer each time, up to a minute, never all at once. */
export function waitAfter(attempt: number): number {
  return Math.min(500 * 2 ** Math.min(attempt, 8), 60_000) * (0.75 + Math.random() / 2);
}

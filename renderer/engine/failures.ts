import { ConnectionError, HTTPError, MatrixError } from "matrix-js-sdk/lib/http-api/errors.js";
import { FerryError, type FailureCode } from "../../main/matrix/errors.ts";

/** What each error code of the client-server API means to Ferry, where it means something of its own. */
const BY_ERRCODE: Record<string, FailureCode> = {
  M_LIMIT_EXCEEDED: "rate-limited",
  M_FORBIDDEN: "forbidden",
  M_GUEST_ACCESS_FORBIDDEN: "forbidden",
  M_UNKNOWN_TOKEN: "logged-out",
  M_MISSING_TOKEN: "logged-out",
  M_USER_DEACTIVATED: "logged-out",
  M_DUPLICATE_ANNOTATION: "duplicate-reaction",
  M_NOT_FOUND: "event-not-found",
};

const SENTENCES: Partial<Record<FailureCode, string>> = {
  "rate-limited": "The homeserver asks to slow down.",
  forbidden: "The homeserver does not let this account do that in this room.",
  "logged-out": "The homeserver no longer accepts this login. Log in again; links and what is still owed are kept.",
  "duplicate-reaction": "This account has already reacted with this.",
  "event-not-found": "The homeserver does not have it, or does not show it to this account.",
};

/** Turns whatever the SDK throws into a failure with a name. Never repeats a request's content. */
export function toFailure(error: unknown): FerryError {
  if (error instanceof FerryError) return error;
  if (error instanceof MatrixError) return fromMatrixError(error);
  if (error instanceof ConnectionError || isAbort(error)) {
    return navigator.onLine
      ? new FerryError("homeserver-unreachable", "The homeserver does not answer.")
      : new FerryError("offline", "This computer is not connected to a network.");
  }
  if (error instanceof HTTPError) return fromStatus(error.httpStatus ?? 0);
  return new FerryError("internal", error instanceof Error ? `${error.name}: ${error.message}` : "unknown error");
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "AbortError" || error.name === "TimeoutError");
}

function fromMatrixError(error: MatrixError): FerryError {
  const errcode = error.errcode ?? "";
  if (error.isRateLimitError()) {
    const retryAfterMs = error.getRetryAfterMs() ?? 1000;
    return new FerryError("rate-limited", SENTENCES["rate-limited"] ?? "", { retryAfterMs, errcode });
  }
  const code = BY_ERRCODE[errcode];
  if (code) return new FerryError(code, SENTENCES[code] ?? errcode, { errcode });
  const status = error.httpStatus ?? 0;
  if (status >= 400 && status < 500 && status !== 408) {
    return new FerryError("event-refused", `The homeserver refused it (${errcode || status}).`, { errcode });
  }
  return fromStatus(status, errcode);
}

function fromStatus(status: number, errcode?: string): FerryError {
  if (status === 429) return new FerryError("rate-limited", SENTENCES["rate-limited"] ?? "", { retryAfterMs: 1000 });
  return new FerryError("homeserver-error", `The homeserver has a problem of its own (status ${status}).`, { errcode });
}

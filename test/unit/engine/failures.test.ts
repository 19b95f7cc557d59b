import { ConnectionError, HTTPError, MatrixError } from "matrix-js-sdk/lib/http-api/errors.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { FerryError, type FailureCode } from "../../../main/matrix/errors.ts";
import { isTransient } from "../../../main/service/retry.ts";
import { toFailure } from "../../../renderer/engine/failures.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const matrixError = (status: number, errcode: string, more: object = {}) =>
  new MatrixError({ errcode, error: "words of the homeserver", ...more }, status);

describe("what a homeserver answers", () => {
  test.each<[number, string, FailureCode]>([
    [429, "M_LIMIT_EXCEEDED", "rate-limited"],
    [403, "M_FORBIDDEN", "forbidden"],
    [401, "M_UNKNOWN_TOKEN", "logged-out"],
    [401, "M_MISSING_TOKEN", "logged-out"],
    [403, "M_USER_DEACTIVATED", "logged-out"],
    [400, "M_DUPLICATE_ANNOTATION", "duplicate-reaction"],
    [404, "M_NOT_FOUND", "event-not-found"],
    [413, "M_TOO_LARGE", "event-refused"],
    [400, "M_BAD_JSON", "event-refused"],
    [408, "M_UNKNOWN", "homeserver-error"],
    [500, "M_UNKNOWN", "homeserver-error"],
    [502, "", "homeserver-error"],
    [504, "M_UNKNOWN", "homeserver-error"],
  ])("%i %s is %s", (status, errcode, code) => {
    const failure = toFailure(matrixError(status, errcode));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(/^[A-Z].*\.$/);
    expect(failure.message).not.toContain("words of the homeserver");
  });

  test("a server in trouble is tried again, a message that it does not want is not", () => {
    expect(isTransient(toFailure(matrixError(503, "")))).toBe(true);
    expect(isTransient(toFailure(matrixError(413, "M_TOO_LARGE")))).toBe(false);
  });

  test("how long to wait is passed on", () => {
    expect(toFailure(matrixError(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 2_500 })).details.retryAfterMs).toBe(2_500);
    expect(toFailure(matrixError(429, "M_LIMIT_EXCEEDED")).details.retryAfterMs).toBe(1_000);
    expect(toFailure(new HTTPError("slow", 429))).toMatchObject({
      code: "rate-limited",
      details: { retryAfterMs: 1_000 },
    });
  });

  test("an answer that is no JSON is the homeserver's trouble", () => {
    expect(toFailure(new HTTPError("<html>", 502)).code).toBe("homeserver-error");
  });
});

describe("no answer", () => {
  test.each<[boolean, FailureCode]>([
    [true, "homeserver-unreachable"],
    [false, "offline"],
  ])("with the network %s is %s", (onLine, code) => {
    vi.stubGlobal("navigator", { onLine });
    expect(toFailure(new ConnectionError("fetch failed")).code).toBe(code);
    expect(toFailure(new DOMException("", "AbortError")).code).toBe(code);
    expect(toFailure(new DOMException("", "TimeoutError")).code).toBe(code);
  });
});

test("a failure with a name stays what it is, everything else is a programming error", () => {
  const named = new FerryError("not-joined", "No.");
  expect(toFailure(named)).toBe(named);
  expect(toFailure(new TypeError("x is undefined"))).toMatchObject({
    code: "internal",
    message: "TypeError: x is undefined",
  });
  expect(toFailure("text").code).toBe("internal");
});

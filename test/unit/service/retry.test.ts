import { describe, expect, test } from "vitest";
import { FerryError, type FailureCode } from "../../../main/matrix/errors.ts";
import { isTransient, waitAfter } from "../../../main/service/retry.ts";

describe("which failures pass by themselves", () => {
  const transient: FailureCode[] = [
    ...(["offline", "homeserver-unreachable", "homeserver-error", "rate-limited", "logged-out"] as const),
    ...(["not-logged-in", "engine-gone", "disk-full", "encryption-failed"] as const),
  ];
  test.each(transient)("%s does", (code) => expect(isTransient(new FerryError(code, ""))).toBe(true));

  const lasting: FailureCode[] = [
    "forbidden",
    "not-joined",
    "event-refused",
    "event-not-found",
    "bad-request",
    "internal",
  ];
  test.each(lasting)("%s does not", (code) => expect(isTransient(new FerryError(code, ""))).toBe(false));
});

describe("waitAfter", () => {
  test("grows, never past a minute and a quarter, and is not the same for everybody", () => {
    for (let attempt = 1; attempt < 2_000; attempt++) {
      const middle = Math.min(500 * 2 ** Math.min(attempt, 8), 60_000);
      const wait = waitAfter(attempt);
      expect(wait).toBeGreaterThanOrEqual(middle * 0.75);
      expect(wait).toBeLessThanOrEqual(middle * 1.25);
    }
    expect(new Set(Array.from({ length: 20 }, () => waitAfter(5))).size).toBeGreaterThan(10);
  });
});

import { describe, expect, test } from "vitest";
import type { Verification } from "../../../../main/protocol/control.ts";
import { verifyView, type VerifyFacts } from "../../../../renderer/settings/state/verify-view.ts";
import { fakeSecurity } from "../../../support/fake-control.ts";

const comparison = (state: Verification["state"]): Verification => ({ state, device: null, emoji: [], reason: null });
function view(facts: Partial<VerifyFacts>) {
  const security = fakeSecurity({ verified: false, backup: "not-connected" });
  const usual = { security, isVerified: false, hasFailed: false, verification: null, chosen: null };
  return verifyView({ ...usual, hasNewKey: false, isMakingKey: false, ...facts });
}

describe("what is shown of verifying by itself", () => {
  test("the recovery key, where the account has one", () => expect(view({})).toBe("recovery"));

  test("emoji, where only another device could vouch", () =>
    expect(view({ security: fakeSecurity({ recovery: false }) })).toBe("emoji"));

  test("that nothing is there which could", () =>
    expect(view({ security: fakeSecurity({ recovery: false, otherDevices: 0 }) })).toBe("stuck"));

  test("setting up, where the account has nothing yet", () =>
    expect(view({ security: fakeSecurity({ crossSigning: false, recovery: false }) })).toBe("set-up"));

  test("that it is done", () => expect(view({ isVerified: true })).toBe("verified"));

  test("that it is being asked, or could not be", () => {
    expect(view({ security: null })).toBe("loading");
    expect(view({ security: null, hasFailed: true })).toBe("failed");
  });
});

describe("what the user does", () => {
  test("leads to what they have chosen", () => {
    expect(view({ chosen: "emoji" })).toBe("emoji");
    expect(view({ chosen: "skip" })).toBe("skip");
    expect(view({ isVerified: true, chosen: "recovery" })).toBe("recovery");
    expect(view({ isVerified: true, chosen: "set-up" })).toBe("set-up");
  });

  test("can be to leave it for later while nothing is known", () =>
    expect(view({ security: null, hasFailed: true, chosen: "skip" })).toBe("skip"));
});

describe("a comparison", () => {
  test("is shown while it goes on, whoever began it", () => {
    expect(view({ verification: comparison("waiting") })).toBe("emoji");
    expect(view({ verification: comparison("comparing"), chosen: "skip" })).toBe("emoji");
    expect(view({ verification: comparison("comparing"), isVerified: true })).toBe("emoji");
  });

  test("that another device asks for takes nobody away from what they are at", () =>
    expect(view({ verification: comparison("asked") })).toBe("recovery"));

  test("that has ended says why to whoever was at it", () => {
    expect(view({ verification: comparison("cancelled"), chosen: "emoji" })).toBe("emoji");
    expect(view({ verification: comparison("cancelled") })).toBe("recovery");
  });

  test("that was right waits for the server's word", () => {
    expect(view({ verification: comparison("done"), chosen: "emoji" })).toBe("finishing");
    expect(view({ verification: comparison("done"), chosen: "emoji", isVerified: true })).toBe("verified");
  });
});

test("a recovery key that is being made is waited for, though this device is verified already", () =>
  expect(view({ isMakingKey: true, isVerified: true })).toBe("set-up"));

test("a new recovery key is shown before all else", () =>
  expect(view({ hasNewKey: true, isVerified: true, verification: comparison("comparing") })).toBe("write-down"));

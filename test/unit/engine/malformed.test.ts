import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import { expect, test, vi } from "vitest";
import { ignoreMalformed } from "../../../renderer/engine/malformed.ts";

/** What the SDK's crypto layer does with what it is given. */
function layer() {
  const inner = {
    processSyncChanges: vi.fn(async (changes: { toDeviceEvents: unknown[] }) => changes.toDeviceEvents),
    onIncomingKeyVerificationRequest: vi.fn((_sender: unknown, transactionId: unknown): void => {
      if (transactionId === "unknown") throw new Error("unreachable");
    }),
    onKeyVerificationEvent: vi.fn(async (event: unknown): Promise<void> => {
      if (event === "malformed") throw new Error("missing field `body` of what somebody wrote");
    }),
  };
  const crypto = { ...inner };
  const log = vi.fn(async () => ({}));
  ignoreMalformed(crypto as unknown as CryptoBackend, { log });
  return { inner, crypto, log };
}

const LINE = { level: "debug", event: "malformed-ignored", fields: {} };

test.each([5, {}, ["a"], null, undefined, true, "unknown"])(
  "a request with %j for an id is logged, and no more",
  (id) => {
    const { crypto, inner, log } = layer();
    crypto.onIncomingKeyVerificationRequest("@ana:one.test", id);
    expect(inner.onIncomingKeyVerificationRequest).toHaveBeenCalledTimes(id === "unknown" ? 1 : 0);
    expect(log.mock.calls).toEqual([[LINE]]);
  },
);

test("so is one in a room that the library cannot read", async () => {
  const { crypto, log } = layer();
  await crypto.onKeyVerificationEvent("malformed");
  expect(log.mock.calls).toEqual([[LINE]]);
});

test("what has no content does not reach the library, and what comes with it does", async () => {
  const { crypto, log } = layer();
  const key = { type: "m.room.encrypted", sender: "@ana:one.test", content: {} };
  const toDeviceEvents = [{ ...key, content: null }, key, null, { ...key, content: [] }, { ...key, content: "x" }];
  expect(await crypto.processSyncChanges({ toDeviceEvents })).toEqual([key]);
  expect(log).toHaveBeenCalledOnce();
});

test("what is well formed goes through, and a library that fails over it still does", async () => {
  const { crypto, inner, log } = layer();
  crypto.onIncomingKeyVerificationRequest("@ana:one.test", "t1");
  await crypto.onKeyVerificationEvent("event");
  expect(inner.onIncomingKeyVerificationRequest).toHaveBeenCalledWith("@ana:one.test", "t1");
  expect(inner.onKeyVerificationEvent).toHaveBeenCalledWith("event");
  inner.processSyncChanges.mockRejectedValueOnce(new Error("The disk is full."));
  await expect(crypto.processSyncChanges({ toDeviceEvents: [] })).rejects.toThrow("The disk is full.");
  expect(log).not.toHaveBeenCalled();
});

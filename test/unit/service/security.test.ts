import { describe, expect, test, vi } from "vitest";
import { applyKeysFor, securityHandlers } from "../../../main/service/security.ts";

const STATE = { deviceId: "FERRY", verified: false };

function create(account: { stored: unknown; isOpen: boolean }) {
  const remote = {
    security: vi.fn(async () => STATE),
    ...{ verifyRecovery: vi.fn(async () => ({})), verifyStart: vi.fn(async () => ({})) },
    ...{ verifyAccept: vi.fn(async () => ({})), verifyConfirm: vi.fn(async () => ({})) },
    ...{ verifyCancel: vi.fn(async () => ({})), keysFor: vi.fn(async () => ({})) },
    ...{
      securitySetUp: vi.fn(async () => ({ recoveryKey: "EsT", keyId: "k" })),
      recoveryKeyWritten: vi.fn(async () => ({})),
    },
  };
  const parts = { account: { ...account, secretsKind: "keychain" }, engine: { remote } } as never;
  return { remote, parts, handlers: securityHandlers(() => parts) };
}

const OPEN = { stored: {}, isOpen: true };

const CALLS = [
  ["security", {}],
  ["verifyRecovery", { secret: "s" }],
  ["verifyStart", {}],
  ["verifyAccept", {}],
  ["verifyConfirm", { matches: true }],
  ["verifyCancel", {}],
  ["securitySetUp", { password: null }],
  ["recoveryKeyWritten", { keyId: "k" }],
] as const;

describe.each(CALLS)("%s", (method, params) => {
  test.each([
    [{ stored: null, isOpen: false }, "not-logged-in"],
    [{ stored: {}, isOpen: false }, "engine-gone"],
  ])("does not reach the engine with %o", async (account, code) => {
    const { handlers, remote } = create(account);
    await expect(handlers[method](params as never)).rejects.toMatchObject({ code });
    expect(remote[method]).not.toHaveBeenCalled();
  });

  test("reaches it once it is open", async () => {
    const { handlers, remote } = create(OPEN);
    await handlers[method](params as never);
    expect(remote[method]).toHaveBeenCalledExactlyOnceWith(params);
  });
});

test("what is shown says where the secrets are kept, and after verifying it is shown anew", async () => {
  const { handlers, remote } = create(OPEN);
  expect(await handlers.security({})).toEqual({ ...STATE, secrets: "keychain" });
  remote.security.mockResolvedValue({ ...STATE, verified: true });
  expect(await handlers.verifyRecovery({ secret: "s" })).toMatchObject({ verified: true, secrets: "keychain" });
});

test("who gets keys is told to an engine that is open, and waits in the settings for one that is not", async () => {
  const closed = create({ stored: {}, isOpen: false });
  await applyKeysFor(closed.parts, "verified");
  expect(closed.remote.keysFor).not.toHaveBeenCalled();
  const open = create(OPEN);
  await applyKeysFor(open.parts, "verified");
  expect(open.remote.keysFor).toHaveBeenCalledExactlyOnceWith({ keysFor: "verified" });
});

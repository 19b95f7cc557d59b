import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { describe, expect, test, vi } from "vitest";
import { Keyring } from "../../../renderer/engine/keyring.ts";
import { verifyRecovery } from "../../../renderer/engine/recovery.ts";
import { Trust } from "../../../renderer/engine/trust.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import { DEVICE, fakeClient, USER, type FakeDevice } from "./trust-support.ts";

vi.mock("../../../renderer/engine/security-set-up.ts", () => ({
  setUpSecurity: vi.fn(async () => ({ recoveryKey: crypto.randomUUID(), keyId: "k" })),
}));
vi.mock("../../../renderer/engine/recovery.ts", () => ({ verifyRecovery: vi.fn(async () => null) }));

function create() {
  const devices: Record<string, FakeDevice> = { [DEVICE]: { signed: false } };
  const client = fakeClient(devices);
  const told: { verified: boolean; verification: { state: string } | null }[] = [];
  const main = { trust: vi.fn(async (state) => void told.push(state as never)), log: vi.fn(async () => ({})) };
  const trust = new Trust(client as never, new Keyring(), main as never);
  trust.start();
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { client, devices, told, main, trust, settled };
}

test("two who secure the account at once are given the same recovery key", async () => {
  const { trust } = create();
  const [one, other] = await Promise.all([trust.setUp(null), trust.setUp(null)]);
  expect(one).toEqual(other);
  expect(await trust.setUp(null)).not.toEqual(one);
});

describe("what main hears", () => {
  test("how it is at the start, and each change once, whatever tells of it", async () => {
    const { client, devices, told, settled } = create();
    await settled();
    expect(told).toEqual([{ verified: false, verification: null }]);
    client.emit(CryptoEvent.DevicesUpdated, [USER], false);
    await settled();
    expect(told).toHaveLength(1);
    devices[DEVICE] = { signed: true };
    client.emit(CryptoEvent.DevicesUpdated, ["@ana:one.test"], false);
    client.emit(CryptoEvent.UserTrustStatusChanged, "@ana:one.test", {});
    await settled();
    expect(told).toHaveLength(1);
    client.emit(CryptoEvent.DevicesUpdated, ["@ana:one.test", USER], false);
    client.emit(CryptoEvent.KeysChanged, {});
    client.emit(CryptoEvent.UserTrustStatusChanged, USER, {});
    await settled();
    expect(told.slice(1)).toEqual([{ verified: true, verification: null }]);
    devices[DEVICE] = { signed: false };
    client.emit(CryptoEvent.KeysChanged, {});
    await settled();
    expect(told.at(-1)?.verified).toBe(false);
  });

  test("what it did not take, it hears again with the next change", async () => {
    const { client, main, told, settled } = create();
    main.trust.mockRejectedValueOnce(new Error("gone"));
    await settled();
    client.emit(CryptoEvent.KeysChanged, {});
    await settled();
    expect(told).toEqual([{ verified: false, verification: null }]);
  });

  test("before the answer to what has changed it", async () => {
    const { client, devices, told, trust, settled } = create();
    await settled();
    vi.mocked(verifyRecovery).mockImplementationOnce(async () => {
      devices[DEVICE] = { signed: true };
      return null;
    });
    await trust.recover("secret");
    expect(told.at(-1)?.verified).toBe(true);
    const request = Object.assign(client, {
      isSelfVerification: true,
      phase: 2,
      pending: true,
      cancel: async () => ({}),
    });
    client.emit(CryptoEvent.VerificationRequestReceived, request);
    await trust.compare(async () => undefined);
    expect(told.at(-1)?.verification?.state).toBe("asked");
    await trust.compare((verification) => verification.cancel());
    expect(told.at(-1)?.verification).toBeNull();
  });
});

test("a backup that cannot be connected is in the log, by its code alone", async () => {
  const { main, trust } = create();
  vi.mocked(verifyRecovery).mockResolvedValueOnce(new FerryError("offline", "No network."));
  await trust.recover("my passphrase");
  const line = { level: "warn", event: "backup-not-connected", fields: { code: "offline" } };
  expect(main.log).toHaveBeenCalledExactlyOnceWith(line);
});

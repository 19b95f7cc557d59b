import { beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "matrix-js-sdk/lib/http-api/errors.js";
import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { queryDeviceKeys } from "../../../renderer/engine/device-keys.ts";
import { Keyring } from "../../../renderer/engine/keyring.ts";
import { verifyRecovery } from "../../../renderer/engine/recovery.ts";
import { DEVICE, fakeClient } from "./trust-support.ts";

vi.mock("../../../renderer/engine/device-keys.ts", () => ({ queryDeviceKeys: vi.fn(async () => undefined) }));
vi.stubGlobal("navigator", { onLine: true });

const WRITTEN = encodeRecoveryKey(new Uint8Array(32).fill(7)) ?? "";
const SECRETS = ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"];
const INFO = { algorithm: "m.secret_storage.v1.aes-hmac-sha2", iv: "iv", mac: "mac" };

function create() {
  const devices = { [DEVICE]: { signed: false } };
  const secrets = new Map(SECRETS.map((name) => [name, "private"]));
  const sign = async (): Promise<void> => void (devices[DEVICE] = { signed: true });
  const crypto = {
    bootstrapCrossSigning: vi.fn(sign),
    crossSignDevice: vi.fn(sign),
    getKeyBackupInfo: vi.fn(async (): Promise<object | null> => ({ version: "1" })),
    loadSessionBackupPrivateKeyFromSecretStorage: vi.fn(async () => undefined),
    checkKeyBackupAndEnable: vi.fn(async () => null),
  };
  const storage = {
    getKey: vi.fn(async (): Promise<[string, unknown] | null> => ["id", INFO]),
    checkKey: vi.fn(async () => true),
    get: vi.fn(async (name: string) => secrets.get(name)),
  };
  const client = Object.assign(fakeClient(devices, crypto), { secretStorage: storage });
  return {
    client,
    crypto,
    storage,
    secrets,
    verify: (secret = WRITTEN) => verifyRecovery(client as never, new Keyring(), secret),
  };
}

beforeEach(() => void vi.mocked(queryDeviceKeys).mockResolvedValue(undefined));

describe("verifying by recovery key", () => {
  test("signs this device and connects the backup", async () => {
    const { crypto, verify } = create();
    expect(await verify()).toBeNull();
    expect(crypto.bootstrapCrossSigning).toHaveBeenCalledOnce();
    expect(crypto.crossSignDevice).not.toHaveBeenCalled();
    expect(crypto.loadSessionBackupPrivateKeyFromSecretStorage).toHaveBeenCalledOnce();
    expect(crypto.checkKeyBackupAndEnable).toHaveBeenCalledOnce();
  });

  test("signs a device that has had the keys all along", async () => {
    const { crypto, verify } = create();
    crypto.bootstrapCrossSigning.mockResolvedValue(undefined);
    await verify();
    expect(crypto.crossSignDevice).toHaveBeenCalledExactlyOnceWith(DEVICE);
  });

  test("is verified also where the backup cannot be connected, and says why not", async () => {
    const { crypto, verify } = create();
    crypto.loadSessionBackupPrivateKeyFromSecretStorage.mockRejectedValue(new ConnectionError("gone"));
    expect(await verify()).toMatchObject({ code: "homeserver-unreachable" });
  });

  test("an account without a backup is none the worse", async () => {
    const { crypto, verify } = create();
    crypto.getKeyBackupInfo.mockResolvedValue(null);
    expect(await verify()).toBeNull();
    expect(crypto.loadSessionBackupPrivateKeyFromSecretStorage).not.toHaveBeenCalled();
  });

  test("a signature that the homeserver does not keep is no success", async () => {
    const { crypto, verify } = create();
    crypto.bootstrapCrossSigning.mockResolvedValue(undefined);
    crypto.crossSignDevice.mockResolvedValue(undefined);
    await expect(verify()).rejects.toMatchObject({ code: "homeserver-error" });
  });
});

describe("no identity is ever made anew", () => {
  type World = ReturnType<typeof create>;
  test.each<[string, (world: World) => void, string]>([
    ["there is no secret storage", ({ storage }) => storage.getKey.mockResolvedValue(null), "no-recovery-key"],
    ["its key is of another kind", ({ storage }) => storage.getKey.mockResolvedValue(["id", {}]), "no-recovery-key"],
    ["the key is another one", ({ storage }) => storage.checkKey.mockResolvedValue(false), "wrong-recovery-key"],
    ["a secret is missing", ({ secrets }) => secrets.delete("m.cross_signing.user_signing"), "no-recovery-key"],
    ["a secret is empty", ({ secrets }) => secrets.set("m.cross_signing.master", ""), "no-recovery-key"],
    ["a secret does not open", ({ storage }) => storage.get.mockRejectedValue(new Error("bad MAC")), "no-recovery-key"],
    [
      "a secret does not open, and nothing else shows whether the key is right",
      ({ storage }) => {
        storage.getKey.mockResolvedValue(["id", { algorithm: INFO.algorithm }]);
        storage.get.mockRejectedValue(new Error("bad MAC"));
      },
      "wrong-recovery-key",
    ],
    [
      "the homeserver cannot be reached",
      () => void vi.mocked(queryDeviceKeys).mockRejectedValue(new ConnectionError("gone")),
      "homeserver-unreachable",
    ],
    [
      "nothing has been synchronised",
      ({ client }) => void (client.isInitialSyncComplete = () => false),
      "homeserver-unreachable",
    ],
  ])("where %s", async (_why, arrange, code) => {
    const world = create();
    arrange(world);
    await expect(world.verify()).rejects.toMatchObject({ code });
    expect(world.crypto.bootstrapCrossSigning).not.toHaveBeenCalled();
  });

  test("nor where the SDK would, after all", async () => {
    const { crypto, verify } = create();
    crypto.bootstrapCrossSigning.mockImplementation((async (options: {
      authUploadDeviceSigningKeys: (send: () => Promise<void>) => Promise<void>;
    }) => {
      await options.authUploadDeviceSigningKeys(async () => expect.unreachable("new keys were uploaded"));
    }) as never);
    await expect(verify()).rejects.toMatchObject({ code: "no-recovery-key" });
  });

  test("an identity that is not the account's any more is not taken for it", async () => {
    const { crypto, verify } = create();
    crypto.bootstrapCrossSigning.mockRejectedValue(new Error("importCrossSigningKeys failed to import the keys"));
    await expect(verify()).rejects.toMatchObject({ code: "no-recovery-key" });
  });
});

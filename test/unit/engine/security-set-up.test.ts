import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { MatrixError } from "matrix-js-sdk/lib/http-api/errors.js";
import { describe, expect, test, vi } from "vitest";
import type { UserId } from "../../../main/matrix/ids.ts";
import { Keyring } from "../../../renderer/engine/keyring.ts";
import { authorise, setUpSecurity } from "../../../renderer/engine/security-set-up.ts";
import { canBeMadeAnew, noteWritten } from "../../../renderer/engine/written-key.ts";
import { DEVICE, fakeClient, USER } from "./trust-support.ts";

vi.mock("../../../renderer/engine/device-keys.ts", () => ({ queryDeviceKeys: vi.fn(async () => undefined) }));

/** An account at its homeserver, and what this device has in its crypto store: both outlive a crash. */
interface World {
  identity: boolean;
  defaultKey: string | null;
  stored: [string, string[]][];
  backup: boolean;
  ownKeys: boolean;
  ownBackupKey: boolean;
  /** Descriptions of the keys of its secret storage, by the names under which the account keeps them. */
  keys: Record<string, Record<string, unknown>>;
}

const NEW: World = {
  ...{ identity: false, defaultKey: null, stored: [], backup: false, ownKeys: false, ownBackupKey: false, keys: {} },
};

class Crash extends Error {}

/**
 * @param crashAt after so many things have been done, the page dies
 * @param isHeard whether the next thing is not even begun then; otherwise it is done, and the answer is lost
 */
function create(world: World, crashAt = Number.POSITIVE_INFINITY, isHeard = true) {
  let done = 0;
  const step = (change: () => void) => async (): Promise<void> => {
    const isOver = done++ >= crashAt;
    if (!isOver || (!isHeard && done === crashAt + 1)) change();
    if (isOver) throw new Crash();
  };
  const crypto = {
    getCrossSigningStatus: async () => ({
      privateKeysCachedLocally: {
        masterKey: world.ownKeys,
        selfSigningKey: world.ownKeys,
        userSigningKey: world.ownKeys,
      },
    }),
    checkKeyBackupAndEnable: async () =>
      world.backup ? { trustInfo: { matchesDecryptionKey: world.ownBackupKey, trusted: true } } : null,
    getKeyBackupInfo: async () => (world.backup ? {} : null),
    bootstrapCrossSigning: vi.fn(async () => {
      await step(() => (world.ownKeys = true))();
      await step(() => (world.identity = true))();
    }),
    resetKeyBackup: vi.fn(step(() => Object.assign(world, { backup: true, ownBackupKey: true }))),
    exportSecretsBundle: async () => ({
      cross_signing: { master_key: "m", self_signing_key: "s", user_signing_key: "u" },
      ...(world.ownBackupKey ? { backup: { key: "b" } } : {}),
    }),
  };
  const keyring = new Keyring();
  const keys: Uint8Array[] = [];
  const secretStorage = {
    getDefaultKeyId: async () => world.defaultKey,
    addKey: vi.fn(async (_algorithm: string, { key }: { key: Uint8Array }) => {
      const keyId = `key-${Object.keys(world.keys).length}`;
      await step(() => {
        keys.push(key.slice());
        world.keys[`m.secret_storage.key.${keyId}`] = { algorithm: "aes" };
      })();
      return { keyId, keyInfo: { algorithm: "aes" } };
    }),
    getKey: async () => {
      const description = world.keys[`m.secret_storage.key.${world.defaultKey}`];
      return world.defaultKey === null ? null : [world.defaultKey, description ?? { algorithm: "aes" }];
    },
    store: async (name: string, _secret: string, ids: string[]) => {
      const key = await keyring.callbacks.getSecretStorageKey?.({ keys: { [ids[0] ?? ""]: {} as never } }, name);
      expect(key?.[0]).toBe(ids[0]);
      await step(() => void world.stored.push([name, ids]))();
    },
    setDefaultKeyId: vi.fn(async (id: string) => step(() => (world.defaultKey = id))()),
  };
  const client = Object.assign(fakeClient({ [DEVICE]: { signed: false } }, crypto), {
    secretStorage,
    setAccountData: async (type: string, content: Record<string, unknown>) =>
      step(() => void (world.keys[type] = content))(),
    downloadKeysForUsers: async () => ({ master_keys: world.identity ? { [USER]: {} } : {} }),
  });
  const setUp = () => setUpSecurity(client as never, keyring, "password");
  return { client: client as never, crypto, secretStorage, keys, setUp };
}

const SECRETS = ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"];
const ALL = [...SECRETS, "m.megolm_backup.v1"];

describe("securing an account", () => {
  test("makes identity, backup and recovery key, which opens all of it", async () => {
    const world = structuredClone(NEW);
    const { setUp, keys } = create(world);
    const { recoveryKey, keyId } = await setUp();
    expect(keyId).toBe(world.defaultKey);
    expect(decodeRecoveryKey(recoveryKey)).toEqual(keys[0]);
    expect(world).toMatchObject({ identity: true, backup: true });
    expect(world.stored).toEqual(ALL.map((name) => [name, [world.defaultKey]]));
  });

  test.each(Array.from({ length: 10 }, (_, crashAt) => crashAt))(
    "goes on where it died, after %i steps",
    async (crashAt) => {
      const world = structuredClone(NEW);
      await expect(create(world, crashAt).setUp()).rejects.toThrow();
      expect(world.defaultKey).toBeNull();
      world.stored = [];
      const { setUp, crypto } = create(world);
      const wasIdentity = world.identity;
      await setUp();
      expect(world.stored).toEqual(ALL.map((name) => [name, [world.defaultKey]]));
      expect(crypto.bootstrapCrossSigning).toHaveBeenCalledTimes(wasIdentity ? 0 : 1);
    },
  );

  test("whose recovery key nobody has seen, for its answer was lost, gets another one", async () => {
    const world = structuredClone(NEW);
    await expect(create(world, 9, false).setUp()).rejects.toThrow();
    const lost = world.defaultKey;
    expect(lost).not.toBeNull();
    world.stored = [];
    // Cut off on the way to the other one, it is still not done.
    await expect(create(world, 3).setUp()).rejects.toThrow();
    world.stored = [];
    const { client, setUp, crypto, keys } = create(world);
    expect(await canBeMadeAnew(client)).toBe(true);
    const { recoveryKey, keyId } = await setUp();
    expect([keyId === lost, keyId]).toEqual([false, world.defaultKey]);
    expect(decodeRecoveryKey(recoveryKey)).toEqual(keys[0]);
    expect(world.stored).toEqual(ALL.map((name) => [name, [keyId]]));
    expect(crypto.bootstrapCrossSigning).not.toHaveBeenCalled();
    expect(crypto.resetKeyBackup).not.toHaveBeenCalled();
  });

  test("whose recovery key has been written down is done, and only of that key it can be said", async () => {
    const world = structuredClone(NEW);
    const { client, setUp } = create(world);
    const first = await setUp();
    const second = await setUp();
    await expect(noteWritten(client, first.keyId)).rejects.toMatchObject({ code: "wrong-recovery-key" });
    await noteWritten(client, second.keyId);
    await noteWritten(client, second.keyId);
    expect(world.keys[`m.secret_storage.key.${second.keyId}`]).toEqual({ algorithm: "aes" });
    expect(await canBeMadeAnew(client)).toBe(false);
    await expect(setUp()).rejects.toMatchObject({ code: "already-set-up" });
  });

  test("whose recovery key another device has made is not this device's to replace", async () => {
    const world = structuredClone(NEW);
    await create(world).setUp();
    world.ownKeys = false;
    const { client, setUp } = create(world);
    expect(await canBeMadeAnew(client)).toBe(false);
    await expect(setUp()).rejects.toMatchObject({ code: "already-set-up" });
  });

  test.each<[string, Partial<World>]>([
    ["an identity of other devices", { identity: true }],
    ["a recovery key", { defaultKey: "theirs" }],
    [
      "an identity and a recovery key, though this device has the keys too",
      { identity: true, ownKeys: true, defaultKey: "theirs" },
    ],
    ["a backup that this device cannot read", { backup: true }],
  ])("leaves alone one that has %s", async (_what, has) => {
    const world = { ...structuredClone(NEW), ...has };
    const before = structuredClone(world);
    const { setUp, secretStorage } = create(world);
    await expect(setUp()).rejects.toMatchObject({ code: "already-set-up" });
    expect(world).toEqual(before);
    expect(secretStorage.addKey).not.toHaveBeenCalled();
  });
});

describe("a homeserver that asks who is there", () => {
  const challenge = (stages: string[][]) =>
    new MatrixError({ errcode: "M_FORBIDDEN", session: "s", flows: stages.map((flow) => ({ stages: flow })) }, 401);
  const answer = (password: string | null, send: (auth: unknown) => Promise<void>) =>
    authorise("@kim:one.test" as UserId, password)(send);

  test("is not told the password unless it wants it", async () => {
    const send = vi.fn(async () => undefined);
    await answer("secret", send);
    expect(send).toHaveBeenCalledExactlyOnceWith(null);
  });

  test("gets the password where that is enough", async () => {
    const send = vi.fn(async (auth: unknown) => {
      if (auth === null) throw challenge([["m.login.sso"], ["m.login.password"]]);
    });
    await answer("secret", send);
    const identifier = { type: "m.id.user", user: "@kim:one.test" };
    expect(send).toHaveBeenLastCalledWith({ type: "m.login.password", identifier, password: "secret", session: "s" });
  });

  test.each<[string, string | null, string[][], string]>([
    ["a password that there is none of", null, [["m.login.password"]], "wrong-password"],
    ["another one", "secret", [["m.login.password"]], "wrong-password"],
    ["another way", "secret", [["m.login.sso"]], "confirmation-unknown"],
    ["something besides", "secret", [["m.login.password", "m.login.email.identity"]], "confirmation-unknown"],
  ])("is not let down silently where it wants %s", async (_what, password, flows, code) => {
    const send = vi.fn(async () => Promise.reject(challenge(flows)));
    await expect(answer(password, send)).rejects.toMatchObject({ code });
  });

  test.each([
    new MatrixError({ errcode: "M_UNKNOWN_TOKEN", error: "" }, 401),
    new MatrixError({ errcode: "M_LIMIT_EXCEEDED", error: "" }, 429),
    new Error("no network"),
  ])("any other failure is what it is: %s", async (failure) => {
    await expect(answer("secret", () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

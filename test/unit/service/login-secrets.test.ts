import { expect, test } from "vitest";
import type { DeviceId, UserId } from "../../../main/matrix/ids.ts";
import { LoginSecrets } from "../../../main/service/login-secrets.ts";
import { SILENT } from "../../support/silent-logger.ts";
import { Keychain } from "./login-support.ts";

const DEVICE = { userId: "@me:one.test" as UserId, deviceId: "FIRST" as DeviceId };

test("tokens are kept out of the log, and those that have long been replaced no longer looked for", async () => {
  const concealed = new Set<string>();
  const secrets = new LoginSecrets(new Keychain(), {
    ...SILENT,
    conceal: (secret) => void concealed.add(secret),
    reveal: (secret) => void concealed.delete(secret),
  });
  await secrets.storeLogin(DEVICE, { accessToken: "a0", refreshToken: "lasting" }, false);
  const key = await secrets.storageKey(DEVICE);
  for (let index = 1; index <= 500; index++) {
    await secrets.store(DEVICE, { accessToken: `a${index}`, refreshToken: "lasting" });
  }
  expect([...concealed]).toEqual(expect.arrayContaining(["a500", "a499", "lasting", key]));
  expect(concealed.has("a0")).toBe(false);
  expect(concealed.size).toBeLessThan(30);
});

test("secrets of a login that was cut off go with the next one, and only those", async () => {
  const keychain = new Keychain();
  const secrets = new LoginSecrets(keychain, SILENT);
  for (const deviceId of ["LOST", "FIRST"] as DeviceId[]) {
    await secrets.storeLogin({ ...DEVICE, deviceId }, { accessToken: "a", refreshToken: "r" }, false);
  }
  await secrets.forgetOthers(DEVICE);
  expect(keychain.accounts()).toEqual(["@me:one.test FIRST"]);
  expect(keychain.items.size).toBe(3);
});

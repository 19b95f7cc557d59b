import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createApp, type AppOptions } from "../../main/app.ts";
import { finishDeletion } from "../../main/deletion.ts";
import { isMarkedForDeletion } from "../../main/host/data-deletion.ts";
import { resolveDataFolder, type DataFolder } from "../../main/host/data-folder.ts";
import { openSecrets } from "../../main/host/secrets-choice.ts";
import { FerryError } from "../../main/matrix/errors.ts";
import type { DeviceId, UserId } from "../../main/matrix/ids.ts";
import type { Host } from "../../main/host/host.ts";
import { engineNotifications, engineRequests } from "../../main/protocol/engine.ts";
import { connect, type Channel } from "../../main/protocol/rpc.ts";
import { LoginSecrets } from "../../main/service/login-secrets.ts";
import { openStore } from "../../main/store/store.ts";
import { SILENT } from "../support/silent-logger.ts";
import { temporaryFolder } from "./store/store-support.ts";

/** A Ferry whose account cannot be opened: no secrets where they should be, then no browser. */

const device = { userId: "@ana:one.test" as UserId, deviceId: "DEVICE" as DeviceId };

function loggedInFolder(): DataFolder {
  const folder = resolveDataFolder(join(temporaryFolder(), "ferry"));
  const store = openStore(folder.database);
  store.account.set({ ...device, homeserver: "https://one.test", host: "electron", oauth: null });
  store.close();
  return folder;
}

function create(folder: DataFolder, changes: Partial<AppOptions> = {}) {
  const opened: number[] = [];
  const app = createApp({
    folder,
    secrets: "plain-file",
    openHost: async () => {
      opened.push(Date.now());
      throw new FerryError("no-browser", "There is no browser.");
    },
    openOutside: () => undefined,
    logger: SILENT,
    version: "0.1.0",
    exportFolder: join(folder.path, "..", "exports"),
    ...changes,
  });
  onTestFinished(() => app.stop());
  const conditions = async (): Promise<string[]> => (await app.handlers.status({})).health.map(({ code }) => code);
  return { app, opened, conditions };
}

/** A host whose engine page opens whatever it is asked to. */
function fakePage() {
  let toMain: (text: string) => void = () => undefined;
  let toPage: (text: string) => void = () => undefined;
  const ofMain: Channel = { send: (text) => toPage(text), onReceive: (listener) => void (toMain = listener) };
  const ofPage: Channel = { send: (text) => toMain(text), onReceive: (listener) => void (toPage = listener) };
  const { open, awaitKeys } = engineRequests;
  const handlers = { open: async () => ({ deviceKey: "key" }), awaitKeys: async () => ({}) };
  const { remote: main } = connect(ofPage, { open, awaitKeys }, handlers, engineNotifications);
  const host: Host = {
    ...{ kind: "electron", browserVersion: "156.0", close: async () => undefined },
    openEngine: async () => ({ channel: ofMain, onGone: () => undefined, close: async () => undefined }),
  };
  return { main, host };
}

test("fails to start, where nobody would see why", async () => {
  const { app } = create(loggedInFolder());
  await expect(app.start()).rejects.toMatchObject({ code: "keychain-locked" });
});

test("stays up where it can be seen, says what is wrong, and goes on when the user has seen to it", async () => {
  const folder = loggedInFolder();
  const { app, opened, conditions } = create(folder, { staysUp: true });
  await app.start();
  expect(await conditions()).toContain("keychain-locked");
  expect((await app.handlers.status({})).summary).toBe("1 thing needs you");
  // The keychain is unlocked. Nobody asks it again before somebody says so.
  const secrets = new LoginSecrets(openSecrets({ kind: "plain-file", folder }), SILENT);
  await secrets.storeLogin(device, { accessToken: "token" }, false);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(opened).toEqual([]);
  await app.handlers.wake({});
  await expect.poll(conditions).toContain("no-browser");
  expect(await conditions()).not.toContain("keychain-locked");
  expect(opened).toHaveLength(1);
  // A browser may come by itself.
  await expect.poll(() => opened.length, { timeout: 5_000 }).toBeGreaterThan(1);
});

test("new tokens that cannot be stored are a condition until they can be", async () => {
  const folder = loggedInFolder();
  const secrets = new LoginSecrets(openSecrets({ kind: "plain-file", folder }), SILENT);
  await secrets.storeLogin(device, { accessToken: "token" }, false);
  const page = fakePage();
  const logged: unknown[][] = [];
  const logger = { ...SILENT, error: (...values: unknown[]) => void logged.push(values) };
  const { app, conditions } = create(folder, { openHost: async () => page.host, logger });
  await app.start();
  await page.main.connection({ state: "offline" });
  const file = readFileSync(join(folder.path, "secrets-not-encrypted.json"));
  writeFileSync(join(folder.path, "secrets-not-encrypted.json"), "broken");
  await expect(page.main.tokens({ accessToken: "new" })).rejects.toMatchObject({ code: "data-folder" });
  expect(await conditions()).toContain("data-folder");
  expect(await conditions()).not.toContain("homeserver-unreachable");
  expect(logged).toContainEqual(["tokens-not-stored", { code: "data-folder" }]);
  writeFileSync(join(folder.path, "secrets-not-encrypted.json"), file);
  await page.main.tokens({ accessToken: "new" });
  expect(await conditions()).not.toContain("data-folder");
});

test("is looked at by the doctor without a page of the account's being opened", async () => {
  const { app, opened } = create(loggedInFolder());
  await expect(app.start()).rejects.toMatchObject({ code: "keychain-locked" });
  const [browser] = await app.handlers.doctor({});
  expect(browser).toMatchObject({ name: "browser", ok: false, text: expect.stringContaining("keychain") as string });
  expect(opened).toEqual([]);
});

test("writes down all the same what helps to find the fault, and deletes what it keeps", async () => {
  const folder = loggedInFolder();
  const { app } = create(folder, { staysUp: true });
  await app.start();
  const { path } = await app.handlers.diagnosticsSave({});
  expect(path).toMatch(/exports\/ferry-diagnostics-\d{4}-\d\d-\d\d\.json$/);
  const text = readFileSync(path, "utf8");
  expect(JSON.parse(text)).toMatchObject({ version: "0.1.0", status: { loggedIn: true }, system: { browser: null } });
  for (const word of [device.userId, "one.test", device.deviceId]) expect(text).not.toContain(word);
  const links = await app.handlers.linksExport({});
  expect(JSON.parse(readFileSync(links.path, "utf8"))).toEqual({ version: 1, links: [] });

  expect(await app.handlers.deleteData({})).toEqual({ loggedOut: false });
  await app.ended;
  expect([isMarkedForDeletion(folder), existsSync(folder.database)]).toEqual([true, true]);
  await app.stop();
  await finishDeletion(folder);
  expect(existsSync(folder.path)).toBe(false);
});

test("writes down what helps to find the fault where not even its database can be opened", async () => {
  const folder = resolveDataFolder(join(temporaryFolder(), "ferry"));
  writeFileSync(folder.database, "no database at all, and long enough to be looked at");
  const { app } = create(folder);
  await expect(app.start()).rejects.toMatchObject({ code: "database-damaged" });
  const { path } = await app.handlers.diagnosticsSave({});
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ status: null, links: null, version: "0.1.0" });
  await expect(app.handlers.linksExport({})).rejects.toMatchObject({ code: "database-damaged" });
  expect(await app.handlers.deleteData({})).toEqual({ loggedOut: false });
});

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

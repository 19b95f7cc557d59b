import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppImageUpdater } from "electron-updater";
import { ElectronHttpExecutor } from "electron-updater/out/electronHttpExecutor.js";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { canUpdate, createUpdates, type Updater } from "../../main/desktop/updates.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

class FakeUpdater extends EventEmitter {
  checks: number[] = [];
  fails: Error | null = null;
  cancelled = false;
  autoInstallOnAppQuit = true;
  autoDownload = false;

  async checkForUpdates() {
    this.checks.push(Date.now());
    if (this.fails) {
      this.emit("error", this.fails);
      throw this.fails;
    }
    return {
      downloadPromise: new Promise(() => undefined),
      cancellationToken: { cancel: () => (this.cancelled = true) },
    };
  }
}

function create(options: { last?: number; random?: number } = {}) {
  const updater = new FakeUpdater();
  const world = { loads: 0, last: options.last ?? null, logged: [] as unknown[] };
  const updates = createUpdates({
    load: async () => {
      world.loads += 1;
      return updater as unknown as Updater;
    },
    lookedFor: { get: () => world.last, set: (ts) => (world.last = ts) },
    random: () => options.random ?? 0.5,
    logger: { info: () => undefined, warn: (_event, fields) => world.logged.push(fields) },
  });
  return { updates, updater, world };
}

describe("looking for a new version", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("nothing is loaded, asked or remembered while it is off, for a year", async () => {
    const { updates, updater, world } = create();
    updates.turn(false);
    await vi.advanceTimersByTimeAsync(365 * DAY);
    expect(world).toMatchObject({ loads: 0, last: null });
    expect(updater.checks).toEqual([]);
    expect(updates.state()).toBe(null);
  });

  test.each([0, 0.5, 0.999])("is done once a day at most, never at the same moment, with chance %d", async (random) => {
    const { updates, updater } = create({ random });
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(30 * DAY);
    const apart = updater.checks.slice(1).map((time, index) => time - (updater.checks[index] ?? 0));
    expect(updater.checks.length).toBeGreaterThan(25);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(DAY);
    expect(Math.max(...apart)).toBeLessThan(DAY + 4 * HOUR);
  });

  test("is not done again for a restart", async () => {
    const { updates, updater } = create({ last: Date.now() - HOUR });
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(22 * HOUR);
    expect(updater.checks).toEqual([]);
    await vi.advanceTimersByTimeAsync(4 * HOUR);
    expect(updater.checks).toHaveLength(1);
  });

  test.each([
    ["long ago", -90 * DAY],
    ["in the future, by a clock that was wrong", 900 * DAY],
  ])("is done soon where it was last done %s", async (_name, offset) => {
    const { updates, updater } = create({ last: Date.now() + offset });
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(updater.checks).toEqual([]);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(updater.checks).toHaveLength(1);
  });

  test("is done after a sleep of days, without waiting for another one", async () => {
    const { updates, updater } = create();
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    vi.setSystemTime(Date.now() + 5 * DAY);
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(updater.checks).toHaveLength(2);
  });

  test("is remembered before it is done", async () => {
    const { updates, updater, world } = create();
    let remembered: number | null = null;
    updater.checkForUpdates = async () => {
      remembered = world.last;
      return { downloadPromise: Promise.resolve([]), cancellationToken: { cancel: () => true } };
    };
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(remembered).not.toBe(null);
  });

  test("ends when it is turned off: what is being fetched is left, what has been fetched is not put in place", async () => {
    const { updates, updater, world } = create();
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(updater.autoInstallOnAppQuit).toBe(true);
    updates.turn(false);
    expect([updater.cancelled, updater.autoInstallOnAppQuit]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(30 * DAY);
    expect(updater.checks).toHaveLength(1);
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(updater.autoInstallOnAppQuit).toBe(true);
    expect(world.loads).toBe(1);
  });

  test("that fails is said once, by its code, and no more when it succeeds", async () => {
    const { updates, updater, world } = create();
    updater.fails = Object.assign(new Error("https://secret.example/x"), {
      code: "ERR_UPDATER_CHANNEL_FILE_NOT_FOUND",
    });
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(updates.state()).toBe("failed");
    expect(world.logged).toEqual([{ code: "ERR_UPDATER_CHANNEL_FILE_NOT_FOUND" }]);
    updater.fails = new Error("net::ERR_INTERNET_DISCONNECTED at /home/ana");
    await vi.advanceTimersByTimeAsync(DAY + 2 * HOUR);
    expect(world.logged.at(-1)).toEqual({ code: "ERR_INTERNET_DISCONNECTED" });
    updater.fails = null;
    await vi.advanceTimersByTimeAsync(DAY + 2 * HOUR);
    expect(updates.state()).toBe(null);
  });

  test("a version that is ready is said as long as it is wanted", async () => {
    const { updates, updater } = create();
    updates.turn(true);
    await vi.advanceTimersByTimeAsync(HOUR);
    updater.emit("update-downloaded", {});
    expect(updates.state()).toBe("ready");
    updates.turn(false);
    expect(updates.state()).toBe(null);
  });
});

const APPIMAGE = { APPIMAGE: "/x.AppImage", APPDIR: "/tmp/.mount_Ferry" };

describe("an installation that replaces itself", () => {
  function installed(withSource: boolean): string {
    const folder = mkdtempSync(join(tmpdir(), "ferry-resources-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    if (withSource) writeFileSync(join(folder, "app-update.yml"), "provider: generic\n");
    return folder;
  }

  test.each([
    ["an AppImage with a source", "linux", APPIMAGE, true, true, true],
    ["a Debian package with a source", "linux", {}, true, true, false],
    ["one that an AppImage has started", "linux", { ...APPIMAGE, APPDIR: "/tmp/.mount_Term" }, true, true, false],
    ["an AppImage without one", "linux", APPIMAGE, false, true, false],
    ["an installation on Windows", "win32", {}, true, true, true],
    ["an installation on macOS", "darwin", {}, true, true, true],
    ["a checkout", "linux", APPIMAGE, true, false, false],
  ] as const)("%s", (_name, platform, env, withSource, isPackaged, expected) => {
    const resourcesPath = installed(withSource);
    const running = { platform, env, execPath: "/tmp/.mount_Ferry/matrix-ferry", resourcesPath };
    expect(canUpdate(running, isPackaged)).toBe(expected);
  });
});

const isLinux = process.platform === "linux";
if (!isLinux)
  console.log("The tests of electron-updater itself are skipped: they replace an AppImage, as on Linux only.");

/** electron-updater itself, with a server of its own; only its requests go by Node instead of by Electron. */
describe.skipIf(!isLinux)("electron-updater, as it is set up", () => {
  const NEW = Buffer.from("#!/bin/sh\necho 0.2.0\n");

  async function server(sha512: string) {
    const asked: IncomingMessage[] = [];
    const found = createServer((request, response) => {
      asked.push(request);
      const path = new URL(request.url ?? "", "http://x").pathname;
      const list =
        `version: 0.2.0\nfiles:\n  - url: Ferry-0.2.0.AppImage\n    sha512: ${sha512}\n    size: ${NEW.length}\n` +
        `path: Ferry-0.2.0.AppImage\nsha512: ${sha512}\nreleaseDate: '2026-01-01T00:00:00.000Z'\n`;
      if (path.endsWith(".yml")) response.end(list);
      else if (path.endsWith(".AppImage")) response.end(NEW);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => found.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void found.close());
    return { asked, url: `http://127.0.0.1:${(found.address() as AddressInfo).port}` };
  }

  async function look(sha512: string) {
    const folder = mkdtempSync(join(tmpdir(), "ferry-updates-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const appImage = join(folder, "Ferry-0.1.0.AppImage");
    writeFileSync(appImage, "old");
    mkdirSync(join(folder, "cache"));
    vi.stubEnv("APPIMAGE", appImage);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { asked, url } = await server(sha512);
    const source = `provider: generic\nurl: ${url}\nupdaterCacheDirName: ferry-updater\n`;
    writeFileSync(join(folder, "app-update.yml"), source);
    const quits: ((code: number) => void)[] = [];
    const updater = new AppImageUpdater(null, {
      ...{ version: "0.1.0", name: "Ferry", isPackaged: true, appUpdateConfigPath: join(folder, "app-update.yml") },
      ...{ userDataPath: folder, baseCachePath: join(folder, "cache"), whenReady: async () => undefined },
      ...{
        relaunch: () => undefined,
        quit: () => undefined,
        onQuit: (handler: (code: number) => void) => quits.push(handler),
      },
    });
    const http = Object.assign(new ElectronHttpExecutor(), { createRequest: request });
    Reflect.set(updater, "httpExecutor", http);
    const logged: unknown[] = [];
    const updates = createUpdates({
      load: async () => updater,
      lookedFor: { get: () => null, set: () => undefined },
      random: () => 0,
      logger: { info: () => undefined, warn: (_event, fields) => logged.push(fields) },
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "Date"], shouldAdvanceTime: true });
    updates.turn(true);
    vi.advanceTimersByTime(2 * 60_000);
    vi.useRealTimers();
    await expect.poll(() => updates.state(), { timeout: 10_000 }).not.toBe(null);
    return { updates, asked, logged, quits, folder, appImage };
  }

  test("fetches a newer version, tells nobody who asks, and waits for the end of Ferry", async () => {
    const { updates, asked, quits, appImage } = await look(createHash("sha512").update(NEW).digest("base64"));
    expect(updates.state()).toBe("ready");
    expect(asked.length).toBeGreaterThan(1);
    const told = new Set(asked.map(({ headers }) => headers["x-user-staging-id"]));
    told.delete(undefined);
    expect([...told]).toEqual(["00000000-0000-0000-0000-000000000000"]);
    expect(readFileSync(appImage, "utf8")).toBe("old");
    // The end of a Ferry that was not in order puts nothing in place.
    for (const quit of quits) quit(1);
    expect(readFileSync(appImage, "utf8")).toBe("old");
    for (const quit of quits) quit(0);
    expect(readdirSync(join(appImage, "..")).filter((name) => name.endsWith(".AppImage"))).toEqual([
      "Ferry-0.2.0.AppImage",
    ]);
  });

  test("takes nothing that is not what was announced", async () => {
    const { updates, logged, quits, appImage } = await look(createHash("sha512").update("other").digest("base64"));
    expect(updates.state()).toBe("failed");
    expect(logged).toEqual([{ code: "ERR_CHECKSUM_MISMATCH" }]);
    for (const quit of quits) quit(0);
    expect(readFileSync(appImage, "utf8")).toBe("old");
  });

  test("puts nothing in place after it was turned off", async () => {
    const { updates, quits, appImage } = await look(createHash("sha512").update(NEW).digest("base64"));
    updates.turn(false);
    for (const quit of quits) quit(0);
    expect(readFileSync(appImage, "utf8")).toBe("old");
  });
});

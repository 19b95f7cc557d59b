import type { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserWindowConstructorOptions } from "electron";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TO_MAIN } from "../../main/desktop/ipc.ts";
import { controlNotifications, controlRequests } from "../../main/protocol/control.ts";
import { connect } from "../../main/protocol/rpc.ts";
import type { FakeSession, FakeWindow } from "./fakes.ts";

/**
 * The desktop application's entry with a made-up Electron: that everything is joined, from the start to the end. What
 * the parts do is in the other files here, what real Electron makes of them in electron.test.ts.
 */

interface World {
  did: string[];
  windows: FakeWindow[];
  sessions: Map<string, FakeSession>;
  app: (EventEmitter & { quit(): void }) | null;
}

const world = vi.hoisted((): World => ({ did: [], windows: [], sessions: new Map(), app: null }));

vi.mock("electron", async () => {
  const { EventEmitter: Emitter } = await import("node:events");
  const fakes = await import("./fakes.ts");
  const note =
    (what: string) =>
    (...values: unknown[]) =>
      void world.did.push([what, ...values].join(" "));
  const paths = new Map<string, string>();
  const app = Object.assign(new Emitter(), {
    isPackaged: false,
    enableSandbox: note("sandbox"),
    setPath: (name: string, path: string) => {
      paths.set(name, path);
      note("path")(name, path);
    },
    commandLine: { hasSwitch: () => false, appendSwitch: note("switch") },
    requestSingleInstanceLock: () => true,
    whenReady: async () => undefined,
    getVersion: () => "0.1.0",
    getPath: (name: string) => paths.get(name),
    getLoginItemSettings: () => ({ wasOpenedAtLogin: false }),
    setLoginItemSettings: note("login item"),
    exit: note("exit"),
    quit: () => app.emit("before-quit", { preventDefault: () => undefined }),
  });
  world.app = app;
  const sessionOf = (name: string) => {
    const session = new fakes.FakeSession();
    world.sessions.set(name, session);
    app.emit("session-created", session);
    return session;
  };
  return {
    app,
    BrowserWindow: class extends fakes.FakeWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        world.windows.push(this);
        app.emit("web-contents-created", {}, this.webContents);
      }
    },
    dialog: { showErrorBox: note("error"), showMessageBox: async () => note("error")() },
    Menu: { setApplicationMenu: () => undefined, buildFromTemplate: (items: unknown) => items },
    Notification: Object.assign(class extends Emitter {}, { isSupported: () => false }),
    powerMonitor: new Emitter(),
    protocol: { registerSchemesAsPrivileged: (schemes: unknown) => note("schemes")(JSON.stringify(schemes)) },
    screen: {
      getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1440, height: 900 } }),
      getAllDisplays: () => [{ id: 1, workArea: { x: 0, y: 0, width: 1440, height: 900 } }],
    },
    session: { fromPartition: sessionOf, defaultSession: sessionOf("default") },
    shell: { openExternal: async (address: string) => note("outside")(address) },
    systemPreferences: { getAnimationSettings: () => ({ prefersReducedMotion: false }) },
    Tray: class extends Emitter {
      setImage = () => undefined;
      setToolTip = () => undefined;
      setContextMenu = () => undefined;
    },
  };
});

let data: string;
const words = process.argv;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "ferry-wiring-"));
  process.argv = ["electron", ".", "--data", data, "--secrets", "plain-file"];
  await import("../../main/electron.ts");
  await vi.waitFor(() => expect(world.windows[0]?.calls).toEqual(["show", "focus"]), 10_000);
});
afterAll(() => {
  process.argv = words;
  rmSync(data, { recursive: true, force: true });
});

const settings = () => world.windows.at(-1) as FakeWindow;

/** The settings page's end of the contract. */
function page() {
  const { webContents } = settings();
  const channel = {
    send: (text: string) =>
      void webContents.ipc.emit(TO_MAIN, { sender: webContents, senderFrame: webContents.mainFrame }, text),
    onReceive: (listener: (text: string) => void) => {
      webContents.send = (_name: unknown, text: unknown) => listener(text as string);
    },
  };
  const none = async () => ({});
  return connect(channel, controlNotifications, { statusChanged: none, show: none }, controlRequests).remote;
}

test("before Electron is ready the sandbox is on, and the pages' scheme is known", () => {
  expect(world.did.slice(0, 2)).toEqual([
    "sandbox",
    'schemes [{"scheme":"ferry","privileges":{"standard":true,"secure":true,"supportFetchAPI":true}}]',
  ]);
  expect(world.did).toContain(`path userData ${join(data, "electron")}`);
  expect(world.did).toContain("switch disable-renderer-backgrounding");
});

test("the settings page opens, shut in, and asks main how it is", async () => {
  expect(settings().options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, devTools: true });
  expect(world.sessions.get("default")?.beforeRequest).toBeTypeOf("function");
  expect(world.sessions.get("settings")?.beforeRequest).toBeTypeOf("function");
  expect(await page().status({})).toMatchObject({ version: "0.1.0", connection: "logged-out" });
});

test("a checkout is not started with the computer, and does not replace itself", async () => {
  expect(await page().settings({})).toMatchObject({ startAtLogin: null, updates: null });
  await expect(page().settingsChange({ startAtLogin: true })).rejects.toMatchObject({ code: "bad-request" });
  expect(world.did.filter((line) => line.startsWith("login item"))).toEqual([]);
});

test("a script in the page has the system's browser open nothing that main has not named", () => {
  expect(settings().webContents.openWindow({ url: "https://evil.example/?secret" })).toEqual({ action: "deny" });
  expect(world.did.filter((line) => line.startsWith("outside"))).toEqual([]);
});

test("a second start shows the window, unless it is the system's", async () => {
  settings().calls.length = 0;
  world.app?.emit("second-instance", {}, ["electron", ".", "--hidden"]);
  world.app?.emit("second-instance", {}, ["electron", "."]);
  await expect.poll(() => settings().calls).toEqual(["show", "focus"]);
});

test("it ends in order, once, and remembers where the window was", async () => {
  expect(existsSync(join(data, "control.sock"))).toBe(process.platform !== "win32");
  world.app?.quit();
  world.app?.emit("before-quit", { preventDefault: () => undefined });
  await expect.poll(() => world.did.filter((line) => line.startsWith("exit"))).toEqual(["exit 0"]);
  expect(existsSync(join(data, "control.sock"))).toBe(false);
  expect(JSON.parse(readFileSync(join(data, "desktop.json"), "utf8"))).toMatchObject({ bounds: settings().bounds });
  expect(world.did.filter((line) => line.startsWith("error"))).toEqual([]);
});

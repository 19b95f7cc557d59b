import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWindows, type WindowParts } from "../../main/desktop/windows.ts";
import { createElectronHost } from "../../main/host/electron-host.ts";
import { fakeWindowParts } from "./fakes.ts";

function parts(failure: Error | null = null, changes: Partial<WindowParts> = {}) {
  const { parts: given, windows, sessions } = fakeWindowParts(changes);
  const open = createWindows({
    ...given,
    createWindow: (options) => {
      const window = given.createWindow(options);
      for (const fake of windows) fake.failure = failure;
      return window;
    },
  });
  return { open, windows, sessions };
}

describe("windows", () => {
  test.each(["engine", "settings"] as const)("the %s page is shut in", async (page) => {
    const { open, windows, sessions } = parts();
    await open(page);
    const options = windows[0]?.options;
    expect(options?.show).toBe(false);
    expect(options?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
      preload: "/preload.cjs",
    });
    const [partition] = sessions.keys();
    expect(partition).toBe(page === "engine" ? "persist:engine" : "settings");
    expect(windows[0]?.webContents.mainFrame.url).toBe(`ferry://${page}/index.html`);
    expect(windows[0]?.webContents.openWindow({ url: "https://example.org" })).toEqual({ action: "deny" });
    expect(sessions.get(partition ?? "")?.check).not.toBeNull();
  });

  test("the engine page is not slowed down; the settings window has its size", async () => {
    const { open, windows } = parts();
    await open("engine");
    await open("settings");
    expect(windows[0]?.options.webPreferences?.backgroundThrottling).toBe(false);
    expect(windows[1]?.options).toMatchObject({ width: 760, height: 560, minWidth: 640, minHeight: 480 });
  });

  test("a page can be opened again, with other origins, in the session that it had", async () => {
    const { open, sessions } = parts();
    await open("engine", ["https://a.example"]);
    await open("engine", ["https://b.example"]);
    expect(sessions.size).toBe(1);
  });

  test("an origin that is none is refused before anything opens", async () => {
    const { open, windows } = parts();
    await expect(open("engine", ["*"])).rejects.toMatchObject({ code: "bad-request" });
    expect(windows).toEqual([]);
  });

  test("the settings window goes where it was", async () => {
    const { open, windows } = parts(null, { place: () => ({ x: 1, y: 2, width: 800, height: 600 }) });
    await open("settings");
    await open("engine");
    expect(windows[0]?.options).toMatchObject({ x: 1, y: 2, width: 800, height: 600 });
    expect(windows[1]?.options).not.toHaveProperty("x");
  });

  test("each tells when Windows ends the session", async () => {
    let ends = 0;
    const { open, windows } = parts(null, { sessionEnds: () => (ends += 1) });
    await open("engine");
    await open("settings");
    for (const window of windows) window.emit("session-end", { reasons: ["shutdown"] });
    expect(ends).toBe(2);
  });

  test("Windows waits for Ferry where it asks before it ends the session", async () => {
    const did: string[] = [];
    const { open, windows } = parts(null, { sessionEnds: () => did.push("quit") });
    await open("engine");
    windows[0]?.emit("query-session-end", { preventDefault: () => did.push("held off") });
    expect(did).toEqual(["held off", "quit"]);
  });

  test("the engine's window is not among those that macOS lists", async () => {
    const { open, windows } = parts();
    await open("engine");
    await open("settings");
    expect(windows.map(({ excludedFromShownWindowsMenu }) => excludedFromShownWindowsMenu)).toEqual([true, false]);
  });

  test("a page that does not load leaves no window behind", async () => {
    const { open, windows } = parts(new Error("ERR_FAILED"));
    await expect(open("engine")).rejects.toMatchObject({ code: "browser-failed" });
    expect(windows[0]?.webContents.destroyed).toBe(true);
  });
});

describe("the Electron host", () => {
  async function engine() {
    const { open, windows } = parts();
    const host = createElectronHost((connect) => open("engine", connect));
    const page = await host.openEngine({ connect: ["https://a.example"], homeserver: "https://a.example" });
    const gone: string[] = [];
    page.onGone((reason) => gone.push(reason));
    const [window] = windows;
    if (!window) throw new Error("There is no window.");
    return { host, page, gone, window };
  }

  test("tells once that the page crashed, and takes its window away", async () => {
    const { window, gone, page } = await engine();
    window.webContents.emit("render-process-gone", {}, { reason: "oom", exitCode: 1 });
    expect(gone).toEqual(["the engine page ended (oom)"]);
    expect(window.webContents.destroyed).toBe(true);
    page.onGone((reason) => gone.push(`late: ${reason}`));
    expect(gone).toEqual(["the engine page ended (oom)", "late: the engine page ended (oom)"]);
  });

  describe("with a page that does not answer", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test("gives it a minute, then takes it for crashed", async () => {
      const { window, gone } = await engine();
      window.webContents.emit("unresponsive");
      vi.advanceTimersByTime(59_000);
      expect(gone).toEqual([]);
      vi.advanceTimersByTime(2_000);
      expect(gone).toEqual(["the engine page did not answer any more"]);
      expect(window.webContents.destroyed).toBe(true);
    });

    test("leaves it alone where it comes back", async () => {
      const { window, gone } = await engine();
      window.webContents.emit("unresponsive");
      vi.advanceTimersByTime(30_000);
      window.webContents.emit("responsive");
      vi.advanceTimersByTime(3_600_000);
      expect(gone).toEqual([]);
      window.destroy();
      vi.advanceTimersByTime(3_600_000);
      expect(gone).toEqual(["the engine page was closed"]);
    });
  });

  test("tells that the page was closed by somebody else", async () => {
    const { window, gone } = await engine();
    window.destroy();
    expect(gone).toEqual(["the engine page was closed"]);
  });

  test("does not tell who closes the page", async () => {
    const { window, gone, page } = await engine();
    await page.close();
    expect(window.webContents.destroyed).toBe(true);
    expect(gone).toEqual([]);
  });

  test("closes its pages with itself", async () => {
    const { window, host } = await engine();
    await host.close();
    expect(window.webContents.destroyed).toBe(true);
  });
});

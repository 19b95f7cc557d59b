import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askDbus, hasTray } from "../../main/desktop/tray-presence.ts";
import { findElectron, startDesktop, type DesktopFerry } from "../support/electron-app.ts";
import { attempts, startProbe, type Probe } from "../support/network-probe.ts";

/** The desktop application in real Electron: npx install-electron && npm run build, and on Linux a display. */

const runtime = findElectron();
if ("reason" in runtime) console.log(`The tests in real Electron are skipped: ${runtime.reason}.`);
const START_LIMIT_MS = 60_000;

const hasSignals = process.platform !== "win32";
if (!hasSignals) console.log("The test of an end by a signal is skipped: Windows has none.");

const isRoot = process.getuid?.() === 0;
if (process.platform !== "linux" || isRoot) {
  console.log("The test of the kernel's sandbox is skipped: it is one for Linux, and for another user than root.");
}

async function start(): Promise<DesktopFerry> {
  if (!("path" in runtime)) throw new Error(runtime.reason);
  return startDesktop(runtime.path);
}

/** How many windows there are that somebody can see. */
const visibleWindows = ({ app }: DesktopFerry): Promise<number> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length);

/** Closes the window as the user does. */
const closeWindow = ({ app }: DesktopFerry): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) if (window.isVisible()) window.close();
  });

/** Starts Ferry once more with the same data folder; it hands over to the one that runs, and ends. */
function startAgain({ words, config }: DesktopFerry): number | null {
  if (!("path" in runtime)) return null;
  const env = { ...process.env, XDG_CONFIG_HOME: config };
  return spawnSync(runtime.path, words, { env, timeout: START_LIMIT_MS }).status;
}

describe.skipIf("reason" in runtime)("the desktop application", () => {
  let ferry: DesktopFerry;
  let page: Page;

  beforeAll(async () => {
    ferry = await start();
    page = await ferry.page();
  }, START_LIMIT_MS);
  afterAll(() => ferry?.remove(), START_LIMIT_MS);

  test(
    "shows the first steps",
    async () => {
      await page.getByRole("heading", { name: "Welcome to Ferry" }).waitFor({ timeout: 30_000 });
      expect(await page.title()).toBe("Ferry");
      await expect.poll(() => visibleWindows(ferry)).toBe(1);
    },
    START_LIMIT_MS,
  );

  test("has a page without Node, in a sandbox, with two functions for main", async () => {
    expect(await page.evaluate(`typeof require + typeof process + typeof module + Object.keys(ferry).sort()`)).toBe(
      "undefinedundefinedundefinedonReceive,send",
    );
    const preferences = await ferry.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => {
        const contents = window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
        const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } =
          contents.getLastWebPreferences();
        return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
      }),
    );
    const shutIn = {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    };
    expect(preferences).toEqual(preferences.map(() => shutIn));
    expect(preferences.length).toBeGreaterThan(0);
  });

  test.skipIf(process.platform !== "linux" || isRoot)("has its pages' processes in the kernel's sandbox", async () => {
    const pages = await ferry.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => window.webContents.getOSProcessId()),
    );
    expect(pages.length).toBeGreaterThan(0);
    // 2: a filter says which system calls there are (seccomp, "/proc/[pid]/status").
    for (const id of pages) expect(readFileSync(`/proc/${id}/status`, "utf8")).toMatch(/^Seccomp:\s*2$/m);
  });

  test("gives its page no permission", async () => {
    const asked = await page.evaluate(async () => {
      const location = new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve("granted"),
          () => resolve("denied"),
        );
      });
      return [await Notification.requestPermission(), await location];
    });
    expect(asked).toEqual(["denied", "denied"]);
  });

  describe("its page reaches nobody", () => {
    let probe: Probe;
    beforeEach(async () => {
      probe = await startProbe();
      return () => probe.close();
    });

    test.each(attempts)("by $name", async ({ script }) => {
      const host = `127.0.0.1:${probe.port}`;
      const run = `(() => { const http = "http://${host}/", host = "${host}"; ${script} })()`;
      // What throws has been stopped, too.
      await page.evaluate(run).catch(() => undefined);
      await page.waitForTimeout(300);
      expect([probe.connections(), probe.messages()]).toEqual([0, 0]);
      expect(page.url()).toBe("ferry://settings/index.html");
      expect(await visibleWindows(ferry)).toBe(1);
    });
  });

  test("lets no window of anybody else's reach anything", async () => {
    const probe = await startProbe();
    const reached = await ferry.app.evaluate(async ({ BrowserWindow }, address) => {
      const window = new BrowserWindow({ show: false });
      try {
        await window.loadURL(address);
        return "reached";
      } catch {
        return "stopped";
      } finally {
        window.destroy();
      }
    }, `http://127.0.0.1:${probe.port}/`);
    expect([reached, probe.connections()]).toEqual(["stopped", 0]);
    await probe.close();
  });

  test("leaves what the system starts alone", async () => {
    expect(existsSync(join(ferry.config, "autostart"))).toBe(false);
    expect(await ferry.app.evaluate(({ app }) => app.getLoginItemSettings().openAtLogin)).toBe(false);
  });

  test(
    "a second start shows the window that there is, and ends",
    async () => {
      expect(startAgain(ferry)).toBe(0);
      await expect.poll(() => visibleWindows(ferry)).toBe(1);
    },
    START_LIMIT_MS,
  );

  test(
    "quits in order, and remembers where its window was",
    async () => {
      const bounds = { x: 60, y: 70, width: 800, height: 600 };
      await ferry.app.evaluate(({ BrowserWindow }, place) => {
        for (const window of BrowserWindow.getAllWindows()) if (window.isVisible()) window.setBounds(place);
      }, bounds);
      await ferry.app.evaluate(({ app }) => app.quit()).catch(() => undefined);
      expect(await ferry.ended).toBe(0);
      expect(existsSync(join(ferry.data, "control.sock"))).toBe(false);
      const state = JSON.parse(readFileSync(join(ferry.data, "desktop.json"), "utf8")) as { bounds: typeof bounds };
      expect(state.bounds).toMatchObject({ width: 800, height: 600 });
    },
    START_LIMIT_MS,
  );
});

describe.skipIf("reason" in runtime)("a window that is closed", () => {
  test(
    "leaves Ferry in the tray, from where it opens again; without a tray Ferry ends",
    async () => {
      const ferry = await start();
      try {
        await (await ferry.page()).getByRole("heading").first().waitFor();
        const tray = await hasTray(process.platform, askDbus);
        await closeWindow(ferry).catch(() => undefined);
        if (!tray) {
          expect(await ferry.ended).toBe(0);
          return;
        }
        await expect.poll(() => visibleWindows(ferry)).toBe(0);
        expect(startAgain(ferry)).toBe(0);
        await expect.poll(() => visibleWindows(ferry), { timeout: 30_000 }).toBe(1);
        const state = readFileSync(join(ferry.data, "desktop.json"), "utf8");
        expect(JSON.parse(state)).toMatchObject({ toldOfTray: true });
      } finally {
        await ferry.remove();
      }
    },
    2 * START_LIMIT_MS,
  );

  test.skipIf(!hasSignals)(
    "with the session, by a signal, ends in order",
    async () => {
      const ferry = await start();
      try {
        await ferry.page();
        ferry.app.process().kill("SIGTERM");
        expect(await ferry.ended).toBe(0);
        expect(existsSync(join(ferry.data, "control.sock"))).toBe(false);
      } finally {
        await ferry.remove();
      }
    },
    START_LIMIT_MS,
  );
});

import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { openSettingsWindow, type SettingsWindow } from "../../main/host/chromium-window.ts";
import { createLoginLink } from "../../main/host/outside.ts";
import type { controlRequests, StatusView } from "../../main/protocol/control.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import { serveControl, type ControlServer } from "../../main/service/control-socket.ts";
import { bridgePage } from "../../main/service/page-bridge.ts";
import { atEnd, removeFolder, temporaryFolder } from "./cleanup.ts";

/** The built settings page in a real Chromium, opened as `ferry open` opens it, but without a display. */

/** The built pages. */
export const PAGES = join(import.meta.dirname, "../../dist/renderer");

/** Who is behind the page: a Ferry that runs, by its control socket, or answers of the test's own. */
export type Behind = { control: string } | { handlers: Handlers<typeof controlRequests> };

export interface SettingsPage {
  /** To be acted on as a user does. */
  readonly page: Page;
  /** Addresses that were handed to the system's browser. */
  readonly opened: readonly string[];
  /** What went wrong in the page so far: errors on the console, violations of its security policy among them. */
  problems(): Promise<string[]>;
  colors(scheme: "light" | "dark"): Promise<void>;
  motion(preference: "reduce" | "no-preference"): Promise<void>;
  /** The page's size, in CSS pixels of 100 %. @param zoom 2 is the browser's 200 %: half as many, each twice as large */
  size(width: number, height: number, zoom?: number): Promise<void>;
  /** A picture of the window. @returns where it is: in `FERRY_SHOTS`, or a folder that goes with the test */
  screenshot(name: string): Promise<string>;
  /** Tells the page of a new status, where the answers are the test's own. */
  statusChanged(status: StatusView): void;
  /** Closes it. Fails where something went wrong in the page; a test that expects that uses `end`. */
  close(): Promise<void>;
  /** Closes it, whatever went wrong in it. */
  end(): Promise<void>;
}

/** A page that can be brought back to how it was when it was opened. */
export interface RenewablePage extends SettingsPage {
  /** Loads the page anew, in the usual size and colours, with nothing of what went wrong or was opened before. */
  renew(): Promise<void>;
}

/** Opens the page, at 760 x 560, in light colours, in a browser of its own. Needs `npm run build`. */
export async function openSettings(behind: Behind): Promise<RenewablePage> {
  const folder = temporaryFolder("ferry-window-");
  const opened: string[] = [];
  let server: ControlServer | null = null;
  let path: string;
  if ("control" in behind) path = behind.control;
  else {
    path = join(folder, "control.sock");
    server = await serveControl({ path, handlers: behind.handlers });
  }
  const { hand, allows } = createLoginLink();
  const openPage = (): Promise<SettingsWindow> =>
    openSettingsWindow({
      pagesDir: PAGES,
      profileDir: join(folder, "profile"),
      mayOpen: allows,
      openOutside: (address) => opened.push(address),
      headless: true,
    });
  const { page: window, bridge } = await bridgePage(path, openPage, hand);
  const { page } = window;
  const forget = atEnd(() => removeFolder(folder));
  const session = await page.context().newCDPSession(page);
  const end = async (): Promise<void> => {
    bridge.close();
    await window.close();
    await server?.close();
    removeFolder(folder);
    forget();
  };
  const setUsual = async (): Promise<void> => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
    await setSize(session, 760, 560, 1);
  };
  await setUsual();
  return {
    page,
    opened,
    renew: async () => {
      await setUsual();
      // Nothing is pointed at in a window that has just been opened.
      await page.mouse.move(-1, -1);
      await page.reload();
      await Promise.all([page.clearConsoleMessages(), page.clearPageErrors()]);
      opened.length = 0;
      hand("");
    },
    problems: () => problemsOf(page),
    colors: async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      // Until the page is drawn in them.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    },
    motion: (reducedMotion) => page.emulateMedia({ reducedMotion }),
    size: (width, height, zoom = 1) => setSize(session, width, height, zoom),
    screenshot: async (name) => {
      const file = join(process.env["FERRY_SHOTS"] ?? folder, `${name}.png`);
      await page.screenshot({ path: file });
      return file;
    },
    statusChanged: (status) => server?.statusChanged(status),
    close: async () => {
      const problems = await problemsOf(page).finally(end);
      if (problems.length > 0) throw new Error(`In the settings page: ${problems.join("; ")}`);
    },
    end,
  };
}

/** What went wrong in a page, also before anybody listened. */
export async function problemsOf(page: Page): Promise<string[]> {
  const [messages, errors] = await Promise.all([page.consoleMessages({ filter: "all" }), page.pageErrors()]);
  return [
    ...messages.filter((message) => message.type() === "error").map((message) => message.text()),
    ...errors.map((error) => error.message),
  ];
}

async function setSize(session: CDPSession, width: number, height: number, zoom: number): Promise<void> {
  await session.send("Emulation.setDeviceMetricsOverride", {
    width: Math.round(width / zoom),
    height: Math.round(height / zoom),
    deviceScaleFactor: zoom,
    mobile: false,
  });
}

import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from "electron";
import { FerryError } from "../matrix/errors.ts";
import type { Page } from "../host/host.ts";
import type { PageName } from "../host/page-files.ts";
import { createPageChannel, type Refusal } from "./ipc.ts";
import { checkSources, createPageHandler, pageUrl, SCHEME } from "./pages.ts";
import { secureContents, secureSession } from "./security.ts";
import { LEAST_SIZE, type WindowPlace } from "./window-place.ts";

/** How long a page that does not answer may take to come back, in milliseconds: opening a large crypto store is work. */
const PATIENCE_MS = 60_000;

/** What of Electron the windows need, and where the built files are. */
export interface WindowParts {
  createWindow(options: BrowserWindowConstructorOptions): BrowserWindow;
  openSession(partition: string): Session;
  /** A link of the settings page: hands it to the system's browser, where it is one that may leave. */
  openOutside(address: string): void;
  /** The folder of the built pages, and the built preload script. */
  pages: string;
  preload: string;
  /** The window's picture, where the system does not take it from the program (Linux). */
  icon: string | undefined;
  /** Whether developer tools may be opened. */
  development: boolean;
  /** Where the settings window goes. */
  place(): WindowPlace;
  /** Told when Windows is about to end the user's session, and waits until Ferry has gone; and when it does not wait. */
  sessionEnds(): void;
  refused(page: PageName, refusal: Refusal): void;
}

/** The engine's holds the crypto store. The settings page's is in memory only: it has nothing to keep. */
const partitions: Record<PageName, string> = { engine: "persist:engine", settings: "settings" };

/** A window's options: no Node in the page, a world of its own for the preload script, and the page in the sandbox. */
function windowOptions(
  page: PageName,
  parts: Pick<WindowParts, "preload" | "icon" | "development" | "place">,
  session: Session,
): BrowserWindowConstructorOptions {
  const webPreferences: BrowserWindowConstructorOptions["webPreferences"] = {
    session,
    preload: parts.preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // Its dictionaries would be fetched from the network.
    spellcheck: false,
    devTools: parts.development,
  };
  if (page === "engine") {
    // Never visible, and must go on at full speed all the same.
    return {
      show: false,
      focusable: false,
      skipTaskbar: true,
      webPreferences: { ...webPreferences, backgroundThrottling: false },
    };
  }
  return {
    show: false,
    title: "Ferry",
    ...(parts.icon === undefined ? {} : { icon: parts.icon }),
    ...parts.place(),
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    autoHideMenuBar: true,
    webPreferences,
  };
}

/** A page in a window of Electron. */
export interface WindowPage extends Page {
  window: BrowserWindow;
}

/** Opens the pages' windows. A session is prepared once: its scheme has one handler, for its own page only. */
export function createWindows(parts: WindowParts) {
  const connect: Record<PageName, readonly string[]> = { engine: [], settings: [] };
  const sessions = new Map<PageName, Session>();

  function sessionOf(page: PageName): Session {
    const known = sessions.get(page);
    if (known) return known;
    const session = parts.openSession(partitions[page]);
    secureSession(session, page, () => connect[page], parts.development);
    session.protocol.handle(
      SCHEME,
      createPageHandler(page, parts.pages, () => connect[page]),
    );
    sessions.set(page, session);
    return session;
  }

  /**
   * Opens a page, and answers when it has loaded.
   *
   * @param origins what the page may connect to (content security policy)
   * @throws FerryError `browser-failed` where it does not load, `bad-request` where an origin is none
   */
  return async function open(page: PageName, origins: readonly string[] = []): Promise<WindowPage> {
    connect[page] = checkSources(origins);
    const window = parts.createWindow(windowOptions(page, parts, sessionOf(page)));
    // macOS lists all windows of a program in its menu, also those that nobody is to see.
    if (page === "engine") window.excludedFromShownWindowsMenu = true;
    secureContents(window.webContents, page === "settings" ? (address) => parts.openOutside(address) : undefined);
    const channel = createPageChannel(window.webContents, page, (refusal) => parts.refused(page, refusal));
    // Windows waits as long as this one is held off, and ends whatever is left after the other one has been answered.
    window.on("query-session-end", (event) => {
      event.preventDefault();
      parts.sessionEnds();
    });
    window.on("session-end", () => parts.sessionEnds());
    const onGone = watchEnd(window, page);
    try {
      await window.loadURL(pageUrl(page));
    } catch (error) {
      window.destroy();
      const reason = error instanceof Error ? error.message : String(error);
      throw new FerryError("browser-failed", `Ferry could not open its own ${page} page: ${reason}`);
    }
    return { window, channel, onGone, close: async () => window.destroy() };
  };
}

/** Tells once when a window's page is gone, also those who ask later. A page that crashed takes its window with it. */
function watchEnd(window: BrowserWindow, page: PageName): (listener: (reason: string) => void) => void {
  let gone: string | null = null;
  let patience: NodeJS.Timeout | undefined;
  const listeners: ((reason: string) => void)[] = [];
  const end = (reason: string): void => {
    clearTimeout(patience);
    if (gone !== null) return;
    gone = reason;
    for (const listener of listeners.splice(0)) listener(reason);
  };
  const giveUp = (reason: string): void => {
    end(reason);
    window.destroy();
  };
  window.webContents.on("render-process-gone", (_event, { reason }) => giveUp(`the ${page} page ended (${reason})`));
  window.webContents.on("unresponsive", () => {
    clearTimeout(patience);
    patience = setTimeout(() => giveUp(`the ${page} page did not answer any more`), PATIENCE_MS).unref();
  });
  window.webContents.on("responsive", () => clearTimeout(patience));
  window.on("closed", () => end(`the ${page} page was closed`));
  return (listener) => {
    if (gone === null) listeners.push(listener);
    else listener(gone);
  };
}

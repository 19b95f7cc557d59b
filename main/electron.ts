import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
} from "electron";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createApp, type App } from "./app.ts";
import { finishDeletion } from "./deletion.ts";
import { readArguments, refuseSwitches, sandboxPages } from "./desktop/arguments.ts";
import { createAutostart, installationOf, startedWithSystem } from "./desktop/autostart.ts";
import { openDesktopMemory, type DesktopMemory } from "./desktop/desktop-state.ts";
import { createFailures } from "./desktop/failures.ts";
import { closeDefaultSession, guardApp } from "./desktop/guard.ts";
import { applicationMenu } from "./desktop/menu.ts";
import { createNotifications } from "./desktop/notifications.ts";
import { SCHEME } from "./desktop/pages.ts";
import { createPresence } from "./desktop/presence.ts";
import { endInOrder } from "./desktop/quit.ts";
import { createSettingsWindow } from "./desktop/settings-window.ts";
import { startAnew, watchStarts } from "./desktop/starts.ts";
import { watchPower, watchProcesses } from "./desktop/system-events.ts";
import { askDbus, hasTray, waitForTray } from "./desktop/tray-presence.ts";
import { createTrayActions } from "./desktop/tray-actions.ts";
import { createTray, type TrayParts } from "./desktop/tray.ts";
import { canUpdate, createUpdates } from "./desktop/updates.ts";
import { placeWindow } from "./desktop/window-place.ts";
import { createWindows } from "./desktop/windows.ts";
import { isMarkedForDeletion } from "./host/data-deletion.ts";
import { resolveDataFolder, type DataFolder } from "./host/data-folder.ts";
import { KEPT_FROM_BROWSERS } from "./host/browser-environment.ts";
import { createElectronHost } from "./host/electron-host.ts";
import { resolveExportFolder } from "./host/export-folder.ts";
import { createLoginLink, mayOpenForLogin, type LoginLink } from "./host/outside.ts";
import { chooseSecrets } from "./host/secrets-choice.ts";
import { cutTornWrites } from "./host/torn-writes.ts";
import { createLogger, levelFrom, type Logger } from "./log.ts";
import { asFerryError } from "./matrix/errors.ts";
import type { StatusView } from "./protocol/control.ts";
import type { SystemSettings } from "./service/settings.ts";
import { serveControl } from "./service/control-socket.ts";

/** Ferry as a desktop application. Everything that is more than wiring is in desktop/ and tested without Electron. */

/** What the installers register, by which Windows knows whose notification it shows (`appId` in electron-builder.yml). */
const APP_ID = "org.matrix-ferry.Ferry";

// Nothing that Ferry writes is for other users of this machine.
process.umask(0o077);
const passphrase = process.env["FERRY_PASSPHRASE"];
// Not for Chromium and the processes that it starts.
for (const name of KEPT_FROM_BROWSERS) delete process.env[name];

const built = import.meta.dirname;
const assets = join(built, "..", "..", "assets");
const started = readArguments(process.argv.slice(1));
const { warn, fail } = createFailures({
  app,
  dialog,
  complain: (sentence) => void process.stderr.write(`${sentence}\n`),
});

/** Hands an address to the system's browser, where `allows` says that it is one to be handed over. */
function openOutside(address: string, allows: (address: string) => boolean, logger: Logger): void {
  if (!allows(address)) return;
  shell.openExternal(address).catch((error: unknown) => {
    logger.warn("open-outside-failed", { reason: asFerryError(error).message });
  });
}

function createParts(logger: Logger, memory: DesktopMemory, loginLink: LoginLink) {
  return createWindows({
    createWindow: (options) => new BrowserWindow(options),
    openSession: (partition) => session.fromPartition(partition, { cache: false }),
    openOutside: (address) => openOutside(address, loginLink.allows, logger),
    pages: join(built, "..", "renderer"),
    preload: join(built, "preload.cjs"),
    icon: process.platform === "linux" ? join(assets, "icon.png") : undefined,
    development: !app.isPackaged,
    place: () => {
      const main = screen.getPrimaryDisplay();
      const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
      return placeWindow(
        memory.state.bounds,
        [main, ...others].map(({ workArea }) => workArea),
      );
    },
    sessionEnds: () => app.quit(),
    refused: (page, refusal) => logger.warn("page-message-refused", { page, refusal }),
  });
}

/** What the system and the installation keep of the settings. */
function systemSettings(folder: DataFolder, memory: DesktopMemory, logger: Logger): SystemSettings {
  const isOrdinary = started.data === undefined && !process.env["FERRY_DATA"];
  const installation = installationOf(process, homedir(), app.isPackaged, isOrdinary ? null : folder.path);
  const updates = createUpdates({
    load: async () => (await import("electron-updater")).autoUpdater,
    lookedFor: {
      get: () => memory.state.lookedForUpdateTs,
      set: (lookedForUpdateTs) => memory.change({ lookedForUpdateTs }),
    },
    random: Math.random,
    logger,
  });
  return {
    autostart: createAutostart(installation, app, logger),
    updates: canUpdate(process, app.isPackaged) ? updates : undefined,
  };
}

const trayParts: TrayParts = {
  createTray: (icon) => new Tray(icon),
  buildMenu: (items) => Menu.buildFromTemplate(items),
  platform: process.platform,
  icons: join(assets, "tray"),
  reducedMotion: () => systemPreferences.getAnimationSettings().prefersReducedMotion,
};

type OpenWindow = ReturnType<typeof createWindows>;
type Notify = ReturnType<typeof createNotifications>;
type StatusListener = (status: StatusView) => void;

/** What Ferry itself needs of the desktop. */
interface Desktop {
  logger: Logger;
  memory: DesktopMemory;
  openWindow: OpenWindow;
  notify: Notify;
}

function createFerry(folder: DataFolder, desktop: Desktop, loginLink: LoginLink, onStatus: StatusListener): App {
  const { logger, memory, openWindow, notify } = desktop;
  return createApp({
    folder,
    secrets: chooseSecrets(folder, started.secrets),
    passphrase,
    openHost: async () => createElectronHost((connect) => openWindow("engine", connect)),
    openOutside: (address) => {
      loginLink.hand(address);
      openOutside(address, mayOpenForLogin, logger);
    },
    logger,
    version: app.getVersion(),
    exportFolder: resolveExportFolder(process.env, homedir()),
    onStatus,
    onAttention: notify,
    staysUp: true,
    system: systemSettings(folder, memory, logger),
  });
}

/** The settings window and the tray, by which the user reaches Ferry. */
function createReach(ferry: App, { memory, openWindow, notify }: Desktop) {
  const { handlers } = ferry;
  const settings = createSettingsWindow({
    openPage: () => openWindow("settings"),
    handlers,
    remember: (place) => memory.change(place),
    isMaximised: () => memory.state.isMaximised,
    closed: (how) => void presence.closed(how),
  });
  const actions = createTrayActions({ handlers, presence: () => presence, warn, quit });
  const presence = createPresence({
    hasTray: () => hasTray(process.platform, askDbus),
    waitForTray: () => waitForTray(process.platform, askDbus),
    createTray: (first) => createTray(trayParts, actions, first),
    openWindow: (place) => {
      // Who opens the window may be asked for the keychain now, and wants to see how it is.
      ferry.wake();
      return settings.show(place);
    },
    status: () => handlers.status({}),
    links: () => handlers.linkList({}),
    ...{ memory, notify, warn, quit },
  });
  return { settings, presence };
}

type Starts = ReturnType<typeof watchStarts>;

async function run(folder: DataFolder, starts: Starts): Promise<void> {
  const logger = createLogger({ file: folder.log, ...levelFrom(process.env["FERRY_LOG"]) });
  guardApp(app, !app.isPackaged, logger);
  closeDefaultSession(session.defaultSession);
  for (const cut of cutTornWrites(app.getPath("userData"))) logger.warn("torn-write-cut", cut);
  const memory = openDesktopMemory(folder.path, logger);
  const loginLink = createLoginLink();
  const notify = createNotifications({
    create: (options) => (Notification.isSupported() ? new Notification(options) : null),
    open: (place) => void presence.open(place),
    failed: (reason) => logger.warn("notification-failed", { reason }),
  });
  const desktop = { logger, memory, notify, openWindow: createParts(logger, memory, loginLink) };
  const listeners: StatusListener[] = [];
  const ferry = createFerry(folder, desktop, loginLink, (status) => {
    for (const tell of listeners) tell(status);
  });
  const { settings, presence } = createReach(ferry, desktop);
  const control = await serveControl({ path: folder.socket, handlers: ferry.handlers });
  const end = async (): Promise<void> => {
    presence.end();
    await settings.remember();
    await ferry.stop();
    await control.close();
  };
  endInOrder(app, end, logger, () => finishDeletion(folder, logger));
  ferry.ended.then(quit, quit);
  watchPower(powerMonitor, { wake: () => ferry.wake(), quit });
  watchProcesses(app, () => ferry.wake(), logger);
  listeners.push(control.statusChanged, (status) => {
    void settings.tell(status);
    presence.statusChanged(status).catch(warn);
  });
  starts.openBy(() => void presence.open());
  presence.start(started.hidden || startedWithSystem(process.platform, app)).catch(fail);
  await ferry.start();
}

function quit(): void {
  app.quit();
}

/** What must be settled before Electron is ready. */
function prepare(): DataFolder {
  refuseSwitches((name) => app.commandLine.hasSwitch(name), app.isPackaged);
  sandboxPages(app);
  if (process.platform === "win32") app.setAppUserModelId(APP_ID);
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  // The engine's window is never seen, and is not to be slowed down for that.
  app.commandLine.appendSwitch("disable-renderer-backgrounding");
  const folder = resolveDataFolder(started.data);
  // Not `folder.profile`, which is Chromium's.
  const profile = join(folder.path, "electron");
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  app.setPath("userData", profile);
  return folder;
}

/** Electron needs a profile also for what is not to touch the data folder. It goes when Electron ends. */
function useTemporaryProfile(): void {
  const profile = mkdtempSync(join(tmpdir(), "ferry-"));
  app.setPath("userData", profile);
  process.once("exit", () => rmSync(profile, { recursive: true, force: true }));
}

/**
 * The data folder was to be deleted, and Ferry was cut off: it is done before Electron opens its profile in it, and Ferry
 * starts anew.
 */
function deleteFirst(folder: DataFolder): void {
  useTemporaryProfile();
  finishDeletion(folder).then((isDone) => {
    if (isDone) startAnew(app, process);
    app.exit(0);
  }, fail);
}

// Not awaited at the top: Electron becomes ready only when this module has been run to its end.
try {
  const folder = prepare();
  if (isMarkedForDeletion(folder)) deleteFirst(folder);
  else if (app.requestSingleInstanceLock()) {
    // With the engine's window Ferry goes on; the last window that is closed does not end it.
    app.on("window-all-closed", () => undefined);
    const starts = watchStarts(app, (words) => readArguments(words).hidden);
    app
      .whenReady()
      .then(() => {
        Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(process.platform)));
        return run(folder, starts);
      })
      .catch(fail);
  } else {
    app.exit(0);
  }
} catch (error) {
  useTemporaryProfile();
  fail(error);
}

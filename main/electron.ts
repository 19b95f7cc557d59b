import { app, BrowserWindow, dialog, Menu, protocol, session, shell, Tray } from "electron";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createApp, type App } from "./app.ts";
import { readArguments } from "./desktop/arguments.ts";
import { SCHEME } from "./desktop/pages.ts";
import { QUIT_LIMIT_MS, stopWithin } from "./desktop/quit.ts";
import { createSettingsWindow } from "./desktop/settings-window.ts";
import { askDbus, hasTray } from "./desktop/tray-presence.ts";
import { createTray } from "./desktop/tray.ts";
import { createWindows } from "./desktop/windows.ts";
import { resolveDataFolder, type DataFolder } from "./host/data-folder.ts";
import { createElectronHost } from "./host/electron-host.ts";
import { chooseSecrets } from "./host/secrets-choice.ts";
import { cutTornWrites } from "./host/torn-writes.ts";
import { createLogger, type Logger } from "./log.ts";
import { asFerryError } from "./matrix/errors.ts";
import type { StatusView } from "./protocol/control.ts";
import { serveControl, type ControlServer } from "./service/control-socket.ts";

/** Ferry as a desktop application. Everything that is more than wiring is in desktop/ and tested without Electron. */

// Nothing that Ferry writes is for other users of this machine.
process.umask(0o077);
const passphrase = process.env["FERRY_PASSPHRASE"];
// Not for the processes that Electron starts.
delete process.env["FERRY_PASSPHRASE"];

const built = import.meta.dirname;
const started = readArguments(process.argv.slice(1));

/** Hands a web address to the system's browser. */
function openOutside(address: string, logger: Logger): void {
  shell.openExternal(address).catch((error: unknown) => {
    logger.warn("open-outside-failed", { reason: asFerryError(error).message });
  });
}

function createParts(logger: Logger) {
  return createWindows({
    createWindow: (options) => new BrowserWindow(options),
    openSession: (partition) => session.fromPartition(partition, { cache: false }),
    openOutside: (address) => openOutside(address, logger),
    pages: join(built, "..", "renderer"),
    preload: join(built, "preload.cjs"),
    development: !app.isPackaged,
    refused: (page, refusal) => logger.warn("page-message-refused", { page, refusal }),
  });
}

async function run(folder: DataFolder): Promise<void> {
  const logger = createLogger({ file: folder.log, level: "info" });
  for (const cut of cutTornWrites(app.getPath("userData"))) logger.warn("torn-write-cut", cut);
  const openWindow = createParts(logger);
  const listeners: ((status: StatusView) => void)[] = [];
  const ferry = createApp({
    folder,
    secrets: chooseSecrets(folder, started.secrets),
    passphrase,
    openHost: async () => createElectronHost((connect) => openWindow("engine", connect)),
    openOutside: (address) => openOutside(address, logger),
    logger,
    version: app.getVersion(),
    onStatus: (status) => {
      for (const tell of listeners) tell(status);
    },
  });
  const trayIsVisible = await hasTray(process.platform, askDbus);
  const settings = createSettingsWindow({
    openPage: () => openWindow("settings"),
    handlers: ferry.handlers,
    // Without a tray there would be no way back to it.
    closed: () => void (trayIsVisible || app.quit()),
  });
  const openSettings = (): void => void settings.show().catch(warn);
  const control = await serveControl({ path: folder.socket, handlers: ferry.handlers });
  endInOrder(ferry, control, logger);
  const tray = createTray(
    {
      createTray: (icon) => new Tray(icon),
      buildMenu: (items) => Menu.buildFromTemplate(items),
      platform: process.platform,
      icons: join(built, "..", "..", "assets", "tray"),
    },
    { open: openSettings, quit: () => app.quit() },
  );
  listeners.push(tray.show, control.statusChanged, (status) => void settings.tell(status));
  app.on("second-instance", openSettings);
  app.on("activate", openSettings);
  if (!started.hidden || !trayIsVisible) openSettings();
  await ferry.start();
}

/** However Ferry is told to end (tray, `ferry stop`, the system): what is being sent is finished first. */
function endInOrder(ferry: App, control: ControlServer, logger: Logger): void {
  let ending = false;
  app.on("before-quit", (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    stopWithin(() => ferry.stop().then(() => control.close()), QUIT_LIMIT_MS).then(
      (inTime) => {
        if (!inTime) logger.warn("quit-limit-reached", { limitMs: QUIT_LIMIT_MS });
        app.exit(0);
      },
      (error: unknown) => {
        logger.error("quit-failed", { reason: asFerryError(error).message });
        app.exit(1);
      },
    );
  });
  const quit = (): void => app.quit();
  ferry.ended.then(quit, quit);
}

function warn(error: unknown): void {
  const { message } = asFerryError(error);
  process.stderr.write(`${message}\n`);
  dialog.showErrorBox("Ferry", message);
}

function fail(error: unknown): void {
  warn(error);
  app.exit(1);
}

/** What must be settled before Electron is ready. */
function prepare(): DataFolder {
  app.enableSandbox();
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

// Not awaited at the top: Electron becomes ready only when this module has been run to its end.
try {
  const folder = prepare();
  if (app.requestSingleInstanceLock()) {
    // With the engine's window Ferry goes on; the last window that is closed does not end it.
    app.on("window-all-closed", () => undefined);
    app
      .whenReady()
      .then(() => {
        const roles = ["appMenu", "editMenu", "windowMenu"] as const;
        const menu = process.platform === "darwin" ? Menu.buildFromTemplate(roles.map((role) => ({ role }))) : null;
        Menu.setApplicationMenu(menu);
        return run(folder);
      })
      .catch(fail);
  } else {
    app.exit(0);
  }
} catch (error) {
  fail(error);
}

import type { App } from "electron";
import { mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writePrivateFile } from "../host/private-file.ts";
import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { Autostart } from "../service/settings.ts";

/** Starting Ferry when the user logs in to the computer. */

/** The base name of the installed .desktop file (`desktopName` in package.json). */
const NAME = "org.matrix-ferry.Ferry.desktop";

/** With what this installation can be started. */
export interface Installation {
  platform: NodeJS.Platform;
  /** Whether it has been installed: a checkout is not to be started with the computer. */
  isPackaged: boolean;
  /** The program's full path. An AppImage's own program lies in a folder that is gone after its end. */
  program: string;
  /** The user's folder for settings (XDG Base Directory Specification). */
  configFolder: string;
  /** The data folder, where it is not the ordinary one. */
  data: string | null;
}

type LoginItems = Pick<App, "getLoginItemSettings" | "setLoginItemSettings">;

/** What the installation of this process is. */
export function installationOf(
  process: Pick<NodeJS.Process, "platform" | "env" | "execPath">,
  home: string,
  isPackaged: boolean,
  data: string | null,
): Installation {
  const { platform, env, execPath } = process;
  const configFolder = env["XDG_CONFIG_HOME"] || join(home, ".config");
  return { platform, isPackaged, program: appImageOf(process) ?? execPath, configFolder, data };
}

/** The AppImage that this program has been started from, or null. What another one has started inherits its variables. */
export function appImageOf({ env, execPath }: Pick<NodeJS.Process, "env" | "execPath">): string | null {
  const { APPIMAGE: file, APPDIR: folder } = env;
  if (!file || !folder) return null;
  return [folder, resolved(folder)].some((path) => execPath.startsWith(`${path}/`)) ? file : null;
}

/** Where a path leads; the program's own has been followed to its end. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Undefined where it cannot be arranged. */
export function createAutostart(
  installation: Installation,
  app: LoginItems,
  logger: Pick<Logger, "warn">,
): Autostart | undefined {
  const { platform, isPackaged, data } = installation;
  if (!isPackaged) return undefined;
  const words = ["--hidden", ...(data === null ? [] : ["--data", data])];
  if (platform === "linux") return linuxAutostart(installation, words, logger);
  if (platform === "win32") return windowsAutostart(installation.program, words, app);
  return platform === "darwin" ? macAutostart(app) : undefined;
}

/** Whether macOS has started Ferry, which is told no arguments then. */
export function startedWithSystem(platform: NodeJS.Platform, app: Pick<App, "getLoginItemSettings">): boolean {
  return platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin;
}

/** Ferry as a login item (`SMAppService`). The user can forbid it in the system's settings. */
function macAutostart(app: LoginItems): Autostart {
  return {
    get: async () => app.getLoginItemSettings().status === "enabled",
    set: async (on) => app.setLoginItemSettings({ openAtLogin: on }),
  };
}

/** A value below the user's `Run` key, which the user can switch off in the task manager. */
function windowsAutostart(path: string, words: readonly string[], app: LoginItems): Autostart {
  // Electron joins them with spaces. A path of Windows holds no quotation marks.
  const args = words.map((word) => (word.includes(" ") ? `"${word}"` : word));
  return {
    get: async () => {
      const { openAtLogin, executableWillLaunchAtLogin } = app.getLoginItemSettings({ path, args });
      return openAtLogin && executableWillLaunchAtLogin;
    },
    set: async (on) => app.setLoginItemSettings({ openAtLogin: on, enabled: on, path, args }),
  };
}

/** A file in the user's `autostart` folder (Desktop Application Autostart Specification). */
function linuxAutostart(
  { program, configFolder }: Installation,
  words: readonly string[],
  logger: Pick<Logger, "warn">,
): Autostart {
  const path = join(configFolder, "autostart", NAME);
  const isOn = (): boolean => isEnabled(read(path));
  const turnOn = (): void => write(path, autostartEntry([program, ...words]));
  try {
    // An AppImage that has been moved, or replaced by a newer one, has another path than the file names.
    if (isOn()) turnOn();
  } catch (error) {
    logger.warn("autostart-not-renewed", { code: asFerryError(error).code });
  }
  return {
    get: async () => isOn(),
    set: async (on) => {
      if (on) turnOn();
      else remove(path);
    },
  };
}

/** Before the rename there is the old file, after it the new one. */
function write(path: string, entry: string): void {
  if (read(path) === entry) return;
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw notWritten(path, error);
  }
  writePrivateFile(path, entry);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw notWritten(path, error);
  }
}

function notWritten(path: string, error: unknown): FerryError {
  return new FerryError("data-folder", `Ferry cannot change ${path}: ${asFerryError(error).message}.`);
}

/** The file's text, or null where there is none, or none that the session could read, which has the same rights. */
function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Whether the session starts what a file names. Both keys are how desktops let the user switch it off. */
export function isEnabled(entry: string | null): boolean {
  if (entry === null) return false;
  const isFalse = (key: string, value: string): boolean => new RegExp(`^${key}\\s*=\\s*${value}\\s*$`, "m").test(entry);
  return !isFalse("Hidden", "true") && !isFalse("X-GNOME-Autostart-enabled", "false");
}

/** The file (Desktop Entry Specification). @throws FerryError `bad-request` for a path with a line break in it */
export function autostartEntry(command: readonly string[]): string {
  // GLib looks for the program as the file writes it, two percent signs for one, and does not find it then.
  const words = command[0]?.includes("%") === true ? ["/usr/bin/env", ...command] : command;
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Ferry",
    "Comment=Mirrors your Matrix rooms",
    `Exec=${words.map(quoted).join(" ")}`,
    "Icon=matrix-ferry",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

/**
 * A word of `Exec`: quoted by its own rules, then escaped as every string of the file is, so that one backslash becomes
 * four. A percent sign would begin a field code.
 */
function quoted(word: string): string {
  if (/[\n\r]/.test(word)) {
    throw new FerryError(
      "bad-request",
      "Ferry cannot be started with the computer from a path with a line break in it.",
    );
  }
  if (/^[A-Za-z0-9_./:@+,-]+$/.test(word)) return word;
  const inQuotes = word.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${inQuotes.replaceAll("\\", "\\\\")}"`;
}

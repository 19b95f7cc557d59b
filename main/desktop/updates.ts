import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AppUpdater } from "electron-updater";
import type { Logger } from "../log.ts";
import type { Updates } from "../service/settings.ts";
import { appImageOf } from "./autostart.ts";

/** Looking for new versions: off until the user turns it on, once a day then, put in place when Ferry ends. */

const DAY_MS = 86_400_000;
/** Not all Ferrys ask at the same moment, and none while it is still starting. In milliseconds. */
const JITTER_MS = 2 * 3_600_000;
const FIRST_MS = 60_000;
/** Timers do not run while the computer sleeps, so it is looked at the clock from time to time. */
const GLANCE_MS = 3_600_000;

/** The same for everybody: electron-updater would otherwise tell the server which Ferry asks. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** What of electron-updater is used. */
export type Updater = Pick<
  AppUpdater,
  | "autoDownload"
  | "autoInstallOnAppQuit"
  | "autoRunAppAfterInstall"
  | "allowDowngrade"
  | "allowPrerelease"
  | "disableWebInstaller"
  | "requestHeaders"
  | "logger"
  | "checkForUpdates"
> & { on(event: "error" | "update-downloaded", listener: (value: Error | object) => void): unknown };

export interface UpdateParts {
  /** Loads electron-updater: not before it is wanted. */
  load(): Promise<Updater>;
  /** When a new version was last looked for (milliseconds since 1970), and remembering it. */
  lookedFor: { get(): number | null; set(ts: number): void };
  /** A part of one, at random. */
  random(): number;
  logger: Pick<Logger, "info" | "warn">;
}

/**
 * Whether this installation replaces itself: it must have been built with a place to look into, and be of a kind that
 * can be replaced by the user alone (on Linux the AppImage; a Debian package is its package manager's).
 */
export function canUpdate(
  process: Pick<NodeJS.Process, "platform" | "env" | "execPath" | "resourcesPath">,
  isPackaged: boolean,
): boolean {
  if (!isPackaged || !existsSync(join(process.resourcesPath, "app-update.yml"))) return false;
  return process.platform !== "linux" || appImageOf(process) !== null;
}

/** Begins when it is turned on; until then nothing is loaded, and nothing is asked of the network. */
export function createUpdates(parts: UpdateParts): Updates {
  let isOn = false;
  let timer: NodeJS.Timeout | undefined;
  let dueTs = 0;
  let loading: Promise<Updater> | null = null;
  let stop: () => void = () => undefined;
  let state: ReturnType<Updates["state"]> = null;

  const failed = (error: unknown): void => {
    parts.logger.warn("update-failed", { code: codeOf(error) });
    if (state !== "ready") state = "failed";
  };

  async function look(): Promise<void> {
    // Noted first: a Ferry that dies of looking does not look again at each start.
    parts.lookedFor.set(Date.now());
    try {
      loading ??= parts.load().then((updater) => prepared(updater, { failed, ready: () => (state = "ready") }));
      const updater = await loading;
      // Turned off while it was being loaded.
      if (!isOn) return;
      updater.autoInstallOnAppQuit = true;
      // What goes wrong comes as an event, too, which is where it is said.
      const found = await updater.checkForUpdates().catch(() => null);
      if (found === null) return;
      if (state === "failed") state = null;
      stop = () => {
        updater.autoInstallOnAppQuit = false;
        found.cancellationToken?.cancel();
      };
      if (!isOn) stop();
      await found.downloadPromise?.catch(() => undefined);
    } catch (error) {
      loading = null;
      failed(error);
    }
  }

  function wait(): void {
    clearTimeout(timer);
    timer = setTimeout(glance, Math.min(Math.max(dueTs - Date.now(), 0), GLANCE_MS));
    timer.unref();
  }

  function glance(): void {
    if (Date.now() >= dueTs) {
      dueTs = Date.now() + DAY_MS + parts.random() * JITTER_MS;
      void look();
    }
    wait();
  }

  return {
    state: () => (isOn ? state : null),
    turn: (on) => {
      if (on === isOn) return;
      isOn = on;
      clearTimeout(timer);
      // What is being fetched is left, and what has been is not put in place against the user's will.
      if (!on) {
        stop();
        return;
      }
      const last = parts.lookedFor.get();
      const soon = Date.now() + FIRST_MS + parts.random() * FIRST_MS;
      // A clock that was wrong must not put it off for years.
      dueTs = last === null || last > Date.now() ? soon : Math.max(soon, last + DAY_MS + parts.random() * JITTER_MS);
      wait();
    },
  };
}

/** Sets electron-updater up: it fetches what is newer and checks it, and does nothing else by itself. */
function prepared(updater: Updater, told: { failed(error: unknown): void; ready(): void }): Updater {
  // It writes addresses and paths.
  updater.logger = null;
  updater.autoDownload = true;
  updater.autoRunAppAfterInstall = false;
  updater.allowPrerelease = false;
  updater.allowDowngrade = false;
  updater.disableWebInstaller = true;
  updater.requestHeaders = { "x-user-staging-id": NOBODY };
  updater.on("error", (error) => told.failed(error));
  updater.on("update-downloaded", () => told.ready());
  return updater;
}

/** A failure's code. Its sentence may hold addresses and paths. */
function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === "string" && /^[A-Z_0-9]+$/.test(code)) return code;
  return /net::(ERR_[A-Z_]+)/.exec(String(message))?.[1] ?? "unknown";
}

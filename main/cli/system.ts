import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { hasDisplay } from "../host/display.ts";
import { openOutside } from "../host/open-outside.ts";
import { callSystemd, unitPath } from "../host/systemd.ts";
import { resolveExportFolder } from "../host/export-folder.ts";
import { createLogger, levelFrom } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import { runDesktop } from "./desktop.ts";
import { thisMachine } from "./electron-obstacle.ts";
import type { Environment } from "./environment.ts";
import { openTerminal } from "./terminal.ts";

/** The real environment of the `ferry` command. */

/** A second signal ends Ferry at once, but not one that came twice by different ways, in milliseconds. */
const IMPATIENT_AFTER_MS = 1000;

/** How often it is looked whether npm is still there, in milliseconds. */
const PARENT_CHECK_MS = 500;

/** Builds the environment from this process. The app and the browser are loaded only when they are needed. */
export function systemEnvironment(): Environment {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const readPassphrase = takePassphrase();
  const pagesDir = join(root, "dist", "renderer");
  const terminal = openTerminal(process.stdin, process.stderr);
  const complain = (text: string): void => void process.stderr.write(`${text}\n`);
  return {
    ...terminal,
    version,
    get passphrase() {
      return readPassphrase();
    },
    now: () => Date.now(),
    print: (text) => void process.stdout.write(`${text}\n`),
    complain,
    endAsked,
    exportFolder: resolveExportFolder(process.env, homedir()),
    openLog: (folder) => {
      const passphrase = readPassphrase();
      const secrets = passphrase ? [passphrase] : [];
      return createLogger({ file: folder.log, ...levelFrom(process.env["FERRY_LOG"]), secrets });
    },
    createApp: async (options) => (await import("../app.ts")).createApp({ ...options, ...holdFrom(process.env) }),
    openHost: async (folder, logger) => {
      const { openChromiumHost } = await import("../host/chromium-host.ts");
      return openChromiumHost({ profileDir: folder.profile, pagesDir, logger });
    },
    hasDisplay: hasDisplay(),
    openWindow: async (folder, mayOpen) => {
      const { openSettingsWindow } = await import("../host/chromium-window.ts");
      return openSettingsWindow({ profileDir: folder.window, pagesDir, mayOpen, openOutside });
    },
    openOutside,
    ownCommand: [process.execPath, join(root, "main", "bin", "ferry.mjs")],
    serviceFile: unitPath(process.env, homedir()),
    callSystemd,
    tellReady: () => {
      if (process.env["NOTIFY_SOCKET"]) void callSystemd("systemd-notify", ["--ready"]);
    },
    runDesktop: (words) =>
      runDesktop(words, {
        root,
        passphrase: readPassphrase(),
        environment: process.env,
        machine: thisMachine(),
        say: complain,
        signals: process,
      }),
  };
}

/** Both are taken out of the environment, which the browser and all its processes inherit. */
function takePassphrase(): () => string | undefined {
  const { FERRY_PASSPHRASE: given, FERRY_PASSPHRASE_FILE: file } = process.env;
  delete process.env["FERRY_PASSPHRASE"];
  delete process.env["FERRY_PASSPHRASE_FILE"];
  if (given || !file) return () => given;
  let read: string | undefined;
  return () => (read ??= readPassphraseFile(file));
}

/** The first line, as an editor or `echo` leaves it. */
function readPassphraseFile(file: string): string {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[0] ?? "";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FerryError("passphrase-missing", `The passphrase cannot be read from ${file} (${code}).`);
  }
}

/** How long an event waits for its key before a placeholder goes out, where it is set: tests do not wait for long. */
function holdFrom(environment: NodeJS.ProcessEnv): { decryptionHoldMs?: number } {
  const holdMs = Number(environment["FERRY_DECRYPTION_HOLD_MS"] || Number.NaN);
  return Number.isInteger(holdMs) && holdMs >= 0 ? { decryptionHoldMs: holdMs } : {};
}

/** Resolves at SIGINT or SIGTERM, or when what started this one for the user (an older Node, npm) has gone. */
function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | null = null;
    const end = (): void => {
      if (asked !== null && Date.now() - asked > IMPATIENT_AFTER_MS) process.exit(130);
      asked ??= Date.now();
      resolve();
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
    if (process.platform !== "win32") process.on("SIGHUP", end);
    if (process.connected) {
      process.on("disconnect", end);
      process.channel?.unref();
    }
    if (process.env["npm_command"] !== undefined) watchParent(end);
  });
}

/**
 * npm runs a command in a shell, and passes a signal on to that shell only, which ends and leaves the command behind:
 * `kill` of `npx ferry run` would leave Ferry running unseen.
 */
function watchParent(end: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** The folder of package.json: above dist/main when built, above main/cli in the sources. */
function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("package.json of Ferry is missing");
    folder = above;
  }
  return folder;
}

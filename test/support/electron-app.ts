import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";

/** The built desktop application in real Electron, where its runtime is installed. */

const TOP = join(import.meta.dirname, "..", "..");
const SETTINGS = "ferry://settings/index.html";

/** The runtime's program, or why it cannot be used. Never by `require("electron")`: that would try to fetch it. */
export function findElectron(): { path: string } | { reason: string } {
  const electron = join(TOP, "node_modules", "electron");
  const elsewhere = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  const known = join(electron, "path.txt");
  const name = existsSync(known) ? readFileSync(known, "utf8") : "electron";
  const path = join(elsewhere || join(electron, "dist"), name);
  if (!existsSync(path)) return { reason: "Electron's runtime is not installed (npx install-electron)" };
  if (!existsSync(join(TOP, "dist/desktop/electron.js"))) return { reason: "Ferry is not built (npm run build)" };
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    return { reason: "there is no display (try xvfb-run)" };
  }
  return { path };
}

/** A running desktop application with a data folder and a configuration folder of its own. */
export interface DesktopFerry {
  app: ElectronApplication;
  data: string;
  config: string;
  /** What its program is started with. */
  words: string[];
  /** The settings page, once it is there. */
  page(): Promise<Page>;
  /** Resolves with the exit code when the program has ended. */
  ended: Promise<number | null>;
  /** Ends it, however it is, and removes its folders. */
  remove(): Promise<void>;
}

export async function startDesktop(path: string): Promise<DesktopFerry> {
  const data = mkdtempSync(join(tmpdir(), "ferry-electron-"));
  const config = mkdtempSync(join(tmpdir(), "ferry-config-"));
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const words = [...sandbox, TOP, "--data", data, "--secrets", "plain-file"];
  const app = await _electron.launch({
    executablePath: path,
    args: words,
    // Otherwise Playwright switches it off. To root Chromium refuses it.
    chromiumSandbox: process.getuid?.() !== 0,
    env: { ...definite(process.env), XDG_CONFIG_HOME: config },
  });
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  app.process().once("exit", (code) => resolve(code));
  const page = async (): Promise<Page> => {
    for (const open of app.windows()) if (open.url() === SETTINGS) return open;
    return app.waitForEvent("window", { predicate: (open) => open.url() === SETTINGS, timeout: 30_000 });
  };
  const remove = async (): Promise<void> => {
    // One that hangs is killed: the next test must not find it.
    const killing = setTimeout(() => app.process().kill("SIGKILL"), 15_000);
    await app.close().catch(() => undefined);
    await ended;
    clearTimeout(killing);
    for (const folder of [data, config]) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  return { app, data, config, words, page, ended, remove };
}

function definite(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

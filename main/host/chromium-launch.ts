import type { BrowserContext } from "playwright-core";
import { browserEnvironment } from "./browser-environment.ts";
import { FerryError } from "../matrix/errors.ts";

export interface LaunchOptions {
  /** The browser's profile folder. */
  profileDir: string;
  executablePath: string;
  headless: boolean;
  /** Switches besides those of every browser that Ferry starts. */
  switches?: readonly string[];
}

const SWITCHES = [
  "--disable-quic",
  "--disable-gpu",
  "--disk-cache-size=1",
  "--media-cache-size=1",
  "--disable-breakpad",
  "--disable-crash-reporter",
  "--disable-logging",
  "--no-pings",
];

/**
 * Starts an installed Chromium. It is steered over a pipe, so that no port is opened.
 *
 * @throws FerryError `browser-failed`
 */
export async function launchChromium(options: LaunchOptions): Promise<BrowserContext> {
  const { profileDir, executablePath, headless, switches = [] } = options;
  const { chromium } = await import("playwright-core");
  try {
    return await chromium.launchPersistentContext(profileDir, {
      executablePath,
      headless,
      // Chromium refuses its sandbox to root, and to root only is it switched off.
      chromiumSandbox: process.getuid?.() !== 0,
      env: browserEnvironment(process.env),
      acceptDownloads: false,
      serviceWorkers: "block",
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      // The window's own size, and the system's colours and motion, instead of Playwright's.
      ...{ viewport: null, colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null },
      ignoreDefaultArgs: ["--enable-automation"],
      args: [...SWITCHES, ...switches],
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new FerryError("browser-failed", `The browser ${executablePath} did not start (${reason}).`);
  }
}

import type { BrowserContext } from "playwright-core";
import { FerryError } from "../matrix/errors.ts";
import { freeProfile } from "./browser-profile.ts";

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
 * How long a start may take, in milliseconds. On a busy machine Chromium sometimes hangs while it starts, for as long as
 * one waits; ended and started again it came up within seconds each time that this was seen.
 */
const FIRST_LIMIT_MS = 40_000;
const SECOND_LIMIT_MS = 180_000;

/**
 * Starts an installed Chromium. It is steered over a pipe, so that no port is opened.
 *
 * @throws FerryError `browser-failed`
 */
export async function launchChromium(options: LaunchOptions): Promise<BrowserContext> {
  const { executablePath } = options;
  try {
    return await launch(options, FIRST_LIMIT_MS).catch(async (error: unknown) => {
      if (!(error instanceof Error) || error.name !== "TimeoutError") throw error;
      // Never two on one profile, however the first one was ended.
      await freeProfile(options.profileDir);
      return launch(options, SECOND_LIMIT_MS);
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new FerryError("browser-failed", `The browser ${executablePath} did not start (${reason}).`);
  }
}

async function launch(options: LaunchOptions, timeout: number): Promise<BrowserContext> {
  const { profileDir, executablePath, headless, switches = [] } = options;
  const { chromium } = await import("playwright-core");
  return chromium.launchPersistentContext(profileDir, {
    timeout,
    executablePath,
    headless,
    // Chromium refuses its sandbox to root, and to root only is it switched off.
    chromiumSandbox: process.getuid?.() !== 0,
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
}

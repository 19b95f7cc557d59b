import { mkdirSync } from "node:fs";
import type { BrowserContext } from "playwright-core";
import type { Logger } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import { freeProfile } from "./browser-profile.ts";
import { openEnginePage } from "./chromium-page.ts";
import { findChromium } from "./find-chromium.ts";
import type { Host } from "./host.ts";
import { cutTornWrites } from "./torn-writes.ts";

export interface ChromiumHostOptions {
  /** The browser's profile folder, Ferry's alone: the crypto store is in it. */
  profileDir: string;
  /** Where the built pages are. */
  pagesDir: string;
  logger: Logger;
}

/**
 * Starts an installed Chromium without a window. It is steered over a pipe, so that no port is opened, and it is
 * given no other page than Ferry's own.
 *
 * @throws FerryError `no-browser`, `browser-failed`
 */
export async function openChromiumHost(options: ChromiumHostOptions): Promise<Host> {
  const executablePath = findChromium();
  mkdirSync(options.profileDir, { recursive: true, mode: 0o700 });
  await freeProfile(options.profileDir);
  for (const cut of cutTornWrites(options.profileDir)) options.logger.warn("torn-write-cut", cut);
  const context = await launch(options.profileDir, executablePath);
  options.logger.info("browser-started", { version: context.browser()?.version() ?? "unknown" });
  return {
    kind: "chromium",
    openEngine: (reach) => openEnginePage(context, options, reach),
    close: () => context.close(),
  };
}

async function launch(profileDir: string, executablePath: string): Promise<BrowserContext> {
  const { chromium } = await import("playwright-core");
  try {
    return await chromium.launchPersistentContext(profileDir, {
      executablePath,
      headless: true,
      // Chromium refuses its sandbox to root, and to root only is it switched off.
      chromiumSandbox: process.getuid?.() !== 0,
      acceptDownloads: false,
      serviceWorkers: "block",
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [
        "--disable-quic",
        "--disable-gpu",
        "--disk-cache-size=1",
        "--media-cache-size=1",
        "--disable-breakpad",
        "--disable-crash-reporter",
        "--disable-logging",
        "--no-pings",
      ],
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new FerryError("browser-failed", `The browser ${executablePath} did not start (${reason}).`);
  }
}

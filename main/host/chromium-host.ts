import { mkdirSync } from "node:fs";
import type { Logger } from "../log.ts";
import { freeProfile } from "./browser-profile.ts";
import { launchChromium } from "./chromium-launch.ts";
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
 * Starts an installed Chromium without a window, for no other page than Ferry's own.
 *
 * @throws FerryError `no-browser`, `browser-failed`
 */
export async function openChromiumHost(options: ChromiumHostOptions): Promise<Host> {
  const executablePath = findChromium();
  mkdirSync(options.profileDir, { recursive: true, mode: 0o700 });
  await freeProfile(options.profileDir);
  for (const cut of cutTornWrites(options.profileDir)) options.logger.warn("torn-write-cut", cut);
  const context = await launchChromium({ profileDir: options.profileDir, executablePath, headless: true });
  const browserVersion = context.browser()?.version() ?? "unknown";
  options.logger.info("browser-started", { version: browserVersion });
  return {
    ...{ kind: "chromium", browserVersion },
    openEngine: (reach) => openEnginePage(context, options, reach),
    close: () => context.close(),
  };
}

import { mkdirSync } from "node:fs";
import type { Logger } from "../log.ts";
import { freeProfile } from "./browser-profile.ts";
import { launchChromium } from "./chromium-launch.ts";
import { EMPTY_PAGE, openEnginePage } from "./chromium-page.ts";
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

/** An application's window: for that of a browser Chromium keeps pages of its own, a second and 70 MB at each start. */
const SWITCHES = [`--app=${EMPTY_PAGE}`];

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
  const { profileDir } = options;
  const context = await launchChromium({ profileDir, executablePath, headless: true, switches: SWITCHES });
  const browserVersion = context.browser()?.version() ?? "unknown";
  options.logger.info("browser-started", { version: browserVersion });
  const unused = context.pages().slice(0, 1);
  return {
    ...{ kind: "chromium", browserVersion },
    openEngine: async (reach) => {
      // Another one would open as a browser's window.
      const page = unused.pop() ?? (await context.newPage());
      return openEnginePage(page, options, reach, () => void unused.push(page));
    },
    close: () => context.close(),
  };
}

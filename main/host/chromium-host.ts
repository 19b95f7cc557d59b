import { mkdirSync } from "node:fs";
import type { BrowserContext, CDPSession } from "playwright-core";
import type { Logger } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import { freeProfile } from "./browser-profile.ts";
import { openChannel } from "./chromium-channel.ts";
import { findChromium } from "./find-chromium.ts";
import type { Host, Page } from "./host.ts";
import { readPageFile } from "./page-files.ts";

/** Made up, and by RFC 2606 nobody's: what is on it comes from Ferry's own files. */
const ENGINE_ORIGIN = "https://engine.ferry.invalid";

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
  const context = await launch(options.profileDir, executablePath);
  options.logger.info("browser-started", { version: context.browser()?.version() ?? "unknown" });
  return {
    kind: "chromium",
    openEngine: (connect) => openEngine(context, options, connect),
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

async function openEngine(
  context: BrowserContext,
  options: ChromiumHostOptions,
  connect: readonly string[],
): Promise<Page> {
  // Without it a page on a public origin may not reach a homeserver on this machine or in this home.
  await context.grantPermissions(["local-network-access"], { origin: ENGINE_ORIGIN });
  const page = await context.newPage();
  // Not Playwright's routes and bindings: its routes stop every request of the page, those to the homeserver too, and
  // each of its calls runs a script of its own in the page.
  const session = await context.newCDPSession(page);
  const channel = await openChannel(session);
  const goneListeners: ((reason: string) => void)[] = [];
  const gone = (reason: string): void => {
    for (const listener of goneListeners.splice(0)) listener(reason);
  };
  page.on("crash", () => gone("the engine page crashed"));
  page.on("close", () => gone("the engine page was closed"));
  context.on("close", () => gone("the browser ended"));
  page.on("pageerror", (error) => options.logger.error("engine-page-error", { name: error.name }));

  await serve(session, options, connect);
  await page.goto(`${ENGINE_ORIGIN}/`, { waitUntil: "load" });
  return {
    channel,
    onGone: (listener) => void goneListeners.push(listener),
    close: async () => {
      goneListeners.length = 0;
      await page.close();
    },
  };
}

/** Answers what the page asks of its own made-up origin; of everything else nothing is stopped or seen. */
async function serve(session: CDPSession, options: ChromiumHostOptions, connect: readonly string[]): Promise<void> {
  session.on("Fetch.requestPaused", ({ requestId, request }) => {
    ownFile(request.url, options.pagesDir, connect)
      .then((response) => session.send("Fetch.fulfillRequest", { requestId, ...response }))
      .catch((error: unknown) => {
        options.logger.error("page-not-served", { name: error instanceof Error ? error.name : "unknown" });
      });
  });
  await session.send("Fetch.enable", { patterns: [{ urlPattern: `${ENGINE_ORIGIN}/*` }] });
}

interface Response {
  responseCode: number;
  responseHeaders: { name: string; value: string }[];
  body?: string;
}

async function ownFile(url: string, pagesDir: string, connect: readonly string[]): Promise<Response> {
  const file = await readPageFile(pagesDir, "engine", new URL(url).pathname, connect);
  if (file === null) return { responseCode: 404, responseHeaders: [] };
  const responseHeaders = Object.entries(file.headers).map(([name, value]) => ({ name, value }));
  return { responseCode: 200, responseHeaders, body: file.body.toString("base64") };
}

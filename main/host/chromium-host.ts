import { mkdirSync } from "node:fs";
import type { BrowserContext, Page as BrowserPage, Route } from "playwright-core";
import type { Logger } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import type { Channel } from "../protocol/rpc.ts";
import { freeProfile } from "./browser-profile.ts";
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
  const channel = await openChannel(page);
  const goneListeners: ((reason: string) => void)[] = [];
  const gone = (reason: string): void => {
    for (const listener of goneListeners.splice(0)) listener(reason);
  };
  page.on("crash", () => gone("the engine page crashed"));
  page.on("close", () => gone("the engine page was closed"));
  context.on("close", () => gone("the browser ended"));
  page.on("pageerror", (error) => options.logger.error("engine-page-error", { name: error.name }));

  const own = `${ENGINE_ORIGIN}/**`;
  await page.route(own, async (route) => {
    await answer(route, options.pagesDir, connect);
    // The crypto library is the last file that the page loads. While anything is intercepted, the browser asks about
    // each of the page's requests, those to the homeserver too.
    if (new URL(route.request().url()).pathname.endsWith(".wasm")) await page.unroute(own);
  });
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

async function answer(route: Route, pagesDir: string, connect: readonly string[]): Promise<void> {
  const { pathname } = new URL(route.request().url());
  const file = await readPageFile(pagesDir, "engine", pathname, connect);
  await (file === null ? route.fulfill({ status: 404 }) : route.fulfill({ status: 200, ...file }));
}

/** Text to and from the page, each way in order; what comes before anybody listens waits. */
async function openChannel(page: BrowserPage): Promise<Channel> {
  let listener: ((text: string) => void) | null = null;
  const early: string[] = [];
  await page.exposeBinding("ferrySend", (source, text: unknown) => {
    if (source.frame !== page.mainFrame() || typeof text !== "string") return;
    if (listener) listener(text);
    else early.push(text);
  });
  await page.addInitScript(installChannel);
  return {
    send: (text) => page.evaluate(deliver, text),
    onReceive: (next) => {
      listener = next;
      for (const text of early.splice(0)) next(text);
    },
  };
}

/** Runs in the page, before its own script. */
function installChannel(): void {
  const scope = globalThis as unknown as {
    ferrySend(text: string): Promise<void>;
    ferryReceive(text: string): void;
    ferry: object;
  };
  const listeners: ((text: string) => void)[] = [];
  const early: string[] = [];
  scope.ferryReceive = (text) => {
    if (listeners.length === 0) early.push(text);
    for (const listener of listeners) listener(text);
  };
  scope.ferry = Object.freeze({
    send: (text: string) => scope.ferrySend(text),
    onReceive: (listener: (text: string) => void) => {
      listeners.push(listener);
      for (const text of early.splice(0)) listener(text);
    },
  });
}

/** Runs in the page. */
function deliver(text: string): void {
  (globalThis as unknown as { ferryReceive(text: string): void }).ferryReceive(text);
}

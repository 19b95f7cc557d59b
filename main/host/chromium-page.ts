import type { CDPSession, Page as BrowserPage } from "playwright-core";
import type { Logger } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import { openChannel } from "./chromium-channel.ts";
import { fulfilmentOf } from "./chromium-files.ts";
import type { Page, Reach } from "./host.ts";

/** Made up, and by RFC 2606 nobody's: what is on it comes from Ferry's own files. */
const FILES_ORIGIN = "https://engine.ferry.invalid";

/** What the browser's page shows before and after it is the engine's. */
export const EMPTY_PAGE = "data:text/html,";

/** A page that does not become empty within this time hangs, in milliseconds. */
const EMPTYING_MS = 2_000;

export interface EnginePageOptions {
  /** Where the built pages are. */
  pagesDir: string;
  logger: Logger;
}

/**
 * Makes an empty page the engine's. Its document is put on the homeserver's origin, so that its requests there are a
 * page's to its own server; nothing of it comes from there: the document, and the one origin that scripts may come from,
 * are Ferry's files, and once they have loaded requests are not looked at any more.
 *
 * @param onEmpty the page has been closed in good order, and is empty again
 * @throws FerryError `browser-failed` where the page does not load
 */
export async function openEnginePage(
  page: BrowserPage,
  options: EnginePageOptions,
  reach: Reach,
  onEmpty: () => void,
): Promise<Page> {
  const context = page.context();
  const origin = reach.homeserver ?? FILES_ORIGIN;
  // Without it a page on a public origin may not reach a homeserver on this machine or in this home.
  await context.grantPermissions(["local-network-access"], { origin });
  // Not Playwright's routes and bindings: its routes stop every request of the page, those to the homeserver too, and
  // each of its calls runs a script of its own in the page.
  const session = await context.newCDPSession(page);
  const channel = await openChannel(session, origin);
  const goneListeners: ((reason: string) => void)[] = [];
  const gone = (reason: string): void => {
    for (const listener of goneListeners.splice(0)) listener(reason);
  };
  const forget = watchEnd(page, gone, options.logger);
  await serveFiles(session, options, origin, reach.connect);
  await page.goto(`${origin}/`, { waitUntil: "load" });
  await untilLoaded(session);
  await session.send("Fetch.disable");
  // What came now would be the homeserver's page, with a channel to main.
  let isClosing = false;
  session.on("Page.frameNavigated", () => {
    if (isClosing) return;
    gone("the engine page went elsewhere");
    void page.close();
  });
  return {
    channel,
    onGone: (listener) => void goneListeners.push(listener),
    close: async () => {
      isClosing = true;
      goneListeners.length = 0;
      forget();
      if (await empty(page, session)) onEmpty();
      else await page.close();
    },
  };
}

/** Tells how a page ends, and notes the errors of its scripts. @returns what ends the watch */
function watchEnd(page: BrowserPage, gone: (reason: string) => void, logger: Logger): () => void {
  const context = page.context();
  const crashed = (): void => gone("the engine page crashed");
  const closed = (): void => gone("the engine page was closed");
  const ended = (): void => gone("the browser ended");
  const noteError = (error: Error): void => logger.error("engine-page-error", { name: error.name });
  page.on("crash", crashed).on("close", closed).on("pageerror", noteError);
  context.on("close", ended);
  return () => {
    page.off("crash", crashed).off("close", closed).off("pageerror", noteError);
    context.off("close", ended);
  };
}

/** Ends a page's document, and with it all that Ferry has put into it. @returns whether it has ended */
async function empty(page: BrowserPage, session: CDPSession): Promise<boolean> {
  try {
    await page.goto(EMPTY_PAGE, { waitUntil: "commit", timeout: EMPTYING_MS });
    // Only now: a page that hangs would not answer.
    await session.detach();
    return true;
  } catch {
    return false;
  }
}

/** Answers for the document and for what it loads; what the page asks of a homeserver is not stopped or seen. */
async function serveFiles(
  session: CDPSession,
  options: EnginePageOptions,
  origin: string,
  connect: readonly string[],
): Promise<void> {
  session.on("Fetch.requestPaused", ({ requestId, request }) => {
    fulfilmentOf(request.url, options.pagesDir, "engine", { connect, files: FILES_ORIGIN })
      .then((response) => session.send("Fetch.fulfillRequest", { requestId, ...response }))
      .catch((error: unknown) => {
        options.logger.error("page-not-served", { name: error instanceof Error ? error.name : "unknown" });
      });
  });
  const patterns = [
    { urlPattern: `${origin}/`, resourceType: "Document" as const },
    { urlPattern: `${FILES_ORIGIN}/*` },
  ];
  await session.send("Fetch.enable", { patterns });
}

async function untilLoaded(session: CDPSession): Promise<void> {
  const { exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: "ferryLoaded",
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new FerryError("browser-failed", "The engine page could not be loaded.");
}

import type { App } from "electron";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";

/**
 * How long Ferry may take to end, in milliseconds. What is being sent has five seconds of them (main/app.ts), the rest
 * is for closing the crypto store and the database, without which the next start takes this end for a crash.
 */
export const QUIT_LIMIT_MS = 7_000;

/**
 * Stops what `stop` stops, and waits for it no longer than the limit.
 *
 * @param limit in milliseconds
 * @returns whether it had ended by then; a failure of `stop` is passed on
 */
export async function stopWithin(stop: () => Promise<void>, limit: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limit);
  });
  try {
    return await Promise.race([stop().then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * However Ferry is told to end (tray, `ferry stop`, a signal, the system): what is being sent is finished first. An end
 * that is cut off all the same loses nothing, like any other crash.
 *
 * @param afterwards what is done when all has been closed, however long it takes
 */
export function endInOrder(
  app: Pick<App, "on" | "exit">,
  stop: () => Promise<void>,
  logger: Pick<Logger, "warn" | "error">,
  afterwards: () => Promise<unknown> = async () => undefined,
): void {
  let ending = false;
  app.on("before-quit", (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    stopWithin(stop, QUIT_LIMIT_MS)
      .then((inTime) => {
        if (!inTime) logger.warn("quit-limit-reached", { limitMs: QUIT_LIMIT_MS });
        return afterwards();
      })
      .then(
        () => app.exit(0),
        (error: unknown) => {
          logger.error("quit-failed", { reason: asFerryError(error).message });
          app.exit(1);
        },
      );
  });
}

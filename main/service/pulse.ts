/** Whether the engine page still runs: one that hangs gives no sign of it on any host, for it is never seen. */

/** How often it is asked, in milliseconds. */
const EVERY_MS = 60_000;

/** How long it may take to answer, in milliseconds: opening a large crypto store is work. */
const PATIENCE_MS = 60_000;

/** How often the clock is looked at, in milliseconds. */
const LOOK_MS = 5_000;

/**
 * Asks from time to time, and calls `hung` once where no answer comes. An error is an answer. Time in which the computer
 * sleeps does not count, however its clocks go on: a look that comes late shows it.
 *
 * @returns ends it
 */
export function watchPulse(ask: () => Promise<unknown>, hung: () => void): () => void {
  let waitedMs = 0;
  let isAsked = false;
  let lookedTs = Date.now();
  const answered = (): void => {
    isAsked = false;
    waitedMs = 0;
  };
  const timer = setInterval(() => {
    const now = Date.now();
    const slept = now - lookedTs > 4 * LOOK_MS;
    lookedTs = now;
    waitedMs = slept ? 0 : waitedMs + LOOK_MS;
    if (isAsked && waitedMs >= PATIENCE_MS) {
      clearInterval(timer);
      hung();
    } else if (!isAsked && waitedMs >= EVERY_MS) {
      isAsked = true;
      waitedMs = 0;
      ask().then(answered, answered);
    }
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

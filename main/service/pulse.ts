/** Whether the engine page still runs: one that hangs gives no sign of it on any host, for it is never seen. */

export interface Pulse {
  /** How often it is asked, in milliseconds. */
  everyMs: number;
  /** How long it may take to answer, in milliseconds: opening a large crypto store is work. */
  patienceMs: number;
}

const PULSE: Pulse = { everyMs: 60_000, patienceMs: 60_000 };

/** How many looks there are at the clock between two questions. */
const LOOKS = 12;

/**
 * Asks from time to time, and calls `hung` once where no answer comes. An error is an answer. Time in which the computer
 * sleeps does not count, however its clocks go on: a look that comes late shows it.
 *
 * @returns ends it
 */
export function watchPulse(ask: () => Promise<unknown>, hung: () => void, pulse: Pulse = PULSE): () => void {
  const lookMs = pulse.everyMs / LOOKS;
  let waitedMs = 0;
  let isAsked = false;
  let lookedTs = Date.now();
  const answered = (): void => {
    isAsked = false;
    waitedMs = 0;
  };
  const timer = setInterval(() => {
    const now = Date.now();
    const slept = now - lookedTs > 4 * lookMs;
    lookedTs = now;
    waitedMs = slept ? 0 : waitedMs + lookMs;
    if (isAsked && waitedMs >= pulse.patienceMs) {
      clearInterval(timer);
      hung();
    } else if (!isAsked && waitedMs >= pulse.everyMs) {
      isAsked = true;
      waitedMs = 0;
      ask().then(answered, answered);
    }
  }, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

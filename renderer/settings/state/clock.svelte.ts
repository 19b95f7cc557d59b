const STEP_MS = 20_000;

/** The time, for what is shown as "4 minutes ago". One clock for the page, and not exact. */
class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), STEP_MS);
  }
}

export const clock = new Clock();

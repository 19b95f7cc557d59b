/** So many messages right after each other are a backlog, no conversation. */
const BACKLOG = 5;
/** A pause this long ends a backlog, in milliseconds. */
const CALM_MS = 50;
/** However long the backlog, nothing waits longer for it, in milliseconds. */
const LONGEST_MS = 300;

/**
 * Knows whether a backlog of messages is being sent. Then listening gives way to it a little: the homeserver would
 * otherwise tell of each message on its own, and both sides do more work for that than for sending it.
 */
export class Busy {
  #underWay = 0;
  #inARow = 0;
  #lastEnd = 0;

  async sending<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#underWay === 0 && performance.now() - this.#lastEnd > CALM_MS) this.#inARow = 0;
    this.#underWay += 1;
    this.#inARow += 1;
    try {
      return await send();
    } finally {
      this.#underWay -= 1;
      this.#lastEnd = performance.now();
    }
  }

  /** Resolves at once where no backlog is being sent; otherwise when it has been, or after 300 ms. */
  async untilCalm(): Promise<void> {
    const end = performance.now() + LONGEST_MS;
    while (this.#isBacklog() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  #isBacklog(): boolean {
    if (this.#inARow < BACKLOG) return false;
    return this.#underWay > 0 || performance.now() - this.#lastEnd < CALM_MS;
  }
}

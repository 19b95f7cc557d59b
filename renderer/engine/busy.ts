/** So many messages right after each other are a backlog, no conversation. */
const BACKLOG = 5;
/** A pause this long ends a backlog, in milliseconds. */
const CALM_MS = 50;
/** How long it takes at most until what has come is on its way again, in milliseconds. */
const ANSWER_MS = 40;
/** However much is being sent, listening waits no longer for it, in milliseconds. */
const LONGEST_MS = 300;
const POLL_MS = 4;

/**
 * Knows what is being sent, so that listening can give way to it: a request for the next events that goes out right
 * before a copy makes the homeserver work on that first, and in a backlog it would tell of each copy on its own.
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

  /**
   * Resolves when nothing is being sent, at the latest after 300 ms.
   *
   * @param expectsCopy something has come that will probably be copied: what is about to be sent for it counts too
   */
  async untilCalm(expectsCopy: boolean): Promise<void> {
    const start = performance.now();
    const isOver = (): boolean => {
      const now = performance.now();
      if (now - start > LONGEST_MS) return true;
      if (this.#underWay > 0) return !expectsCopy && this.#inARow < BACKLOG;
      if (this.#inARow >= BACKLOG && now - this.#lastEnd < CALM_MS) return false;
      return !expectsCopy || this.#lastEnd >= start || now - start > ANSWER_MS;
    };
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

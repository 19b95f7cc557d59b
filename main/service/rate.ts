import { FerryError } from "../matrix/errors.ts";

const TURNS_MS = 60_000;

/**
 * The account's rate limit: after an answer `M_LIMIT_EXCEEDED` nobody sends until the time that the homeserver named,
 * and for a while after that destinations send one after the other, in turn, so that none waits for long.
 */
export class RateGate {
  readonly #now: () => number;
  #openAt = 0;
  #turnsUntil = 0;
  #tail: Promise<void> = Promise.resolve();
  #wakers = new Set<() => void>();
  #closed = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The homeserver asks to wait. @param retryAfterMs milliseconds */
  limit(retryAfterMs: number): void {
    const now = this.#now();
    this.#openAt = Math.max(this.#openAt, now + Math.min(Math.max(retryAfterMs, 100), 3_600_000));
    this.#turnsUntil = this.#openAt + TURNS_MS;
  }

  /** Milliseconds until anything may be sent; 0 where nothing holds it. */
  get waitMs(): number {
    return Math.max(0, this.#openAt - this.#now());
  }

  /** Runs `send` when it is its turn. */
  async pass<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#now() >= this.#turnsUntil) return send();
    const before = this.#tail;
    let done: () => void = () => undefined;
    this.#tail = new Promise((resolve) => (done = resolve));
    try {
      await before;
      while (this.waitMs > 0 && !this.#closed) await this.#sleep(this.waitMs);
      if (this.#closed) throw new FerryError("engine-gone", "Ferry is ending; the message follows at the next start.");
      return await send();
    } finally {
      done();
    }
  }

  /** Ferry ends: nobody waits any longer. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(wake, ms);
      const wakers = this.#wakers;
      function wake(): void {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      }
      wakers.add(wake);
    });
  }
}

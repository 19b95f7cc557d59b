import { FerryError } from "../../main/matrix/errors.ts";

/** Nothing is sent on knowledge of the rooms that is older than this, in milliseconds. */
export const FRESH_MS = 90_000;
/** A request for events that lasted longer than the homeserver may hold it: the machine has slept meanwhile. */
const LONGEST_POLL_MS = 60_000;
/** So far back the clock may be set without notice, in milliseconds. */
const CLOCK_SLACK_MS = 1_000;

/**
 * How old what Ferry knows of the rooms is, by a clock that goes on while the machine sleeps: what has changed meanwhile
 * must be read before anything is sent.
 */
export class Freshness {
  readonly #now: () => number;
  #askedTs: number | null = null;
  #heardTs: number | null = null;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A request for events goes out. */
  asked(): void {
    this.#askedTs = this.#now();
  }

  /** Its answer has come: answers with the time that `processed` takes; null where it says nothing of the present. */
  answered(): number | null {
    const now = this.#now();
    // It may have lain in this machine while it slept.
    return this.#askedTs === null || Math.abs(now - this.#askedTs) > LONGEST_POLL_MS ? null : now;
  }

  /** An answer that came at that time has been taken in completely. */
  processed(answeredTs: number | null): void {
    if (answeredTs !== null) this.#heardTs = answeredTs;
  }

  get isFresh(): boolean {
    if (this.#heardTs === null) return false;
    const age = this.#now() - this.#heardTs;
    return age <= FRESH_MS && age >= -CLOCK_SLACK_MS;
  }

  /** @throws FerryError `homeserver-unreachable` */
  require(): void {
    if (this.isFresh) return;
    throw new FerryError("homeserver-unreachable", "Ferry has not heard from the homeserver for a while.");
  }
}

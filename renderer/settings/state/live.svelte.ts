import { untrack } from "svelte";
import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";

/** At least so long between two questions: while much is copied, Ferry's state changes many times a second. */
const PAUSE_MS = 500;

/**
 * Something of main's that is shown, and asked for again whenever what it depends on changes. What is the same as before
 * stays the same object, so that nothing on the page is made anew for it.
 */
export class Live<T> {
  value: T | null = $state.raw(null);
  /** Why it could not be had the last time. */
  failure: FerryError | null = $state.raw(null);
  readonly #load: () => Promise<T>;
  #text = "";
  #running: Promise<void> | null = null;
  #isStale = false;
  #isOver = false;

  /**
   * To be made while a component is.
   *
   * @param watch reads what it depends on
   */
  constructor(watch: () => unknown, load: () => Promise<T>) {
    this.#load = load;
    $effect(() => {
      watch();
      untrack(() => void this.reload());
    });
    $effect(() => () => (this.#isOver = true));
  }

  /** Asks again; while it is being asked for, once more afterwards. Resolves when what is shown is as new as that. */
  reload(): Promise<void> {
    this.#isStale = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isStale && !this.#isOver) {
      this.#isStale = false;
      await this.#ask();
      if (this.#isStale) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    // In the same breath as the last look at what is stale: whoever asks after that is not told that it is being asked.
    this.#running = null;
  }

  async #ask(): Promise<void> {
    try {
      const value = await this.#load();
      const text = JSON.stringify(value);
      if (text !== this.#text) this.value = value;
      this.#text = text;
      this.failure = null;
    } catch (error) {
      this.failure = asFerryError(error);
    }
  }
}

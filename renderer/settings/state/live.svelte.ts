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
  #isLoading = false;
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

  /** Asks again; while it is being asked for, once more afterwards. */
  async reload(): Promise<void> {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#isStale && !this.#isOver) {
      this.#isStale = false;
      await this.#ask();
      if (this.#isStale) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#isLoading = false;
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

/** How far a link has come since it last had nothing to do: the most that it owed in between is the whole way. */
export class CatchingUp {
  #most = $state(0);
  readonly #waiting: () => number;

  /** To be made while a component is: it watches what is waiting as long as that stands. */
  constructor(waiting: () => number) {
    this.#waiting = waiting;
    $effect(() => {
      const now = waiting();
      if (now === 0 || now > this.#most) this.#most = now;
    });
  }

  /** Between 0 and 1. */
  get progress(): number {
    return this.#most === 0 ? 0 : 1 - this.#waiting() / this.#most;
  }
}

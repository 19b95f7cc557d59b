import type { FerryError } from "../../main/matrix/errors.ts";
import { toFailure } from "./failures.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** Tries again what must not be left undone, for as long as the session lasts. */
export class Patience {
  readonly #wake = new Set<() => void>();
  #stopped = false;

  /**
   * @param giveUp what stands for the result after this failure; undefined means another try
   * @returns undefined where the session has ended before it was done
   */
  async untilDone<Result>(
    action: () => Promise<Result>,
    giveUp: (failure: FerryError, sinceMs: number) => Result | undefined = () => undefined,
  ): Promise<Result | undefined> {
    const startTs = Date.now();
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        return await action();
      } catch (error) {
        const failure = toFailure(error);
        const result = giveUp(failure, Date.now() - startTs);
        if (result !== undefined) return result;
        await this.#pause(Math.max(failure.details.retryAfterMs ?? 0, pauseMs(attempt)));
      }
    }
    return undefined;
  }

  /** What waits for another try goes at once. */
  wake(): void {
    for (const done of [...this.#wake]) done();
  }

  stop(): void {
    this.#stopped = true;
    this.wake();
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake.add(done);
    });
  }
}

function pauseMs(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

import type { EventId } from "../matrix/ids.ts";

/** One destination's line of copies. */
export class Line {
  done: Promise<void> = Promise.resolve();
  woken = false;
  /** The user's own events in the destination, by the transaction ids in their markers. */
  sent: { sinceTs: number; events: Map<string, EventId> } | null = null;
  #wakeUp: (() => void) | null = null;

  wake(): void {
    this.woken = true;
    this.#wakeUp?.();
  }

  /** Sleeps, but not past `wake`. */
  async sleep(ms: number, running: () => boolean): Promise<void> {
    if (!running()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = null;
  }
}

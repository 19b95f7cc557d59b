import type { LinkId } from "../../../main/matrix/ids.ts";
import type { LinkView } from "../../../main/protocol/control.ts";

/** How far links have come since each last had nothing to do: the most that it owed in between is the whole way. */
export class CatchingUp {
  readonly #most = new Map<LinkId, number>();

  /** The links as they are now. */
  take(links: readonly LinkView[]): void {
    for (const { id, waiting } of links) {
      if (waiting === 0) this.#most.delete(id);
      else this.#most.set(id, Math.max(waiting, this.#most.get(id) ?? 0));
    }
  }

  /** Between 0 and 1; undefined where nothing has been copied yet that the way could be measured by. */
  progressOf({ id, waiting }: Pick<LinkView, "id" | "waiting">): number | undefined {
    const most = this.#most.get(id) ?? 0;
    return waiting < most ? 1 - waiting / most : undefined;
  }
}

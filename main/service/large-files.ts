import type { LinkId, TransactionId } from "../matrix/ids.ts";
import type { FileProgress } from "../protocol/files.ts";
import type { Store } from "../store/store.ts";
import type { PartOptions } from "./part.ts";
import { carryingText } from "./status-text.ts";

/** The large files that are under way. In memory only, and nothing of them but how large they are: names are content. */
export class LargeFiles {
  readonly #store: Store;
  readonly #onChange: () => void;
  readonly #underWay = new Map<TransactionId, FileProgress>();

  constructor({ store, onChange }: Pick<PartOptions, "store" | "onChange">) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** How far one has come. */
  note(progress: FileProgress): void {
    this.#underWay.set(progress.transactionId, progress);
    this.#onChange();
  }

  /** The files of a message are there, or cannot be had now. */
  end(transactionId: TransactionId): void {
    if (this.#underWay.delete(transactionId)) this.#onChange();
  }

  /** What is said of the one that a link, or any link, is carrying; null where there is none. */
  sentence(link?: LinkId): string | null {
    for (const progress of this.#underWay.values()) {
      const row = this.#store.outbox.byTransaction(progress.transactionId);
      if (row !== null && (link === undefined || row.linkId === link)) return carryingText(progress);
    }
    return null;
  }
}

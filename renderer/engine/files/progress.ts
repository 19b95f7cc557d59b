import type { TransactionId } from "../../../main/matrix/ids.ts";
import type { FileProgress } from "../../../main/protocol/files.ts";

/** Files above this size are large: they are carried one at a time, and it is told how far they have come. In bytes. */
export const LARGE_BYTES = 8_000_000;
const INTERVAL_MS = 1_000;

/** Tells how far one file has come, if it is large: once a second, and when all of it has been fetched. */
export class Progress {
  readonly #tell: (progress: FileProgress) => void;
  readonly #transactionId: TransactionId;
  readonly #said: number;
  #toldTs = -Infinity;

  /** @param size as its sender says, in bytes; null where they do not */
  constructor(tell: (progress: FileProgress) => void, transactionId: TransactionId, size: number | null) {
    this.#tell = tell;
    this.#transactionId = transactionId;
    this.#said = size ?? 0;
  }

  fetched(fetchedBytes: number): void {
    if (Math.max(this.#said, fetchedBytes) <= LARGE_BYTES || Date.now() - this.#toldTs < INTERVAL_MS) return;
    this.#toldTs = Date.now();
    const bytes = fetchedBytes < this.#said ? this.#said : null;
    this.#tell({ transactionId: this.#transactionId, fetchedBytes, bytes });
  }

  allFetched(bytes: number): void {
    if (bytes > LARGE_BYTES) this.#tell({ transactionId: this.#transactionId, fetchedBytes: bytes, bytes });
  }
}

import { MemoryStore } from "matrix-js-sdk/lib/store/memory.js";
import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import type { Busy } from "./busy.ts";

const RETRY_MS = 3_000;
const MOST_FAILURES = 3;

/**
 * Keeps the SDK's view of rooms in memory only, and passes each response of `/sync` on after the SDK has processed it
 * (room keys included).
 *
 * Nothing of it is stored: a stored response would put the messages of unencrypted rooms on disk. Every start is
 * therefore a full synchronisation with a narrow filter. That loses no room keys: the homeserver keeps to-device
 * messages until a later request of the same loop acknowledges them, and by then the crypto store has them.
 */
export class SyncStore extends MemoryStore {
  readonly #onResponse: (response: ISyncResponse) => Promise<boolean>;
  readonly #onLost: () => void;
  readonly #busy: Busy;
  #processedToken: string | null = null;
  #failed = false;
  #failures = 0;

  /**
   * @param onResponse answers whether there is something in it that will probably be copied; the next response is asked
   * for only then. Must not reject
   * @param onLost the crypto store has failed several times in a row
   * @param busy while many messages are being sent, `/sync` is asked less often: each would answer with an echo
   */
  constructor(onResponse: (response: ISyncResponse) => Promise<boolean>, onLost: () => void, busy: Busy) {
    super();
    this.#onResponse = onResponse;
    this.#onLost = onLost;
    this.#busy = busy;
  }

  /**
   * The response that is being processed could not be, for example because the crypto store could not be written. The
   * SDK would go on with the next one, and by asking for it let the homeserver delete this one's room keys.
   */
  rejectResponse(): void {
    this.#failed = true;
  }

  override async setSyncData(response: ISyncResponse): Promise<void> {
    if (this.#failed) {
      this.#failed = false;
      this.#failures += 1;
      if (this.#failures >= MOST_FAILURES) this.#onLost();
      // Asks for the same response once more. Without a token yet, that is the first synchronisation again.
      this.setSyncToken(this.#processedToken as string);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return;
    }
    this.#failures = 0;
    this.#processedToken = response.next_batch;
    await this.#busy.untilCalm(await this.#onResponse(response));
  }
}

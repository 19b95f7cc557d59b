import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api/index.js";

type KeyBytes = Uint8Array<ArrayBuffer>;

/** Holds the key of the account's secret storage while something works with it, and no longer. */
export class Keyring {
  #held: { id: string; key: KeyBytes } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /** What the SDK asks when it reads or writes a secret. */
  readonly callbacks: CryptoCallbacks = {
    getSecretStorageKey: async ({ keys }) =>
      this.#held !== null && Object.hasOwn(keys, this.#held.id) ? [this.#held.id, this.#held.key] : null,
  };

  /** Lets the SDK have the key during `action`, one action after the other. The key is overwritten afterwards. */
  use<Result>(id: string, key: KeyBytes, action: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(async () => {
      this.#held = { id, key };
      try {
        return await action();
      } finally {
        this.#held = null;
        key.fill(0);
      }
    });
    // Whoever asked hears of a failure; who comes next does not care.
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

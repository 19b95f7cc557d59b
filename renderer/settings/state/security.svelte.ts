import { untrack } from "svelte";
import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";
import type { SecurityView } from "../../../main/protocol/control.ts";
import type { Ferry } from "./ferry.svelte.ts";

/** After a comparison the other device hands over the key backup's key by itself, within some seconds. */
const BACKUP_WAIT_MS = 3000;
const BACKUP_TRIES = 10;

/** How far this device is trusted, asked for anew whenever that may have changed. */
export class Security {
  view: SecurityView | null = $state.raw(null);
  failure: FerryError | null = $state.raw(null);
  isLoading = $state(false);
  readonly #ferry: Ferry;
  #asked = 0;
  #tries = 0;

  /** To be made while a component is: it asks again as long as that stands. */
  constructor(ferry: Ferry) {
    this.#ferry = ferry;
    const occasion = $derived(
      JSON.stringify([ferry.status?.connection, ferry.status?.verified, ferry.status?.verification?.state]),
    );
    $effect(() => {
      void occasion;
      untrack(() => void this.load());
    });
    $effect(() => {
      if (this.view?.backup !== "not-connected" || !this.view.verified || this.#tries >= BACKUP_TRIES) return;
      this.#tries += 1;
      const timer = setTimeout(() => void this.load(), BACKUP_WAIT_MS);
      return () => clearTimeout(timer);
    });
  }

  /** Whether this device is verified, by whichever has heard of it; null where nobody has. */
  get isVerified(): boolean | null {
    if (this.#ferry.status?.verified === true || this.view?.verified === true) return true;
    return this.#ferry.status?.verified ?? this.view?.verified ?? null;
  }

  /** Asks now. Without a login, or before it has been used, there is nothing to know; the status tells when there is. */
  async load(): Promise<void> {
    const connection = this.#ferry.status?.connection;
    if (connection === "logged-out") this.view = this.failure = null;
    const turn = ++this.#asked;
    if (connection === "logged-out" || connection === "starting") return void (this.isLoading = false);
    this.isLoading = true;
    try {
      const view = await this.#ferry.main.security({});
      if (turn === this.#asked) this.take(view);
    } catch (error) {
      if (turn === this.#asked) this.failure = asFerryError(error);
    } finally {
      if (turn === this.#asked) this.isLoading = false;
    }
  }

  /** What main has answered to something else. */
  take(view: SecurityView): void {
    this.view = view;
    this.failure = null;
  }
}

import { ClientEvent, type MatrixClient } from "matrix-js-sdk/lib/client.js";
import { SyncState } from "matrix-js-sdk/lib/sync.js";

const TICK_MS = 15_000;
/** A tick that comes this much too late: the computer has slept. Browsers slow a hidden page's timers to one a minute. */
const LATE_MS = 75_000;
/** A request for events that is younger was made after whatever has woken the computer, in milliseconds. */
const YOUNG_MS = 3_000;

/**
 * Asks for events at once: after a sleep the request under way waits for an answer that went astray, and after a failure
 * the SDK waits before it tries again.
 */
export class Wake {
  readonly #client: Pick<MatrixClient, "retryImmediately">;
  #pending: { request: AbortController; askedTs: number } | null = null;
  #isHurried = false;

  constructor(client: Pick<MatrixClient, "on" | "retryImmediately">) {
    this.#client = client;
    client.on(ClientEvent.Sync, (state) => this.#onSyncState(state));
  }

  /** Sends a request for events, in place of the one before. */
  asking(send: (signal: AbortSignal) => Promise<Response>, signal?: AbortSignal | null): Promise<Response> {
    const request = new AbortController();
    this.#pending = { request, askedTs: Date.now() };
    return send(signal ? AbortSignal.any([signal, request.signal]) : request.signal);
  }

  /** What there is to know is asked for now. A request that is given up is made again with the same token. */
  now(): void {
    if (this.#pending !== null && Math.abs(Date.now() - this.#pending.askedTs) > YOUNG_MS) {
      this.#isHurried = true;
      this.#pending.request.abort();
      this.#pending = null;
    }
    this.#client.retryImmediately();
  }

  /** The SDK has taken note of the request that was given up, and would wait for some seconds. */
  #onSyncState(state: SyncState): void {
    if (!this.#isHurried || (state !== SyncState.Reconnecting && state !== SyncState.Error)) return;
    this.#isHurried = false;
    this.#client.retryImmediately();
  }
}

/** Calls `wake` where the computer has slept, or the network is back, for as long as the page lasts. */
export function noticeWaking(page: Pick<EventTarget, "addEventListener">, wake: () => void): void {
  let lastTs = Date.now();
  setInterval(() => {
    const now = Date.now();
    const lateMs = now - lastTs - TICK_MS;
    lastTs = now;
    if (lateMs > LATE_MS) wake();
  }, TICK_MS);
  page.addEventListener("online", wake);
}

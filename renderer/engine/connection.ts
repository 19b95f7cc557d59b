import type { ConnectionState, engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import { clockOffsetOf } from "./clock.ts";

const CLOCK_CHANGE_MS = 30_000;

/** Tells main how the connection to the homeserver stands, and how far this machine's clock is off, when that changes. */
export class ConnectionReport {
  readonly #main: Pick<Client<typeof engineNotifications>, "connection">;
  readonly #onOnline: () => void;
  readonly #hasNetwork: () => boolean;
  #state: ConnectionState = "starting";
  #softLogout = false;
  #clockOffsetMs: number | null = null;

  /**
   * @param onOnline called before main hears that the homeserver can be reached
   * @param hasNetwork whether this computer has one by which it could be
   */
  constructor(
    main: Pick<Client<typeof engineNotifications>, "connection">,
    onOnline: () => void,
    hasNetwork: () => boolean,
  ) {
    this.#main = main;
    this.#onOnline = onOnline;
    this.#hasNetwork = hasNetwork;
  }

  set(state: Exclude<ConnectionState, "logged-out">): void {
    if (state === this.#state || this.#state === "logged-out") return;
    this.#state = state;
    if (state === "online") this.#onOnline();
    this.#report();
  }

  /** The network has come or gone. That it has come does not say that the homeserver can be reached. */
  networkChanged(): void {
    if (!this.#hasNetwork()) this.set("offline");
    else if (this.#state === "offline") this.#report();
  }

  /**
   * The homeserver does not accept this login any more; nothing that comes later changes that.
   *
   * @param soft it has not forgotten the device (client-server API, "Soft logout")
   */
  loggedOut(soft: boolean): void {
    if (this.#state === "logged-out") return;
    this.#state = "logged-out";
    this.#softLogout = soft;
    this.#report();
  }

  noteClock(events: readonly unknown[]): void {
    const offset = clockOffsetOf(events);
    if (offset === null) return;
    const before = this.#clockOffsetMs;
    if (before !== null && Math.abs(offset - before) < CLOCK_CHANGE_MS) return;
    this.#clockOffsetMs = offset;
    if (before !== null || Math.abs(offset) >= CLOCK_CHANGE_MS) this.#report();
  }

  #report(): void {
    const clock = this.#clockOffsetMs === null ? {} : { clockOffsetMs: this.#clockOffsetMs };
    const network = this.#state === "offline" ? { hasNetwork: this.#hasNetwork() } : {};
    const end = this.#state === "logged-out" ? { softLogout: this.#softLogout } : {};
    // Main asks for the state again when it opens the engine anew, so a report that is lost with it is no loss.
    this.#main.connection({ state: this.#state, ...clock, ...network, ...end }).catch(() => undefined);
  }
}

import type { Host, Page, Reach } from "../host/host.ts";
import type { Logger } from "../log.ts";
import { FerryError } from "../matrix/errors.ts";
import { type EngineClient, engineNotifications, engineRequests } from "../protocol/engine.ts";
import { connect, type Connection, type Handlers } from "../protocol/rpc.ts";
import { isServerAddress } from "../protocol/values.ts";
import type { StoredAccount } from "../store/account.ts";
import { watchPulse } from "./pulse.ts";

const GONE = new FerryError(
  "engine-gone",
  "Ferry's connection to the homeserver was cut off inside; it is being set up again.",
);

const DISCOVERY_SOURCES = ["https:", "http://127.0.0.1:*", "http://localhost:*"];

/** While a homeserver is looked for it may be anywhere; on plain http only on this machine, or where the user said so. */
export function discoveryReach(server?: string): Reach {
  // A name with a port would be taken for an address with a scheme of that name.
  const isAddress = server !== undefined && /^https?:\/\//.test(server) && URL.canParse(server);
  const written = isAddress ? [new URL(server).origin] : [];
  return { connect: [...DISCOVERY_SOURCES, ...written], homeserver: null };
}

/** With an account there is one homeserver, and the issuer of its tokens; nothing else is talked to. */
export function accountReach({ homeserver, oauth }: Pick<StoredAccount, "homeserver" | "oauth">): Reach {
  const { origin } = new URL(homeserver);
  const issuer = oauth === null ? [] : [oauth.tokenEndpoint, oauth.revocationEndpoint];
  return { connect: [...new Set([origin, ...issuer.map(originOf)])], homeserver: origin };
}

/** @throws FerryError `internal` where the database has been changed by hand: it would rewrite the page's policy */
function originOf(address: string): string {
  if (isServerAddress(address)) return new URL(address).origin;
  throw new FerryError("internal", "The stored login names an address that Ferry never stores. Log out and in again.");
}

/** The engine page: opened, replaced when it is gone, and called. At most one at a time, for there is one crypto store. */
export class Engine {
  readonly #openHost: () => Promise<Host>;
  readonly #handlers: Handlers<typeof engineNotifications>;
  readonly #logger: Logger;
  #host: Host | null = null;
  #page: Page | null = null;
  #reach: Reach | null = null;
  #connection: Connection<typeof engineRequests> | null = null;
  #opening: Promise<void> = Promise.resolve();
  #endPulse: () => void = () => undefined;
  #onGone: () => void = () => undefined;
  #onClose: () => void = () => undefined;

  constructor(openHost: () => Promise<Host>, handlers: Handlers<typeof engineNotifications>, logger: Logger) {
    this.#openHost = openHost;
    this.#handlers = handlers;
    this.#logger = logger;
  }

  /** The engine's methods. @throws FerryError `engine-gone` while there is no page */
  get remote(): EngineClient {
    if (!this.#connection) throw GONE;
    return this.#connection.remote;
  }

  get isOpen(): boolean {
    return this.#connection !== null;
  }

  /** Whether the page is one that a login has been opened in, or will be. */
  get holdsLogin(): boolean {
    return this.#reach !== null && this.#reach.homeserver !== null;
  }

  /** What the page runs in; null before the first page. */
  get hostKind(): Host["kind"] | null {
    return this.#host?.kind ?? null;
  }

  /** Of the browser that the page runs in; null before the first page. */
  get browserVersion(): string | null {
    return this.#host?.browserVersion ?? null;
  }

  /** Called whenever there is no page any more, or a new one takes its place. */
  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  /** Called when the page has gone by itself. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  /**
   * Opens the page afresh, in place of an earlier one.
   *
   * @throws FerryError `no-browser`, `browser-failed`
   */
  open(reach: Reach): Promise<void> {
    // One after the other, whoever asks: two browsers on one profile would be two clients on one crypto store.
    this.#opening = this.#opening.catch(() => undefined).then(() => this.#open(reach));
    return this.#opening;
  }

  /** As `open`, but a page that is open already with the same reach stays: for one that holds no login. */
  async openBare(reach: Reach): Promise<void> {
    await this.#opening.catch(() => undefined);
    if (this.#reach === null || JSON.stringify(this.#reach) !== JSON.stringify(reach)) await this.open(reach);
  }

  /** As `open`, but whatever page is open, or is being opened, stays. */
  async openAny(reach: Reach): Promise<void> {
    await this.#opening.catch(() => undefined);
    if (!this.isOpen) await this.open(reach);
  }

  async #open(reach: Reach): Promise<void> {
    await this.#closePage();
    this.#host ??= await this.#openHost();
    try {
      this.#page = await this.#host.openEngine(reach);
    } catch (error) {
      // A browser that has ended takes its host with it; the next try starts a new one.
      await this.#closeHost();
      throw error instanceof FerryError
        ? error
        : new FerryError("browser-failed", "The engine page could not be opened.");
    }
    const page = this.#page;
    this.#reach = reach;
    const connection = connect(page.channel, engineNotifications, this.#handlers, engineRequests);
    this.#connection = connection;
    this.#endPulse = watchPulse(
      () => connection.remote.pulse({}),
      () => void this.abandon("the engine page did not answer any more"),
    );
    page.onGone((reason) => {
      if (this.#page !== page) return;
      this.#logger.error("engine-gone", { reason });
      this.#forget();
      void this.#closeHost().then(() => this.#onGone());
    });
  }

  /** Gives the page up, as if it had gone by itself. */
  async abandon(reason: string): Promise<void> {
    this.#logger.error("engine-gone", { reason });
    await this.close();
    this.#onGone();
  }

  async close(): Promise<void> {
    await this.#closePage();
    await this.#closeHost();
  }

  #forget(): void {
    this.#endPulse();
    this.#onClose();
    this.#connection?.close(GONE);
    this.#connection = null;
    this.#page = null;
    this.#reach = null;
  }

  async #closePage(): Promise<void> {
    const page = this.#page;
    this.#forget();
    await page?.close().catch((error: unknown) => this.#noteClosing(error));
  }

  async #closeHost(): Promise<void> {
    const host = this.#host;
    this.#host = null;
    await host?.close().catch((error: unknown) => this.#noteClosing(error));
  }

  #noteClosing(error: unknown): void {
    this.#logger.debug("closing-failed", { reason: error instanceof Error ? error.name : "unknown" });
  }
}

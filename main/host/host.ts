import type { Channel } from "../protocol/rpc.ts";

/** A page that a host has opened, with a channel to it. */
export interface Page {
  channel: Channel;
  /** Called once, when the page is gone: closed, crashed or killed. Until then nothing is lost on the channel. */
  onGone(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Whom the engine page may talk to, and nobody else (content security policy). */
export interface Reach {
  /** Sources as the policy has them. */
  connect: readonly string[];
  /**
   * The origin of the account's homeserver, where there is an account. A host that can puts the page on it: from
   * another origin a browser asks the homeserver's leave before each message, which takes a seventh of the time.
   */
  homeserver: string | null;
}

/**
 * What Ferry needs of the machine: Electron, or an installed Chromium. The same main and the same page bundles run
 * under both.
 */
export interface Host {
  readonly kind: "electron" | "chromium";
  /** Of the browser that the page runs in. */
  readonly browserVersion: string;
  /**
   * Opens the engine page, and answers when all of it has loaded.
   *
   * @throws FerryError `no-browser`, `browser-failed`
   */
  openEngine(reach: Reach): Promise<Page>;
  close(): Promise<void>;
}

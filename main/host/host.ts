import type { Channel } from "../protocol/rpc.ts";

/** A page that a host has opened, with a channel to it. */
export interface Page {
  channel: Channel;
  /** Called once, when the page is gone: closed, crashed or killed. Until then nothing is lost on the channel. */
  onGone(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/**
 * What Ferry needs of the machine: Electron, or an installed Chromium. The same main and the same page bundles run
 * under both.
 */
export interface Host {
  readonly kind: "electron" | "chromium";
  /**
   * Opens the engine page, which may talk to the given origins and nothing else (content security policy).
   *
   * @throws FerryError `no-browser`, `browser-failed`
   */
  openEngine(connect: readonly string[]): Promise<Page>;
  close(): Promise<void>;
}

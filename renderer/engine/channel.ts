import type { Channel } from "../../main/protocol/rpc.ts";

declare global {
  interface Window {
    /** What the host gives a page: text to main, text from main, nothing else. */
    readonly ferry: { send(text: string): Promise<void>; onReceive(listener: (text: string) => void): void };
  }
}

/** The page's end of the channel to main. */
export const channel: Channel = {
  send: (text) => window.ferry.send(text),
  onReceive: (listener) => window.ferry.onReceive(listener),
};

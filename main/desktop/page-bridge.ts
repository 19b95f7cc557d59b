import type { IpcRenderer } from "electron";
import { TO_MAIN, TO_PAGE } from "./ipc.ts";

/** What a page sees of Ferry, as `window.ferry`: text to main, text from main, nothing else. */
export interface PageBridge {
  send(text: string): Promise<void>;
  onReceive(listener: (text: string) => void): void;
}

/** The page's end of the channel. What main says before the page listens is kept for its first listener. */
export function createPageBridge(ipc: Pick<IpcRenderer, "send" | "on">): PageBridge {
  const listeners: ((text: string) => void)[] = [];
  const early: string[] = [];
  ipc.on(TO_PAGE, (_event, text: unknown) => {
    if (typeof text !== "string") return;
    if (listeners.length === 0) early.push(text);
    for (const listener of listeners) listener(text);
  });
  return {
    send: async (text) => {
      if (typeof text !== "string") throw new TypeError("Only text can be sent.");
      ipc.send(TO_MAIN, text);
    },
    onReceive: (listener) => {
      if (typeof listener !== "function") throw new TypeError("The listener must be a function.");
      listeners.push(listener);
      for (const text of early.splice(0)) listener(text);
    },
  };
}

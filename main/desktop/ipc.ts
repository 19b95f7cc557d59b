import type { IpcMainEvent, WebContents, WebFrameMain } from "electron";
import type { Channel } from "../protocol/rpc.ts";
import type { PageName } from "../host/page-files.ts";
import { pageOf } from "./pages.ts";

/** From the page to main, and back. */
export const TO_MAIN = "ferry:to-main";
export const TO_PAGE = "ferry:to-page";

/** In UTF-16 units. A message of Matrix is 64 kB at most, and a room's missed events come in batches. */
export const MAX_TEXT = 32 * 1024 * 1024;

export type Refusal = "wrong-sender" | "wrong-frame" | "wrong-origin" | "malformed";

type PageContents = Pick<WebContents, "send" | "isDestroyed" | "mainFrame"> & {
  ipc: { on(channel: string, listener: (event: IpcMainEvent, ...values: unknown[]) => void): unknown };
};

/** Why a message from a page is refused, or null. Only a page's own top frame, still on its own origin, may speak. */
export function refusalOf(
  event: { sender: unknown; senderFrame: Pick<WebFrameMain, "url"> | null },
  contents: Pick<PageContents, "mainFrame">,
  page: PageName,
  values: readonly unknown[],
): Refusal | null {
  if (event.sender !== contents) return "wrong-sender";
  if (event.senderFrame === null || event.senderFrame !== contents.mainFrame) return "wrong-frame";
  if (pageOf(event.senderFrame.url) !== page) return "wrong-origin";
  const [text] = values;
  return values.length === 1 && typeof text === "string" && text.length <= MAX_TEXT ? null : "malformed";
}

/**
 * The channel to a page. What the page says before somebody listens is kept for the first listener.
 *
 * @param refused told why, whenever a message is refused; never what it said
 */
export function createPageChannel(
  contents: PageContents,
  page: PageName,
  refused: (refusal: Refusal) => void,
): Channel {
  const listeners: ((text: string) => void)[] = [];
  const early: string[] = [];
  contents.ipc.on(TO_MAIN, (event, ...values) => {
    const refusal = refusalOf(event, contents, page, values);
    if (refusal !== null) {
      refused(refusal);
      return;
    }
    const text = values[0] as string;
    if (listeners.length === 0) early.push(text);
    for (const listener of listeners) listener(text);
  });
  return {
    send: (text) => {
      if (!contents.isDestroyed()) contents.send(TO_PAGE, text);
    },
    onReceive: (listener) => {
      listeners.push(listener);
      for (const text of early.splice(0)) listener(text);
    },
  };
}

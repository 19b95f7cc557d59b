import type { CDPSession } from "playwright-core";
import type { Channel } from "../protocol/rpc.ts";

/**
 * Text to and from a page over the browser's pipe, each way in order; what comes before anybody listens waits. The page
 * finds its end as `window.ferry`.
 */
export async function openChannel(session: CDPSession): Promise<Channel> {
  let listener: ((text: string) => void) | null = null;
  const early: string[] = [];
  session.on("Runtime.bindingCalled", ({ name, payload }) => {
    if (name !== "ferrySend") return;
    if (listener) listener(payload);
    else early.push(payload);
  });
  await session.send("Runtime.enable");
  await session.send("Runtime.addBinding", { name: "ferrySend" });
  await session.send("Page.enable");
  await session.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${installChannel.toString()})()` });
  return {
    send: async (text) => {
      const expression = `ferryReceive(${JSON.stringify(text)})`;
      const { exceptionDetails } = await session.send("Runtime.evaluate", { expression });
      if (exceptionDetails) throw new Error("The engine page did not take what main sent.");
    },
    onReceive: (next) => {
      listener = next;
      for (const text of early.splice(0)) next(text);
    },
  };
}

/** Runs in the page, before its own script. */
function installChannel(): void {
  const scope = globalThis as unknown as {
    ferrySend: (text: string) => void;
    ferryReceive(text: string): void;
    ferry: object;
  };
  const send = scope.ferrySend;
  const listeners: ((text: string) => void)[] = [];
  const early: string[] = [];
  scope.ferryReceive = (text) => {
    if (listeners.length === 0) early.push(text);
    for (const listener of listeners) listener(text);
  };
  scope.ferry = Object.freeze({
    send: async (text: string) => send(text),
    onReceive: (listener: (text: string) => void) => {
      listeners.push(listener);
      for (const text of early.splice(0)) listener(text);
    },
  });
}

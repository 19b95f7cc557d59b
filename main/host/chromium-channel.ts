import type { CDPSession } from "playwright-core";
import type { Channel } from "../protocol/rpc.ts";

/**
 * Text to and from a page over the browser's pipe, each way in order; what comes before anybody listens waits. The page
 * finds its end as `window.ferry`. Only the page's own document on `origin` is heard and spoken to: not a frame inside,
 * and not what comes in its place.
 */
export async function openChannel(session: CDPSession, origin: string): Promise<Channel> {
  let listener: ((text: string) => void) | null = null;
  const early: string[] = [];
  await session.send("Page.enable");
  const own = await watchDocument(session, origin);
  session.on("Runtime.bindingCalled", ({ name, payload, executionContextId }) => {
    if (name !== "ferrySend" || executionContextId !== own()?.id) return;
    if (listener) listener(payload);
    else early.push(payload);
  });
  await session.send("Runtime.addBinding", { name: "ferrySend" });
  await session.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${installChannel.toString()})()` });
  return {
    send: async (text) => {
      const uniqueContextId = own()?.uniqueId;
      if (uniqueContextId === undefined) throw new Error("The page is not there.");
      const expression = `ferryReceive(${JSON.stringify(text)})`;
      const { exceptionDetails } = await session.send("Runtime.evaluate", { expression, uniqueContextId });
      if (exceptionDetails) throw new Error("The page did not take what main sent.");
    },
    onReceive: (next) => {
      listener = next;
      for (const text of early.splice(0)) next(text);
    },
  };
}

/** The world in which the scripts of a page's own document run; null before it is there. */
async function watchDocument(
  session: CDPSession,
  origin: string,
): Promise<() => { id: number; uniqueId: string } | null> {
  let own: { id: number; uniqueId: string } | null = null;
  const { frameTree } = await session.send("Page.getFrameTree");
  session.on("Runtime.executionContextCreated", ({ context }) => {
    const { frameId, isDefault } = context.auxData as { frameId?: string; isDefault?: boolean };
    if (frameId === frameTree.frame.id && isDefault === true) own = context.origin === origin ? context : null;
  });
  session.on("Runtime.executionContextDestroyed", ({ executionContextUniqueId }) => {
    if (own?.uniqueId === executionContextUniqueId) own = null;
  });
  session.on("Runtime.executionContextsCleared", () => (own = null));
  await session.send("Runtime.enable");
  return () => own;
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

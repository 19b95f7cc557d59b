import { createHash } from "node:crypto";
import { copiedTransaction } from "../bridge/origin.ts";
import { isObject, type JsonObject } from "../matrix/event.ts";
import { isEventId, type EventId } from "../matrix/ids.ts";

/** Past this a homeserver may have forgotten a transaction id: the destination is looked at before it is sent again. */
export const TRANSACTION_MEMORY_MS = 30 * 60_000;

/** What a reaction shows, hashed: its target in the destination and its key. Equal ones share one copy there. */
export function reactionHashOf(target: EventId, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([target, key]))
    .digest("base64url");
}

/** A copy that stands in its destination already. Of a reaction its hash: its source may have been taken back since. */
export interface Found {
  eventId: EventId;
  reactionHash: string | null;
}

/** The user's own events in a room by the transaction ids in their markers. */
export function indexByTransaction(events: readonly { eventId: EventId; content: JsonObject }[]): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const { eventId, content } of events) {
    const transaction = copiedTransaction(content);
    if (transaction !== null) found.set(transaction, { eventId, reactionHash: hashOf(content["m.relates_to"]) });
  }
  return found;
}

function hashOf(relation: unknown): string | null {
  if (!isObject(relation) || relation["rel_type"] !== "m.annotation") return null;
  const { event_id: target, key } = relation;
  return isEventId(target) && typeof key === "string" ? reactionHashOf(target, key) : null;
}

/** One destination's line of copies. */
export class Line {
  done: Promise<void> = Promise.resolve();
  woken = false;
  /** The user's own events in the destination, by the transaction ids in their markers. */
  sent: { sinceTs: number; events: Map<string, Found> } | null = null;
  #wakeUp: (() => void) | null = null;

  wake(): void {
    this.woken = true;
    this.#wakeUp?.();
  }

  /** Sleeps, but not past `wake`. */
  async sleep(ms: number, running: () => boolean): Promise<void> {
    if (!running()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = null;
  }
}

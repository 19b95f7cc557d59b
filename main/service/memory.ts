import type { KnownCopy, Memory } from "../bridge/route.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";

const HOUR_MS = 3_600_000;

/**
 * What Ferry remembers, as far as routing asks for it.
 *
 * @param receivedTs when the events came that are to be routed, in milliseconds since 1970
 */
export function memoryOf(store: Store, account: UserId, receivedTs: number): Memory {
  const { catchUpHours } = store.settings.all;
  return {
    account,
    links: store.links.all(),
    oldestTs: catchUpHours === null ? null : receivedTs - catchUpHours * HOUR_MS,
    originOf: (roomId, eventId) => {
      const entry = store.ledger.origin(roomId, eventId) ?? copyUnderWay(store, roomId, eventId);
      if (!entry) return null;
      return { roomId: entry.sourceRoom, eventId: entry.sourceEvent, author: entry.author, kind: entry.kind };
    },
    seen: (roomId, eventId) => {
      const seen = store.inbound.get(roomId, eventId);
      return seen?.outcome === "before-link" ? null : seen;
    },
    copiesOf: (source): KnownCopy[] => [...store.ledger.sentFor(source), ...store.outbox.owedFor(source)],
    isCopy: (roomId, eventId) => store.ledger.origin(roomId, eventId) !== null,
    isUnderWay: (transactionId) => store.outbox.byTransaction(transactionId) !== null,
    copyIn: (sourceEvent, destination) => store.ledger.copyOfEvent(sourceEvent, destination),
    hasOptedOut: (link, user) => store.optOuts.has(link, user),
    isAsked: (code) => store.answers.isAsked(code),
  };
}

/** What a copy is of that has come back before its request was answered. */
function copyUnderWay(store: Store, roomId: RoomId, eventId: EventId): OutboxRow | null {
  const transactionId = store.inbound.get(roomId, eventId)?.transactionId;
  return transactionId ? store.outbox.byTransaction(transactionId) : null;
}

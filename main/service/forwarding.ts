import type { engineNotifications } from "../protocol/engine.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import type { Mirroring } from "./mirroring.ts";

type Methods = "events" | "known" | "decrypted" | "facts" | "read" | "rung" | "carrying";

/**
 * What the engine tells one part of mirroring alone.
 *
 * @param noteStore does what may fail because of the disk, and lets the engine know: it tells the same again
 */
export function forwarding(
  parts: () => Mirroring & { store: Store },
  noteStore: (write: () => void) => void,
): Pick<Handlers<typeof engineNotifications>, Methods> {
  return {
    events: async ({ roomId, events }) => {
      noteStore(() => parts().mirror.take(roomId, events));
      return {};
    },
    known: async ({ roomId, eventIds }) => ({ known: parts().store.inbound.known(roomId, eventIds) }),
    decrypted: async ({ event }) => {
      noteStore(() => parts().mirror.takeDecrypted(event));
      return {};
    },
    facts: async (facts) => {
      noteStore(() => parts().consents.take(facts));
      return {};
    },
    read: async ({ reads }) => {
      parts().reads.note(reads);
      return {};
    },
    rung: async (ring) => {
      parts().requests.rung(ring);
      return {};
    },
    carrying: async (progress) => {
      parts().largeFiles.note(progress);
      return {};
    },
  };
}

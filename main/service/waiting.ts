import type { Link } from "../bridge/link.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";

export const EVERYTHING_PAUSED = "Everything is paused. What waits follows as soon as Ferry goes on.";
const LINK_PAUSED = "The link is paused. What waits follows as soon as it goes on.";

/**
 * Why a row of the outbox waits or has failed, as a sentence: what holds up all of its room before what its last try came
 * to. Null where it only waits for its turn.
 */
export function reasonOf(store: Store, row: OutboxRow): string | null {
  if (row.state === "failed") return row.reason;
  if (store.settings.all.everythingPaused) return EVERYTHING_PAUSED;
  const link = store.links.find(row.linkId);
  return (link === null ? null : heldUp(link, row)) ?? row.reason;
}

function heldUp(link: Link, { kind, sourceRoom, destination }: OutboxRow): string | null {
  if (link.state === "paused" && kind !== "notice") return LINK_PAUSED;
  const there = link.rooms.find(({ roomId }) => roomId === destination);
  if (typeof there?.suspended === "string") return there.suspended;
  // What is told and what is taken back needs nobody's consent.
  if (kind === "notice" || kind === "redaction") return null;
  const here = link.rooms.find(({ roomId }) => roomId === sourceRoom);
  return there?.gap?.sentence ?? here?.gap?.sentence ?? null;
}

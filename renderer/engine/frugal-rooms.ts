import type { Room } from "matrix-js-sdk/lib/models/room.js";

/** What the SDK does and keeps for clients that show rooms, and Ferry does not need. */

/** Timeline events of a room that the SDK keeps in memory. */
const KEPT_EVENTS = 40;

/**
 * The SDK decrypts whatever comes in any room since one's last read receipt, for previews and counts that Ferry does not
 * show. What Ferry copies it decrypts itself.
 */
export function decryptOnDemand(room: Room): void {
  room.decryptCriticalEvents = async () => undefined;
}

/**
 * Lets go of a room's older events. The SDK keeps what it has seen for as long as it runs, and Ferry runs for weeks;
 * what Ferry still needs of an event it holds itself.
 */
export function trim(room: Room): void {
  const timeline = room.getLiveTimeline();
  if (timeline.getEvents().length <= KEPT_EVENTS) return;
  room.resetLiveTimeline(null, null);
  // Relations outlive their timeline in the SDK; nothing else empties this map.
  (room.relations as unknown as { relations: Map<string, unknown> }).relations.clear();
}

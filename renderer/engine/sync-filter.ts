import type { IFilterDefinition } from "matrix-js-sdk/lib/filter.js";
import { STATE_TYPES } from "./facts.ts";
import { FULLY_READ } from "./read-markers.ts";

/** Timeline events of a room that `/sync` gives at once; more than these is a gap, which is read back. */
const TIMELINE_LIMIT = 20;

/** What `/sync` is asked for: little of each room, so that those that are in no link cost next to nothing. */
export function syncFilter(): IFilterDefinition {
  return {
    presence: { types: [] },
    account_data: { types: ["m.secret_storage.*", "m.cross_signing.*", "m.megolm_backup.v1", "m.push_rules"] },
    room: {
      timeline: { limit: TIMELINE_LIMIT, lazy_load_members: true },
      state: { types: [...STATE_TYPES, "m.room.avatar"], lazy_load_members: true },
      ephemeral: { types: [] },
      account_data: { types: [FULLY_READ] },
    },
  };
}

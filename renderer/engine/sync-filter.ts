import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { Filter, type IFilterDefinition } from "matrix-js-sdk/lib/filter.js";
import type { RoomId } from "../../main/matrix/ids.ts";
import { STATE_TYPES } from "./facts.ts";
import { FULLY_READ, RECEIPT } from "./reads.ts";

/** Timeline events of a room that `/sync` gives at once; more than these is a gap, which is read back. */
const TIMELINE_LIMIT = 20;

/** The first request has the filter in its address, which not every server in front of a homeserver takes at any length. */
const MOST_ROOMS = 100;

/** What `/sync` is asked for: little of each room, so that those that are in no link cost next to nothing. */
export class SyncFilter {
  readonly #client: MatrixClient;
  /** Whose receipts come too. */
  readonly #rooms: Set<RoomId>;
  /** The filter in place of the one that the SDK began with; null while that one is right. */
  #id: string | null = null;

  /** @param rooms that will be watched: their receipts come with the first synchronisation */
  constructor(client: MatrixClient, rooms: readonly RoomId[]) {
    this.#client = client;
    this.#rooms = new Set(rooms.slice(0, MOST_ROOMS));
  }

  /** For the SDK to begin with. */
  get first(): Filter {
    return Filter.fromJson(this.#client.getSafeUserId(), "ferry", this.#definition([...this.#rooms]));
  }

  /** The address of a request of the SDK, for what is wanted by now. */
  applyTo(url: URL): URL {
    if (this.#id !== null && url.searchParams.has("since")) url.searchParams.set("filter", this.#id);
    return url;
  }

  /** The receipts of a room are wanted as well, for as long as the session lasts. @returns whether `renew` is needed */
  add(room: RoomId): boolean {
    if (this.#rooms.has(room) || this.#rooms.size >= MOST_ROOMS) return false;
    this.#rooms.add(room);
    return true;
  }

  /** From the next request on `/sync` is asked for what is wanted now. */
  async renew(): Promise<true> {
    const rooms = [...this.#rooms];
    const { filterId } = await this.#client.createFilter(this.#definition(rooms));
    // Where more has been added meanwhile, whoever has added it sees to that.
    if (rooms.length === this.#rooms.size) this.#id = filterId ?? null;
    return true;
  }

  #definition(rooms: RoomId[]): IFilterDefinition {
    return {
      presence: { types: [] },
      account_data: { types: ["m.secret_storage.*", "m.cross_signing.*", "m.megolm_backup.v1", "m.push_rules"] },
      room: {
        timeline: { limit: TIMELINE_LIMIT, lazy_load_members: true },
        state: { types: [...STATE_TYPES, "m.room.avatar"], lazy_load_members: true },
        ephemeral: rooms.length === 0 ? { types: [] } : { types: [RECEIPT], rooms },
        account_data: { types: [FULLY_READ] },
      },
    };
  }
}

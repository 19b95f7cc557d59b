import type { Link } from "../../main/bridge/link.ts";
import type { LinkId, RoomId, UserId } from "../../main/matrix/ids.ts";
import { NO_LINK_SETTINGS } from "../../main/matrix/link-settings.ts";

export const LINK = "link" as LinkId;

/** An active two-way link, but for what is said to be otherwise. */
export function linkBetween(rooms: readonly RoomId[], other: Partial<Link> = {}): Link {
  return {
    ...{
      id: LINK,
      name: "Link",
      direction: "two-way",
      state: "active",
      termsHash: "terms",
      createdTs: 1,
      replaces: null,
      tells: [],
    },
    carrier: "@me:one.test" as UserId,
    settings: NO_LINK_SETTINGS,
    rooms: rooms.map((roomId) => ({ roomId, name: roomId, encrypted: true, suspended: null, gap: null })),
    ...other,
  };
}

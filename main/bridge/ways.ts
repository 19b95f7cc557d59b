import type { FilterReason, SkipReason } from "../matrix/codes.ts";
import type { SourceEvent } from "../matrix/event.ts";
import type { LinkId, RoomId } from "../matrix/ids.ts";
import { filterOf } from "../matrix/link-settings.ts";
import { filtered } from "./filter.ts";
import { destinationsOf, isOpen, type Link } from "./link.ts";
import { peopleOf } from "./room-change.ts";
import type { Memory } from "./route.ts";

/**
 * How much older than a link an event may be by its homeserver's clock and still be newer, in milliseconds. Events from
 * before a link are known as such; this holds should that ever fail, for a room's history is never poured out.
 */
const CLOCK_SLACK_MS = 24 * 3_600_000;

/** Destination rooms, each with the link that leads there first: several links that cover one way count once. */
export type Ways = ReadonlyMap<RoomId, LinkId>;

/** Links that lead from the room and do not carry an event, or not everywhere, whatever it says; and why. */
export type LeftOut = ReadonlyMap<LinkId, "no-consent" | Refusal>;

/** Why one link does not carry an event, whatever its rooms agree to. */
type Refusal = "opted-out" | FilterReason;

/**
 * The ways that lead out of a room.
 *
 * @param writtenTs when what is to go there was written, by its homeserver: no earlier than the link
 * @param gaps whether only those that both rooms agree to
 */
export function waysFrom(
  source: RoomId,
  writtenTs: number,
  links: readonly Link[],
  gaps: "heeded" | "ignored" = "ignored",
): Ways {
  const ways = new Map<RoomId, LinkId>();
  for (const link of links) {
    if (link.state === "starting" || writtenTs < link.createdTs - CLOCK_SLACK_MS) continue;
    for (const room of destinationsOf(link, source)) {
      if (!ways.has(room) && (gaps === "ignored" || isOpen(link, source, room))) ways.set(room, link.id);
    }
  }
  return ways;
}

/**
 * The ways that an event may go: those to which both rooms agree, by links that its sender has not opted out of and whose
 * filters let it pass. Where none is left, `closed` says why.
 */
export function openWays(
  event: SourceEvent,
  memory: Pick<Memory, "links" | "hasOptedOut">,
): { open: Ways; left: LeftOut; closed: SkipReason | null } {
  const { roomId, originServerTs } = event;
  const leading = memory.links.filter((link) => waysFrom(roomId, originServerTs, [link]).size > 0);
  const refusals = new Map(leading.map((link) => [link.id, refusalBy(link, event, memory)]));
  const willing = leading.filter(({ id }) => refusals.get(id) === null);
  const open = waysFrom(roomId, originServerTs, willing, "heeded");
  const left = new Map<LinkId, "no-consent" | Refusal>();
  for (const link of leading) {
    for (const room of waysFrom(roomId, originServerTs, [link]).keys()) {
      if (!open.has(room)) left.set(link.id, refusals.get(link.id) ?? "no-consent");
    }
  }
  if (open.size > 0) return { open, left, closed: null };
  const agreed = leading.find((link) => waysFrom(roomId, originServerTs, [link], "heeded").size > 0);
  return { open, left, closed: (agreed && refusals.get(agreed.id)) ?? "no-consent" };
}

function refusalBy(link: Link, event: SourceEvent, memory: Pick<Memory, "hasOptedOut">): Refusal | null {
  if (peopleOf(event).some((user) => memory.hasOptedOut(link.id, user))) return "opted-out";
  return filtered(event, filterOf(link.settings, event.roomId));
}

import type { RoomSummary } from "../../main/matrix/event.ts";
import type { EventId, LinkId, UserId } from "../../main/matrix/ids.ts";
import { linkView, type LinkDetail, type LinkView, type MessageView } from "../../main/protocol/control.ts";
import { fakeDetail } from "./fake-control.ts";
import { ANA, JO, KITCHEN, WORKSHOP } from "./fake-plans.ts";

/** One link with all that is shown of it, made up as main would answer. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What is said of a large file that is under way. */
export const CARRYING = "Carrying a file of 100 MB: 40 % fetched";

type Side = LinkDetail["rooms"][number];
type Consent = LinkDetail["consents"][number];
type Asked = LinkDetail["proposals"][number];
type Destination = MessageView["destinations"][number];

/** A room's side of a link. @param gap a code and what main says of it */
export function side(room: Pick<RoomSummary, "roomId" | "name">, changes: Partial<Side> = {}): Side {
  const { roomId, name } = room;
  return { roomId, name, encrypted: true, role: "both", suspended: null, gap: null, ...changes };
}

export function agreed(room: Pick<RoomSummary, "roomId" | "name">, changes: Partial<Consent> = {}): Consent {
  return {
    ...{ roomId: room.roomId, roomName: room.name, approver: "@me:example.org" as UserId, way: "own" },
    ...{ eventId: "$agreed" as EventId, power: 100, required: 50, givenTs: Date.now() - 20 * DAY },
    tells: [],
    ...{ terms: "f0Zb4nUQ6JwYF3o8rXyyS2mXkq5QF0cZyQkQ1oJt0aE", endedTs: null, endedReason: null },
    audience: [`“${room.name}” has 16 members; nobody may join without an invitation; it is encrypted.`],
    ...changes,
  };
}

/** What the admins of a room have been asked, two days ago. */
export function asked(room: Pick<RoomSummary, "roomId" | "name">, changes: Partial<Asked> = {}): Asked {
  return {
    ...{ roomId: room.roomId, roomName: room.name, code: "K7QF2MXA", state: "open", remark: null },
    ...{ sentTs: Date.now() - 2 * DAY, expiresTs: Date.now() + 12 * DAY },
    ...changes,
  };
}

/** A link of Kitchen and Workshop that goes well. */
export function familyLink(changes: Partial<LinkDetail> = {}): LinkDetail {
  return fakeDetail({
    ...{ id: "family" as LinkId, name: "Family", createdTs: Date.now() - 20 * DAY },
    ...{ copied: 1208, lastCopyTs: Date.now() - 240_000, rooms: [side(KITCHEN), side(WORKSHOP)] },
    consents: [agreed(KITCHEN), agreed(WORKSHOP, { approver: JO, way: "reply" })],
    ...changes,
  });
}

/** The same link as it stands in the list of links. */
export function listView(link: LinkDetail): LinkView {
  return linkView.parse(link);
}

/** What became of a message on its way to one room. */
export function delivery(
  room: Pick<RoomSummary, "roomId">,
  mark: Destination["mark"],
  changes: Partial<Destination> = {},
): Destination {
  return { roomId: room.roomId, mark, reason: null, skipped: null, outboxId: null, ...changes };
}

/** A message from Kitchen, so many minutes old, marked as its first destination is. */
export function message(
  minutes: number,
  destinations: readonly Destination[],
  changes: Partial<MessageView> = {},
): MessageView {
  return {
    ...{ roomId: KITCHEN.roomId, eventId: `$message${minutes}`, sender: ANA, kind: "copy" },
    ...{ receivedTs: Date.now() - minutes * MINUTE, mark: destinations[0]?.mark ?? "left-out" },
    ...{ skipped: null, destinations: [...destinations] },
    ...changes,
  };
}

/** The last messages of a link that goes well. */
export function copiedMessages(): MessageView[] {
  return [
    message(4, [delivery(WORKSHOP, "copied")]),
    message(52, [delivery(WORKSHOP, "copied")], { kind: "reaction" }),
  ];
}

/** The newest messages of the family's link, one with each mark; what failed is 7 in the outbox. */
export function messagesOfEachMark(reason = "The server refused it."): MessageView[] {
  return [
    message(1, [delivery(WORKSHOP, "waiting")]),
    message(4, [delivery(WORKSHOP, "copied")], { kind: "reaction" }),
    message(9, [delivery(WORKSHOP, "failed", { reason, outboxId: 7 })]),
    message(16, [delivery(WORKSHOP, "left-out", { skipped: "opted-out" })], { skipped: "opted-out" }),
  ];
}

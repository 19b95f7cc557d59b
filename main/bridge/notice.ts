import type { JsonObject } from "../matrix/event.ts";
import type { LinkId, UserId } from "../matrix/ids.ts";
import { NOTICE } from "../matrix/unstable.ts";
import { cleanLabel } from "./attribution.ts";
import { defuseRoomMention, oneLine } from "./text.ts";
import type { Content } from "./transform.ts";

/** What the disclosure notice in one room of a link says. */
export interface NoticeInput {
  /** Whose Ferry carries the messages. */
  account: UserId;
  link: LinkId;
  linkName: string;
  /** Name of the room that the notice is for. */
  thisRoom: string;
  /** Names of the rooms at the other ends. */
  otherRooms: string[];
  /** As seen from this room: both ways, only from here to the others, or only from the others to here. */
  direction: "two-way" | "to" | "from";
  /** Marker fields, to be spread into the content. */
  marker: JsonObject;
}

/** How many rooms are named; the rest is counted. */
const ROOM_LIMIT = 10;

const OPT_OUT = "!ferry optout";
const OPT_IN = "!ferry optin";
const STOP = "!ferry stop";

/** The notice at the start of a link: who mirrors what to whom, and how to keep one's own messages out of it. */
export function startNotice(input: NoticeInput): Content {
  const flow = {
    "two-way": `the messages in ${here(input)} to ${there(input)} from now on, and the messages there to this room`,
    to: `the messages in ${here(input)} to ${there(input)} from now on`,
    from: `the messages in ${there(input)} to ${here(input)} from now on`,
  }[input.direction];
  // Into a room from which nothing goes out nobody has anything to object to.
  const objection = input.direction === "from" ? "" : ` To keep your own messages out, write “${OPT_OUT}”.`;
  const end = ` An admin of this room can end it by “${STOP}”.`;
  return notice(input, "start", `${shownUser(input.account)} mirrors ${flow}, with ${link(input)}.${objection}${end}`);
}

/** The notice at the end of a link. */
export function endNotice(input: NoticeInput): Content {
  const flow = {
    "two-way": `Messages in ${here(input)} are no longer mirrored to ${there(input)}, nor messages there to here.`,
    to: `Messages in ${here(input)} are no longer mirrored to ${there(input)}.`,
    from: `Messages in ${there(input)} are no longer mirrored to ${here(input)}.`,
  }[input.direction];
  return notice(input, "end", `${flow} ${shownUser(input.account)} carried them with ${link(input)}.`);
}

/** What confirms a member's wish, in the room where they wrote it. */
export interface ConfirmationInput {
  link: LinkId;
  member: UserId;
  marker: JsonObject;
}

/**
 * Confirms to an admin that a link has been ended for the room.
 *
 * @param input.linkName the link's; null where it was all of the room's links
 */
export function stopNotice(input: ConfirmationInput & { linkName: string | null }): Content {
  const which = input.linkName === null ? "" : ` for the link “${cleanLabel(input.linkName, input.link)}”`;
  const body = `Nothing more is copied out of this room or into it${which}, ${shownUser(input.member)}.`;
  return notice(input, "stop", body);
}

/** Confirms that a member's messages are left out of the room's links from now on, or that they are not any more. */
export function optionNotice(input: ConfirmationInput, option: "opt-out" | "opt-in"): Content {
  const member = shownUser(input.member);
  const body = {
    "opt-out": `Ferry leaves your messages out from now on, ${member}. To undo this, write: ${OPT_IN}`,
    "opt-in": `Ferry mirrors your messages again from now on, ${member}. To undo this, write: ${OPT_OUT}`,
  }[option];
  return notice(input, option, body);
}

type NoticeEvent = "start" | "end" | "opt-out" | "opt-in" | "stop";

function notice(input: { link: LinkId; marker: JsonObject }, event: NoticeEvent, body: string): Content {
  const content: JsonObject = {
    ...input.marker,
    msgtype: "m.notice",
    body,
    "m.mentions": {},
    [NOTICE]: { version: 1, link: input.link, event },
  };
  return { type: "m.room.message", content };
}

function shownUser(user: UserId): string {
  return defuseRoomMention(oneLine(user));
}

function link(input: NoticeInput): string {
  return `Ferry (link “${cleanLabel(input.linkName, input.link)}”)`;
}

function here(input: NoticeInput): string {
  return `this room (${quoted(input.thisRoom)})`;
}

function there(input: NoticeInput): string {
  const named = input.otherRooms.slice(0, ROOM_LIMIT).map(quoted);
  const rest = input.otherRooms.length - named.length;
  if (rest > 0) named.push(rest === 1 ? "1 other room" : `${rest} other rooms`);
  const last = named.pop() ?? "no other room";
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}

function quoted(room: string): string {
  return `“${cleanLabel(room, "a room without a name")}”`;
}

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

/** The notice at the start of a link: who mirrors what to whom. */
export function startNotice(input: NoticeInput): Content {
  const flow = {
    "two-way": `Messages in ${here(input)} are mirrored to ${there(input)} from now on, and messages there are mirrored here.`,
    to: `Messages in ${here(input)} are mirrored to ${there(input)} from now on.`,
    from: `Messages in ${there(input)} are mirrored to ${here(input)} from now on.`,
  }[input.direction];
  return notice(input, "start", `${flow} ${account(input)} carries them with ${link(input)}.`);
}

/** The notice at the end of a link. */
export function endNotice(input: NoticeInput): Content {
  const flow = {
    "two-way": `Messages in ${here(input)} are no longer mirrored to ${there(input)}, nor messages there to here.`,
    to: `Messages in ${here(input)} are no longer mirrored to ${there(input)}.`,
    from: `Messages in ${there(input)} are no longer mirrored to ${here(input)}.`,
  }[input.direction];
  return notice(input, "end", `${flow} ${account(input)} carried them with ${link(input)}.`);
}

function notice(input: NoticeInput, event: "start" | "end", body: string): Content {
  const content: JsonObject = {
    ...input.marker,
    msgtype: "m.notice",
    body,
    "m.mentions": {},
    [NOTICE]: { version: 1, link: input.link, event },
  };
  return { type: "m.room.message", content };
}

function account(input: NoticeInput): string {
  return defuseRoomMention(oneLine(input.account));
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

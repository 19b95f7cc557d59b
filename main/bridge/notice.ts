import type { JsonObject } from "../matrix/event.ts";
import type { LinkId, UserId } from "../matrix/ids.ts";
import type { ToldChange } from "../matrix/told-changes.ts";
import { NOTICE } from "../matrix/unstable.ts";
import { defuseRoomMention, oneLine } from "./text.ts";
import { quotedName, quotedRoom, roomList } from "./texts/names.ts";
import { textsIn, type Language, type NoticeWords, type Way } from "./texts/texts.ts";
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
  direction: Way;
  /** What is told of a room besides messages. */
  tells: readonly ToldChange[];
  language: Language;
  /** Marker fields, to be spread into the content. */
  marker: JsonObject;
}

/** The notice at the start of a link: who mirrors what to whom, and how to keep one's own messages out of it. */
export function startNotice(input: NoticeInput): Content {
  return notice(input, "start", textsIn(input.language).notices.start(wordsOf(input)));
}

/** The notice at the end of a link. */
export function endNotice(input: NoticeInput): Content {
  return notice(input, "end", textsIn(input.language).notices.end(wordsOf(input)));
}

/** What confirms a member's wish, in the room where they wrote it. */
export interface ConfirmationInput {
  link: LinkId;
  member: UserId;
  language: Language;
  marker: JsonObject;
}

/**
 * Confirms to an admin that a link has been ended for the room.
 *
 * @param input.linkName the link's; null where it was all of the room's links
 */
export function stopNotice(input: ConfirmationInput & { linkName: string | null }): Content {
  const texts = textsIn(input.language);
  const link = input.linkName === null ? null : quotedName(input.linkName, input.link, texts);
  return notice(input, "stop", texts.notices.stop(shownUser(input.member), link));
}

/** Confirms that a member's messages are left out of the room's links from now on, or that they are not any more. */
export function optionNotice(input: ConfirmationInput, option: "opt-out" | "opt-in"): Content {
  const { notices } = textsIn(input.language);
  const member = shownUser(input.member);
  return notice(input, option, option === "opt-out" ? notices.optOut(member) : notices.optIn(member));
}

type NoticeEvent = "start" | "end" | "opt-out" | "opt-in" | "stop" | "votes";

/** Something that Ferry says in its own name. */
export function notice(input: { link: LinkId; marker: JsonObject }, event: NoticeEvent, body: string): Content {
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

function wordsOf(input: NoticeInput): NoticeWords {
  const texts = textsIn(input.language);
  return {
    carrier: shownUser(input.account),
    way: input.direction,
    here: quotedRoom(input.thisRoom, texts),
    there: roomList(input.otherRooms, texts),
    tells: input.tells,
    link: quotedName(input.linkName, input.link, texts),
  };
}

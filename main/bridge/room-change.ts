import type { SourceEvent } from "../matrix/event.ts";
import { isEventId, isUserId, type EventId, type UserId } from "../matrix/ids.ts";
import { TOLD_TYPES } from "../matrix/told-changes.ts";
import { cleanLabel } from "./attribution.ts";
import type { Link } from "./link.ts";
import { isLiveLocation } from "./live-location.ts";
import { quotedName, quotedPerson, quotedRoom } from "./texts/names.ts";
import type { ChangeWords, Texts } from "./texts/texts.ts";

/**
 * What a state event changes in its room, where a link can tell of it (`Terms.tells`). It comes as state, never encrypted,
 * and is told in words, in the name of whoever made it.
 */
export type RoomChange =
  | { kind: "members"; what: "joined" | "left" | "removed" | "banned"; member: UserId }
  /** `text`: null where there is none any more. */
  | { kind: "name"; what: "name" | "topic"; text: string | null }
  | { kind: "pins"; pinned: EventId };

/** How many characters of a topic are told. */
const TOPIC_LIMIT = 140;

/**
 * Reads a change; null where the event is none that is ever told: invitations, other names and pictures of people, what is
 * as it was, and what is pinned no more. What stood there before has to be known.
 */
export function readChange(event: SourceEvent): RoomChange | null {
  const kind = TOLD_TYPES.get(event.type);
  if (kind === undefined || event.previousContent === undefined) return null;
  if (kind === "members") return readMember(event);
  if (event.stateKey !== "") return null;
  return kind === "pins" ? readPins(event) : readText(event, event.type === "m.room.topic" ? "topic" : "name");
}

function readMember({ sender, stateKey, content, previousContent }: SourceEvent): RoomChange | null {
  if (!isUserId(stateKey)) return null;
  const { membership } = content;
  const wasIn = previousContent?.["membership"] === "join";
  const isOwn = sender === stateKey;
  const told = (what: "joined" | "left" | "removed" | "banned"): RoomChange => ({
    kind: "members",
    what,
    member: stateKey,
  });
  if (membership === "join") return wasIn || !isOwn ? null : told("joined");
  if (!wasIn) return null;
  if (membership === "ban") return told("banned");
  return membership === "leave" ? told(isOwn ? "left" : "removed") : null;
}

function readText({ content, previousContent }: SourceEvent, what: "name" | "topic"): RoomChange | null {
  const shown = (value: unknown): string => (typeof value === "string" ? cleanLabel(value, "", TOPIC_LIMIT) : "");
  const text = shown(content[what]);
  return text === shown(previousContent?.[what]) ? null : { kind: "name", what, text: text === "" ? null : text };
}

/** Of several messages that have been pinned at once the last. */
function readPins({ content, previousContent }: SourceEvent): RoomChange | null {
  const pinnedIn = (value: unknown): EventId[] => (Array.isArray(value) ? value.filter(isEventId) : []);
  const before = new Set(pinnedIn(previousContent?.["pinned"]));
  const pinned = pinnedIn(content["pinned"]).findLast((eventId) => !before.has(eventId));
  return pinned === undefined ? null : { kind: "pins", pinned };
}

/** Whether a state event is told in words: as a change of its room, or because it says that a live location begins or ends. */
export function isToldState(event: SourceEvent): boolean {
  return isLiveLocation(event) || readChange(event) !== null;
}

/** The links that carry an event of this sort at all: of a change those that have begun and tell of such. */
export function carryingLinks<Carrier extends Pick<Link, "state" | "tells">>(
  event: SourceEvent,
  links: readonly Carrier[],
): readonly Carrier[] {
  const change = readChange(event);
  return change === null
    ? links
    : links.filter(({ state, tells }) => state !== "starting" && tells.includes(change.kind));
}

/** Whose event it is: the sender's, and where somebody has been removed, theirs as well. */
export function peopleOf(event: SourceEvent): UserId[] {
  const change = readChange(event);
  return change?.kind === "members" && change.member !== event.sender ? [event.sender, change.member] : [event.sender];
}

/** What a change says that somebody has written. */
export function textsOfChange(change: RoomChange, { memberName }: SourceEvent): string[] {
  if (change.kind === "members") return memberName === undefined ? [] : [memberName];
  return change.kind === "name" && change.text !== null ? [change.text] : [];
}

/** A change as a message that says it; anything else as it is. @param room what the link calls the event's room */
export function changeInWords(event: SourceEvent, texts: Texts, room: string): SourceEvent {
  const change = readChange(event);
  if (change === null) return event;
  const body = texts.change(wordsOf(change, event, texts), quotedRoom(room, texts));
  const content = { msgtype: "m.notice", body, "m.mentions": {} };
  return { ...event, type: "m.room.message", stateKey: undefined, content };
}

function wordsOf(change: RoomChange, { memberName }: SourceEvent, texts: Texts): ChangeWords {
  switch (change.kind) {
    case "members":
      return { what: change.what, member: quotedPerson(memberName ?? change.member, change.member, texts) };
    case "name":
      return { what: change.what, text: change.text === null ? null : quotedName(change.text, "", texts, TOPIC_LIMIT) };
    case "pins":
      return { what: "pinned" };
  }
}

import type { UserId } from "../../matrix/ids.ts";
import { cleanLabel, cleanName } from "../attribution.ts";
import type { Texts } from "./texts.ts";

/** Room and network names in sentences. They are hostile: whatever they are, they stay names. */

/** How many rooms and networks are named; the rest is counted. */
const ROOM_LIMIT = 10;
const NETWORK_LIMIT = 5;

/** A name between quotation marks of which it can have none itself: it must not look like the sentence around it. */
export function quotedName(name: string, otherwise: string, texts: Texts, limit?: number): string {
  return quoted(cleanLabel(name, otherwise, limit), texts);
}

/** Somebody's name in a sentence about them. */
export function quotedPerson(name: string, user: UserId, texts: Texts): string {
  return quoted(cleanName(name, user), texts);
}

function quoted(clean: string, texts: Texts): string {
  return texts.quoted(clean.replace(/[“”„‟]/g, '"'));
}

export function quotedRoom(name: string, texts: Texts): string {
  return quotedName(name, texts.namelessRoom, texts);
}

/** Several rooms in a sentence. */
export function roomList(names: readonly string[], texts: Texts): string {
  const named = names.slice(0, ROOM_LIMIT).map((name) => quotedRoom(name, texts));
  return texts.rooms(named, names.length - named.length);
}

/** Several networks in a sentence, each once. */
export function networkList(names: readonly string[], texts: Texts): string {
  const distinct = [...new Set(names.map((name) => quotedName(name, texts.namelessNetwork, texts)))];
  const named = distinct.slice(0, NETWORK_LIMIT);
  return texts.networks(named, distinct.length - named.length);
}

import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { UserId } from "../matrix/ids.ts";
import { writeFileReference, type FileReference } from "../matrix/media.ts";
import { attributedName, type AttributionTemplate } from "../matrix/link-settings.ts";
import { PER_MESSAGE_PROFILE, PROFILE_FALLBACK_ATTRIBUTE } from "../matrix/unstable.ts";
import { cut, defuseRoomMention, escapeHtml, wellFormed } from "./text.ts";
import type { CopyTexts } from "./texts/texts.ts";

/** Who wrote what a copy says, where that is not the account that sends the copy. */
export interface Attribution {
  /** Safe to show: one line, nothing invisible, no "@room". */
  name: string;
  /** Opaque to others; the same for everything that the same person writes. */
  id: string;
}

/** A per-message profile of a source event, as it came. */
export interface Profile {
  id: string;
  /** Null where the sender's ordinary name holds. */
  displayName: string | null;
  hasFallback: boolean;
}

/** How a link names people. */
export interface Naming {
  template: AttributionTemplate;
  /** What the link calls the room that they write in. */
  room: string;
}

/** How many characters of a name are shown. */
const NAME_LIMIT = 60;

/** Invisible in a name, or without meaning: control, format and private characters, and fillers. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** More marks on one letter than any script needs: they would cover the lines around. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

/** A name without any of these shows nothing. */
const SHOWS = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** The name under which MSC4144 will be stable; read already, not yet written. */
const STABLE_PROFILE = "m.per_message_profile";

/**
 * Makes a name safe to show among other people's names. Names are hostile: they may hide characters, reverse what
 * follows, span lines or try to look like somebody else's.
 *
 * @param sender whose name it is; stands in where nothing of the name is left, and stays whole where it is part of
 *   the name, because it is what tells two people of the same name apart
 */
export function cleanName(name: string, sender: UserId): string {
  const suffix = ` (${sender})`;
  const isDisambiguated = name.endsWith(suffix);
  const shown = cut(visible(isDisambiguated ? name.slice(0, -suffix.length) : name), NAME_LIMIT);
  if (shown === "" || name === sender) return defuseRoomMention(visible(sender));
  return defuseRoomMention(isDisambiguated ? shown + visible(suffix, false) : shown);
}

/** Makes the name of something that has no user id (a room, a link, a quoted person) safe to show. @param limit in characters */
export function cleanLabel(name: string, otherwise: string, limit = NAME_LIMIT): string {
  const shown = cut(visible(name), limit);
  return shown === "" ? otherwise : defuseRoomMention(shown);
}

/** Reads an event's per-message profile (MSC4144); null where it has none. */
export function readProfile(content: JsonObject): Profile | null {
  const profile = content[PER_MESSAGE_PROFILE] ?? content[STABLE_PROFILE];
  if (!isObject(profile)) return null;
  const { id, displayname, has_fallback: hasFallback } = profile;
  return {
    id: typeof id === "string" ? id : "",
    displayName: typeof displayname === "string" && displayname !== "" ? displayname : null,
    hasFallback: hasFallback === true,
  };
}

/**
 * Who has to be named in the copy of an event: nobody for the user's own messages. A person whom the sender speaks
 * for is named together with the sender, so that nobody can pass for somebody else. What the name says is the profile's
 * and the readable one's alike: clients that know the profile leave out exactly that.
 */
export function attribute(
  event: SourceEvent,
  profile: Profile | null,
  account: UserId,
  texts: Pick<CopyTexts, "via">,
  { template, room }: Naming,
): Attribution | null {
  const shown = { room: cleanLabel(room, ""), sender: defuseRoomMention(visible(event.sender)) };
  const sender = attributedName(template, { name: cleanName(event.senderName, event.sender), ...shown });
  const person = profile?.displayName ? cleanLabel(profile.displayName, "") : "";
  if (profile !== null && person !== "") {
    const id = cut(wellFormed(profile.id), NAME_LIMIT);
    return { name: texts.via(person, sender), id: `${event.sender}/${id || person}` };
  }
  return event.sender === account ? null : { name: sender, id: event.sender };
}

/** The content field that tells clients whom to show (MSC4144). */
export function writeProfile({ id, name }: Attribution, avatar: FileReference | null): JsonObject {
  const picture = avatar === null ? {} : writeFileReference("avatar_", avatar);
  return { [PER_MESSAGE_PROFILE]: { id, displayname: name, has_fallback: true, ...picture } };
}

/** The readable name before a body. Clients that know the profile remove exactly this, so it must lead the body. */
export function bodyPrefix(attribution: Attribution): string {
  return `${attribution.name}: `;
}

/** Puts the readable name before HTML, into its first paragraph where it begins with one. */
export function prefixHtml(html: string, attribution: Attribution): string {
  const name = `<strong ${PROFILE_FALLBACK_ATTRIBUTE}>${escapeHtml(bodyPrefix(attribution))}</strong>`;
  return html.startsWith("<p>") ? `<p>${name}${html.slice("<p>".length)}` : name + html;
}

/** Removes the readable name that a source event's body carries for its own profile. */
export function stripProfileFallback(body: string, profile: Profile | null): string {
  if (!profile?.hasFallback || profile.displayName === null) return body;
  const prefix = `${profile.displayName}: `;
  return body.startsWith(prefix) ? body.slice(prefix.length) : body;
}

function visible(text: string, trim = true): string {
  const shown = text.replace(/\s/g, " ").replace(HIDDEN, "").replace(PILED_MARKS, "$1").replace(/ +/g, " ");
  if (!SHOWS.test(shown)) return "";
  return trim ? shown.trim() : shown;
}

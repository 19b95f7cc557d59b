import type { FilterReason } from "../matrix/codes.ts";
import { isObject, type Json, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { UserId } from "../matrix/ids.ts";
import type { Filter, FilteredKind } from "../matrix/link-settings.ts";
import { MEDIA_SPOILER_REASON } from "../matrix/unstable.ts";
import { isEdit, readMessage, unsupported } from "./kinds/all.ts";
import { peopleOf, readChange, textsOfChange } from "./room-change.ts";
import { isPollEnd, isPollResponse, referencedEvent } from "./poll.ts";
import { holdsAny } from "./word-list.ts";
import { cleanWords } from "./words.ts";

/**
 * Why a link's filter keeps an event in its room; null where it lets it pass. Of a message whose key is missing only who
 * wrote it, and where, can be told: it is judged again when it has been decrypted. Redactions are not asked about. Of a
 * change of the room people and words count: it is no message of any kind.
 */
export function filtered(event: SourceEvent, filter: Filter): FilterReason | null {
  if (peopleOf(event).some((user) => isKeptOut(user, filter))) return "filtered-sender";
  const change = readChange(event);
  if (change !== null) return holdsAny(textsOfChange(change, event), filter.withoutWords) ? "filtered-word" : null;
  const isReaction = event.type === "m.reaction";
  // Votes and ends follow their poll.
  const isMessage = !isReaction && !isEdit(event.content) && referencedEvent(event) === null;
  const isElsewhere = isMessage && filter.threadsOnly && !isInThread(event);
  if (event.undecryptable !== undefined) return isElsewhere ? "filtered-not-in-thread" : null;
  if (isPollResponse(event.type) || isPollEnd(event.type)) {
    return filter.withoutKinds.includes("polls") ? "filtered-kind" : null;
  }
  // What is not copied anyway has a reason of its own, which says more.
  if (!isReaction && unsupported(event) !== null) return null;
  const said = saidBy(event);
  if (filter.withoutKinds.includes(kindOf(event.type, said))) return "filtered-kind";
  if (filter.withoutNotices && said["msgtype"] === "m.notice") return "filtered-notice";
  if (isElsewhere) return "filtered-not-in-thread";
  if (filter.withoutWords.length === 0) return null;
  return holdsAny(textsOf(event.type, said), filter.withoutWords) ? "filtered-word" : null;
}

/** Whether something was left out by a filter. */
export function isFilterReason(reason: string): reason is FilterReason {
  return reason.startsWith("filtered-");
}

function isKeptOut(sender: UserId, { onlySenders, withoutSenders }: Filter): boolean {
  return withoutSenders.includes(sender) || (onlySenders.length > 0 && !onlySenders.includes(sender));
}

/** Of an edit, what it puts in place. */
function saidBy({ content }: SourceEvent): JsonObject {
  const replacement = content["m.new_content"];
  return isEdit(content) && isObject(replacement) ? replacement : content;
}

function isInThread({ content }: SourceEvent): boolean {
  const relation = content["m.relates_to"];
  return isObject(relation) && relation["rel_type"] === "m.thread";
}

const MEDIA: readonly unknown[] = ["m.image", "m.file", "m.audio", "m.video"];
const POLL = /^(?:m|org\.matrix\.msc3381)\.poll\./;
const LOCATION = /^(?:m|org\.matrix\.msc\d+)\.(?:beacon|location)/;

function kindOf(type: string, { msgtype }: JsonObject): FilteredKind {
  if (type === "m.reaction") return "reactions";
  if (POLL.test(type)) return "polls";
  if (msgtype === "m.location" || LOCATION.test(type)) return "locations";
  return type === "m.sticker" || MEDIA.includes(msgtype) ? "media" : "text";
}

/** Fields whose value people read, wherever in a content they stand. */
const READ: ReadonlySet<string> = new Set([
  ...["body", "filename", "description", "m.text", "org.matrix.msc1767.text", MEDIA_SPOILER_REASON],
]);
const DEEPEST = 10;

/** Everything that people would read in the copy of a content. */
function textsOf(type: string, said: JsonObject): string[] {
  if (type === "m.reaction") return reactionText(said);
  const words = (content: JsonObject) =>
    cleanWords(content, { mentionable: new Set(), allowRoomMention: true, isRelated: false });
  const reading = readMessage(type, said, { words, mustBeMessage: true, isForAnother: true });
  return reading === null ? [] : readIn(reading.write(reading.message), "", DEEPEST);
}

function reactionText({ "m.relates_to": relation }: JsonObject): string[] {
  return isObject(relation) && typeof relation["key"] === "string" ? [relation["key"]] : [];
}

function readIn(value: Json, field: string, depth: number): string[] {
  if (typeof value === "string") {
    if (field === "formatted_body") return shownIn(value);
    return READ.has(field) ? [value] : [];
  }
  if (depth === 0 || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => readIn(item, field, depth - 1));
  return Object.entries(value).flatMap(([name, item]) => readIn(item, name, depth - 1));
}

/** What can be seen of HTML that has been cleaned: a word may go on behind a tag, or end there. */
function shownIn(html: string): string[] {
  const attributes = [...html.matchAll(/ (?:alt|title|href|data-mx-spoiler|data-mx-maths)="([^"]*)"/g)];
  const texts = [html.replace(/<[^>]*>/g, ""), html.replace(/<[^>]*>/g, " ")];
  return [...texts, ...attributes.map(([, value]) => value ?? "")].map(unescaped);
}

/** Undoes what cleaning HTML has escaped. */
function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

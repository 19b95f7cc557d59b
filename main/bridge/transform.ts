import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { EventId, UserId } from "../matrix/ids.ts";
import type { FileReference } from "../matrix/media.ts";
import {
  attribute,
  bodyPrefix,
  cleanName,
  prefixHtml,
  readProfile,
  writeProfile,
  type Attribution,
  type Naming,
} from "./attribution.ts";
import { readMessage, unsupported } from "./kinds/all.ts";
import { pollInWords } from "./kinds/poll.ts";
import { writeWords, type CarriedFile, type Reader, type Reading } from "./kinds/kind.ts";
import { asTextFile } from "./kinds/long-text.ts";
import { liveLocationInWords } from "./live-location.ts";
import { copyMentions } from "./mentions.ts";
import { changeInWords, isToldState } from "./room-change.ts";
import { quoteBody, quoteHtml, type Quote } from "./quote.ts";
import { buildCut, buildWhole, type Message } from "./size.ts";
import { cut, textToHtml, wellFormed } from "./text.ts";
import { textsIn, type CopyTexts, type Language } from "./texts/texts.ts";
import { cleanWords } from "./words.ts";

/** What is to be sent: an event's type and content, and the files that it is to name once they are uploaded. */
export interface Content {
  type: string;
  content: JsonObject;
  files?: CarriedFile[];
}

/** How the source event relates to something in the destination; resolved by the caller from the ledger. */
export type CopyRelation =
  | { kind: "none" }
  /** `originalSender`: who wrote what is replied to, originally. */
  | { kind: "reply"; to: EventId; originalSender?: UserId }
  /** A reply whose target has no counterpart. `sender` is a display name; `text` null: it may not be shown here. */
  | { kind: "quote"; sender: string; text: string | null }
  /** `replyTo`: what `m.in_reply_to` names; the root where there is nothing better. */
  | { kind: "thread"; root: EventId; replyTo: EventId; fallingBack: boolean; originalSender?: UserId };

export interface CopyContext {
  /** The user's own account, which sends the copy. */
  account: UserId;
  /**
   * Whom the copy may mention: of those whom the source event mentions or names (`mentionedUsers`) who has joined both
   * rooms, and the relation's `originalSender` if joined in the destination. Anybody else is a name.
   */
  mentionable: ReadonlySet<UserId>;
  relation: CopyRelation;
  /** Marker fields for this copy (from origin.ts), to be spread into the content. */
  marker: JsonObject;
  /** Whether the link lets @room through. */
  allowRoomMention: boolean;
  naming: Naming;
  /** The sender's picture, where the destination can have it; null without one. */
  avatar: FileReference | null;
  /** In which Ferry's own words are written. */
  language: Language;
  /** Whether a text that is too long may come with a file; false where that file could not be carried. */
  mayAttach: boolean;
}

/** How many characters of a text stand before the file that has the whole of it. */
const MOST_BEFORE_FILE = 5_000;

/** Whether Ferry copies this event. */
export function isMirrored(event: SourceEvent): boolean {
  return (event.stateKey === undefined || isToldState(event)) && unsupported(event) === null;
}

/** The copy of a message. Nothing of the source passes but what is named here; any content gives a valid copy. */
export function copyMessage(source: SourceEvent, context: CopyContext): Content {
  const texts = textsIn(context.language);
  const event = changeInWords(liveLocationInWords(source, texts.copies), texts, context.naming.room);
  const original = renderPart(event, event.content, context, false);
  const { part, content } = fit(original, context, (part, message) => ({
    ...context.marker,
    ...writePart(part, message, part.mentions),
    ...writeRelation(context.relation),
  }));
  return { type: part.type, content, ...withFiles(part.files) };
}

/**
 * The copy of an edit (specification, "Event replacements").
 *
 * @param event an `m.replace` event
 * @param target the copy of what it replaces
 * @param context its relation is that of the original: a reply that was copied with a quotation keeps it
 */
export function copyEdit(event: SourceEvent, target: EventId, context: CopyContext): Content {
  const replacement = event.content["m.new_content"];
  const part = renderPart(event, isObject(replacement) ? replacement : event.content, context, true);
  return writeEdit(part, target, context, copyMentions(event.content, event, context, true));
}

/**
 * An edit that replaces a placeholder by the message itself, once that has decrypted. An edit can change everything but
 * the event's type, so that a poll comes in words.
 *
 * @param source an ordinary message; its mentions count now, because the placeholder had none
 */
export function lateEdit(source: SourceEvent, target: EventId, context: CopyContext): Content {
  const event = pollInWords(source);
  const part = renderPart(event, event.content, context, true);
  return writeEdit(part, target, context, part.mentions);
}

/** What stands in for a message that did not decrypt, in the same place, until `lateEdit` fills it in. */
export function placeholder(event: SourceEvent, context: CopyContext): Content {
  const body = copiesIn(context).placeholder(otherSender(event, context));
  const content = { msgtype: "m.notice", body, "m.mentions": {} };
  return copyMessage({ ...event, type: "m.room.message", content }, context);
}

/** What takes a placeholder's place when its message turns out to be of a kind that is not copied. */
export function placeholderForOther(event: SourceEvent, target: EventId, context: CopyContext): Content {
  const body = copiesIn(context).notCopied(otherSender(event, context));
  const content = { msgtype: "m.notice", body, "m.mentions": {} };
  return lateEdit({ ...event, type: "m.room.message", content }, target, context);
}

/** Whom to name in Ferry's own words about an event; null where that is the account itself. */
function otherSender({ sender, senderName }: SourceEvent, { account }: CopyContext): string | null {
  return sender === account ? null : cleanName(senderName, sender);
}

function copiesIn({ language }: Pick<CopyContext, "language">): CopyTexts {
  return textsIn(language).copies;
}

/** How many characters of a reaction are kept: it is an emoji, or a word. */
const KEY_LIMIT = 1000;

/** The copy of a reaction. Reactions are never encrypted, so `marker` must tell homeservers nothing. */
export function copyReaction(key: string, target: EventId, marker: JsonObject): Content {
  const relation = { rel_type: "m.annotation", event_id: target, key: cut(wellFormed(key), KEY_LIMIT) };
  return { type: "m.reaction", content: { ...marker, "m.relates_to": relation } };
}

/** One message, or one of the two in an edit, ready to be written. */
interface Part extends Reading {
  attribution: Attribution | null;
  avatar: FileReference | null;
  mentions: JsonObject;
}

/** @param isEdit whether it takes the place of a message, which is no sticker */
function renderPart(event: SourceEvent, content: JsonObject, context: CopyContext, isEdit: boolean): Part {
  const { mentionable, allowRoomMention, relation } = context;
  const attribution = attribute(event, readProfile(content), context.account, copiesIn(context), context.naming);
  const quote = relation.kind === "quote" ? relation : null;
  const words = (from: JsonObject): Message =>
    cleanWords(from, { mentionable, allowRoomMention, isRelated: relation.kind !== "none" });
  const isForAnother = attribution !== null;
  const reader: Reader = { words, isForAnother, mustBeMessage: isEdit || isForAnother || quote !== null };
  const reading = readMessage(event.type, content, reader) ?? asText(words(content));
  return {
    ...reading,
    message: preface(reading.message, attribution, quote, context),
    attribution,
    avatar: context.avatar,
    mentions: copyMentions(content, event, context, false),
  };
}

/** What is of no kind that is copied, should it be asked for. */
function asText(message: Message): Reading {
  const write = (said: Message): JsonObject => ({ msgtype: "m.text", ...writeWords(said) });
  return { type: "m.room.message", message, write, files: [], isText: true };
}

/** Puts before a message whose words it is, and what it answers. */
function preface(said: Message, attribution: Attribution | null, quote: Quote | null, context: CopyContext): Message {
  if (attribution === null && quote === null) return said;
  const html = said.html ?? textToHtml(said.body);
  const quoted = quote === null ? { body: said.body, html } : withQuote(said.body, html, quote, copiesIn(context));
  if (attribution === null) return quoted;
  // The name leads, because clients that show the profile look for it there; a quotation keeps its own line.
  const separator = quote === null ? "" : "\n";
  return { body: bodyPrefix(attribution) + separator + quoted.body, html: prefixHtml(quoted.html, attribution) };
}

function withQuote(text: string, html: string, quote: Quote, texts: CopyTexts) {
  return { body: `${quoteBody(quote, texts)}\n\n${text}`, html: quoteHtml(quote, texts) + html };
}

/** Writes a part so that it fits into an event: a text that is too long for one comes with the whole of it as a file. */
function fit(
  part: Part,
  context: CopyContext,
  write: (part: Part, message: Message) => JsonObject,
): { part: Part; content: JsonObject } {
  const { message } = part;
  const whole = buildWhole(message, (said) => write(part, said));
  if (whole !== null) return { part, content: whole };
  const { cutOff, goesOn, wholeMessage } = copiesIn(context);
  // As a file it would be no place and no poll any more, and what has a file already has no place for another.
  if (!context.mayAttach || part.isText !== true) {
    return { part, content: buildCut(message, cutOff, (said) => write(part, said)) };
  }
  const attached = { ...part, ...asTextFile(message, wholeMessage) };
  const content = buildCut(message, goesOn, (said) => write(attached, said), MOST_BEFORE_FILE);
  return { part: attached, content };
}

function writePart(part: Part, message: Message, mentions: JsonObject): JsonObject {
  return {
    ...part.write(message),
    ...(part.attribution === null ? {} : writeProfile(part.attribution, part.avatar)),
    "m.mentions": mentions,
  };
}

/** Both contents of an edit; the outer one is for clients that know no edits, and its mentions are the new ones. */
function writeEdit(original: Part, target: EventId, context: CopyContext, newMentions: JsonObject): Content {
  const { part, content } = fit(original, context, (part, message) => ({
    ...context.marker,
    ...writePart(part, starred(message), newMentions),
    "m.new_content": writePart(part, message, part.mentions),
    "m.relates_to": { rel_type: "m.replace", event_id: target },
  }));
  const files = part.files.map((file) => ({
    ...file,
    paths: file.paths.flatMap((path) => [path, ["m.new_content", ...path]]),
  }));
  // What was sent as a sticker can only have become a picture.
  const type = part.type === "m.sticker" ? "m.room.message" : part.type;
  return { type, content, ...withFiles(files) };
}

function withFiles(files: CarriedFile[]): { files?: CarriedFile[] } {
  return files.length === 0 ? {} : { files };
}

function starred({ body, html }: Message): Message {
  if (body === "") return { body, html };
  return { body: `* ${body}`, html: html === null ? null : `* ${html}` };
}

function writeRelation(relation: CopyRelation): JsonObject {
  switch (relation.kind) {
    case "none":
    case "quote":
      return {};
    case "reply":
      return { "m.relates_to": { "m.in_reply_to": { event_id: relation.to } } };
    case "thread":
      return {
        "m.relates_to": {
          rel_type: "m.thread",
          event_id: relation.root,
          is_falling_back: relation.fallingBack,
          "m.in_reply_to": { event_id: relation.replyTo },
        },
      };
  }
}

import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { EventId, UserId } from "../matrix/ids.ts";
import {
  attribute,
  bodyPrefix,
  cleanName,
  prefixHtml,
  readProfile,
  stripProfileFallback,
  writeProfile,
  type Attribution,
  type Profile,
} from "./attribution.ts";
import { cleanHtml, showsSomething } from "./html.ts";
import { copyMentions } from "./mentions.ts";
import { quoteBody, quoteHtml, type Quote } from "./quote.ts";
import { buildWithin, type Message } from "./size.ts";
import { cut, defuseRoomMention, oneLine, stripReplyFallback, textToHtml, wellFormed } from "./text.ts";
import { textsIn, type CopyTexts, type Language } from "./texts/texts.ts";

/** What is to be sent: an event's type and content. */
export interface Content {
  type: string;
  content: JsonObject;
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
   * Joined members of the destination among those that the source event mentions or names (`mentionedUsers`), and the
   * relation's `originalSender` if joined there.
   */
  destinationMembers: ReadonlySet<UserId>;
  relation: CopyRelation;
  /** Marker fields for this copy (from origin.ts), to be spread into the content. */
  marker: JsonObject;
  /** Whether the link lets @room through. */
  allowRoomMention: boolean;
  /** In which Ferry's own words are written. */
  language: Language;
}

const HTML_FORMAT = "org.matrix.custom.html";

/** The kinds of message that are mirrored. */
const MESSAGE_KINDS: readonly unknown[] = ["m.text", "m.notice", "m.emote"];

/** How many characters of a message a quotation shows. */
const DESCRIPTION_LIMIT = 140;

/** Whether Ferry copies this event: text, a notice or an emote. Of an edit, what it puts in place counts. */
export function isMirrored(event: SourceEvent): boolean {
  if (event.type !== "m.room.message" || event.stateKey !== undefined) return false;
  const content = isEdit(event.content) ? event.content["m.new_content"] : event.content;
  return isObject(content) && typeof content["body"] === "string" && MESSAGE_KINDS.includes(content["msgtype"]);
}

/** The copy of a message. Nothing of the source passes but what is named here; any content gives a valid copy. */
export function copyMessage(event: SourceEvent, context: CopyContext): Content {
  const part = renderPart(event, event.content, context);
  const content = buildWithin(part.message, copiesIn(context).cutOff, (message) => ({
    ...context.marker,
    ...writePart(part, message, part.mentions),
    ...writeRelation(context.relation),
  }));
  return { type: "m.room.message", content };
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
  const part = renderPart(event, isObject(replacement) ? replacement : event.content, context);
  return writeEdit(part, target, context, copyMentions(event.content, event, context, true));
}

/**
 * An edit that replaces a placeholder by the message itself, once that has decrypted.
 *
 * @param event an ordinary message; its mentions count now, because the placeholder had none
 */
export function lateEdit(event: SourceEvent, target: EventId, context: CopyContext): Content {
  const part = renderPart(event, event.content, context);
  return writeEdit(part, target, context, part.mentions);
}

/** What stands in for a message that did not decrypt, in the same place, until `lateEdit` fills it in. */
export function placeholder(event: SourceEvent, context: CopyContext): Content {
  const body = copiesIn(context).placeholder(otherSender(event, context));
  return copyMessage({ ...event, content: { msgtype: "m.notice", body, "m.mentions": {} } }, context);
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

/** The copy of a reaction. Reactions are never encrypted, so `marker` must tell homeservers nothing. */
export function copyReaction(key: string, target: EventId, marker: JsonObject): Content {
  const relation = { rel_type: "m.annotation", event_id: target, key: wellFormed(key) };
  return { type: "m.reaction", content: { ...marker, "m.relates_to": relation } };
}

/** A message in at most 140 characters on one line, for a quotation; what was hidden as a spoiler stays hidden. */
export function describe(event: SourceEvent, language: Language): string {
  const { hiddenText, noText } = copiesIn({ language });
  const replacement = event.content["m.new_content"];
  const content = isEdit(event.content) && isObject(replacement) ? replacement : event.content;
  const { body, formatted_body: html } = content;
  if (typeof html === "string" && html.includes("data-mx-spoiler")) return hiddenText;
  const text = oneLine(plainText(content, readProfile(content), content !== event.content));
  if (typeof body !== "string" || text === "") return noText;
  return cut(content["msgtype"] === "m.emote" ? `* ${text}` : text, DESCRIPTION_LIMIT);
}

/** One message, or one of the two in an edit, ready to be written. */
interface Part {
  msgtype: string;
  message: Message;
  attribution: Attribution | null;
  mentions: JsonObject;
}

function renderPart(event: SourceEvent, content: JsonObject, context: CopyContext): Part {
  const profile = readProfile(content);
  const attribution = attribute(event, profile, context.account, copiesIn(context));
  const { msgtype } = content;
  return {
    msgtype: typeof msgtype === "string" && MESSAGE_KINDS.includes(msgtype) ? msgtype : "m.text",
    message: renderMessage(content, profile, attribution, context),
    attribution,
    mentions: copyMentions(content, event, context, false),
  };
}

function renderMessage(
  content: JsonObject,
  profile: Profile | null,
  attribution: Attribution | null,
  context: CopyContext,
): Message {
  const { relation, allowRoomMention } = context;
  const raw = plainText(content, profile, relation.kind !== "none");
  const text = allowRoomMention ? raw : defuseRoomMention(raw);
  const formatted = formattedText(content, profile, context);
  const quote = relation.kind === "quote" ? relation : null;
  if (attribution === null && quote === null) return { body: text, html: formatted };

  const said = formatted ?? textToHtml(text);
  const quoted = quote === null ? { body: text, html: said } : withQuote(text, said, quote, copiesIn(context));
  if (attribution === null) return quoted;
  // The name leads, because clients that show the profile look for it there; a quotation keeps its own line.
  const separator = quote === null ? "" : "\n";
  return { body: bodyPrefix(attribution) + separator + quoted.body, html: prefixHtml(quoted.html, attribution) };
}

function withQuote(text: string, html: string, quote: Quote, texts: CopyTexts) {
  return { body: `${quoteBody(quote, texts)}\n\n${text}`, html: quoteHtml(quote, texts) + html };
}

/** The plain text without what older clients and other bridges put before it. */
function plainText(content: JsonObject, profile: Profile | null, mayBeReply: boolean): string {
  const { body } = content;
  if (typeof body !== "string") return "";
  const said = mayBeReply || isReply(content) ? stripReplyFallback(body) : body;
  return wellFormed(stripProfileFallback(said, profile));
}

/** The formatted text, cleaned; null where there is none, or nothing is left of it. */
function formattedText(content: JsonObject, profile: Profile | null, context: CopyContext): string | null {
  const { format, formatted_body: html } = content;
  if (format !== HTML_FORMAT || typeof html !== "string") return null;
  const clean = cleanHtml(html, {
    keepUser: (user) => context.destinationMembers.has(user),
    allowRoomMention: context.allowRoomMention,
    dropProfileFallback: profile?.hasFallback ?? false,
  });
  return showsSomething(clean) ? clean : null;
}

function writePart(part: Part, { body, html }: Message, mentions: JsonObject): JsonObject {
  return {
    msgtype: part.msgtype,
    body,
    ...(html === null ? {} : { format: HTML_FORMAT, formatted_body: html }),
    ...(part.attribution === null ? {} : writeProfile(part.attribution)),
    "m.mentions": mentions,
  };
}

/** Both contents of an edit; the outer one is for clients that know no edits, and its mentions are the new ones. */
function writeEdit(part: Part, target: EventId, context: CopyContext, newMentions: JsonObject): Content {
  const content = buildWithin(part.message, copiesIn(context).cutOff, (message) => ({
    ...context.marker,
    ...writePart(
      part,
      { body: `* ${message.body}`, html: message.html === null ? null : `* ${message.html}` },
      newMentions,
    ),
    "m.new_content": writePart(part, message, part.mentions),
    "m.relates_to": { rel_type: "m.replace", event_id: target },
  }));
  return { type: "m.room.message", content };
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

function isEdit(content: JsonObject): boolean {
  const relation = content["m.relates_to"];
  return isObject(relation) && relation["rel_type"] === "m.replace";
}

function isReply(content: JsonObject): boolean {
  const relation = content["m.relates_to"];
  return isObject(relation) && isObject(relation["m.in_reply_to"]);
}

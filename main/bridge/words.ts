import { isObject, type JsonObject } from "../matrix/event.ts";
import type { UserId } from "../matrix/ids.ts";
import { readProfile, stripProfileFallback } from "./attribution.ts";
import { cleanHtml, showsSomething } from "./html.ts";
import { HTML_FORMAT } from "./kinds/kind.ts";
import type { Message } from "./size.ts";
import { defuseRoomMention, stripReplyFallback, wellFormed } from "./text.ts";

/** Who and what may stand in the words of a copy. */
export interface WordRules {
  mentionable: ReadonlySet<UserId>;
  allowRoomMention: boolean;
  /** Whether the event relates to something in the destination, so that an older client's quotation may lead it. */
  isRelated: boolean;
}

/** `body` and `formatted_body` of a source's content, without what is put before them elsewhere, and cleaned. */
export function cleanWords(content: JsonObject, rules: WordRules): Message {
  const text = plainText(content, rules.isRelated);
  return { body: rules.allowRoomMention ? text : defuseRoomMention(text), html: formattedText(content, rules) };
}

/** The plain text without what older clients and other bridges put before it. */
export function plainText(content: JsonObject, mayBeReply: boolean): string {
  const { body } = content;
  if (typeof body !== "string") return "";
  const said = mayBeReply || isReply(content) ? stripReplyFallback(body) : body;
  return wellFormed(stripProfileFallback(said, readProfile(content)));
}

/** The formatted text, cleaned; null where there is none, or nothing is left of it. */
function formattedText(content: JsonObject, rules: WordRules): string | null {
  const { format, formatted_body: html } = content;
  if (format !== HTML_FORMAT || typeof html !== "string") return null;
  const clean = cleanHtml(html, {
    keepUser: (user) => rules.mentionable.has(user),
    allowRoomMention: rules.allowRoomMention,
    dropProfileFallback: readProfile(content)?.hasFallback ?? false,
  });
  return showsSomething(clean) ? clean : null;
}

function isReply(content: JsonObject): boolean {
  const relation = content["m.relates_to"];
  return isObject(relation) && isObject(relation["m.in_reply_to"]);
}

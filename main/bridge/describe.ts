import { isObject, type SourceEvent } from "../matrix/event.ts";
import { isEdit } from "./kinds/all.ts";
import { readPoll } from "./poll.ts";
import { cut, oneLine } from "./text.ts";
import { textsIn, type Language } from "./texts/texts.ts";
import { plainText } from "./words.ts";

/** How many characters of a message a quotation shows. */
const DESCRIPTION_LIMIT = 140;

/** A message in at most 140 characters on one line, for a quotation; what was hidden as a spoiler stays hidden. */
export function describe(event: SourceEvent, language: Language): string {
  const { hiddenText, noText } = textsIn(language).copies;
  const replacement = event.content["m.new_content"];
  const content = isEdit(event.content) && isObject(replacement) ? replacement : event.content;
  const question = readPoll(event.type, content)?.question;
  if (question !== undefined) return cut(oneLine(question), DESCRIPTION_LIMIT);
  const { body, formatted_body: html } = content;
  if (typeof html === "string" && html.includes("data-mx-spoiler")) return hiddenText;
  const text = oneLine(plainText(content, content !== event.content));
  if (typeof body !== "string" || text === "") return noText;
  return cut(content["msgtype"] === "m.emote" ? `* ${text}` : text, DESCRIPTION_LIMIT);
}

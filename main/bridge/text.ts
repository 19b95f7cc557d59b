/** What is done to plain text before it goes into a copy. Everything here is total: any string in, a string out. */

/** Characters that turn the direction of the text around them. */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const WORD_JOINER = "\u2060";

/** Replaces lone surrogates and NUL: neither survives every homeserver's database. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** Cuts to a number of characters (code points, so that no character is halved); what was cut shows as "…". */
export function cut(text: string, limit: number): string {
  // A code point is at most two units long, so nothing longer than this has to be taken apart.
  const characters = Array.from(text.slice(0, 2 * limit + 2));
  return characters.length <= limit ? text : `${characters.slice(0, Math.max(0, limit - 1)).join("")}…`;
}

/** Makes one line of a text: no line breaks, no control characters, nothing that reverses what stands around it. */
export function oneLine(text: string): string {
  return (
    wellFormed(text)
      .replace(DIRECTION_CONTROLS, "")
      // eslint-disable-next-line no-control-regex -- control characters are what this removes
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ")
      .trim()
  );
}

/** Takes the effect out of "@room" (also by the push rules from before `m.mentions`) and leaves it readable. */
export function defuseRoomMention(text: string): string {
  return text.replace(/@(?=room\b)/gi, `@${WORD_JOINER}`);
}

/** Escapes a text for use in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The same text as HTML: lines stay lines, and indentation stays indentation. */
export function textToHtml(text: string): string {
  const spaced = text
    .replaceAll("\r\n", "\n")
    .replace(/ {2,}/g, (spaces) => `${"\u00a0".repeat(spaces.length - 1)} `)
    .replace(/^ /gm, "\u00a0");
  return escapeHtml(spaced).replaceAll("\n", "<br />");
}

/**
 * Removes the quotation that older clients put before the text of a reply (specification, "Fallbacks for rich
 * replies"). A text that only begins with a quotation of another form is left alone: it belongs to the message.
 */
export function stripReplyFallback(body: string): string {
  const lines = body.split("\n");
  if (!/^> (?:\* ?)?<@[^>]*>/.test(lines[0] ?? "")) return body;
  let next = 0;
  while (next < lines.length && /^>(?: |$)/.test(lines[next] ?? "")) next += 1;
  if (lines[next] === "") next += 1;
  return lines.slice(next).join("\n");
}

/** Parts of a sentence in one: two are joined as people say it, more are kept apart, for they have commas of their own. */
export function listed(parts: readonly string[]): string {
  const [last = "", ...before] = parts.toReversed();
  if (before.length === 0) return last;
  return before.length === 1 ? `${before[0]}, and ${last}` : `${before.reverse().join("; ")}; and ${last}`;
}

/** A size in the largest unit that leaves a whole part, with one decimal where it is short. */
export function bytes(size: number, decimalSign: string): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [size, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000;
  const shown = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${shown.replace(/\.0$/, "").replace(".", decimalSign)} ${units[unit]}`;
}

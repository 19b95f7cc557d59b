/** Text for a terminal. Names come from other people, and must not be able to rearrange what stands around them. */

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Control characters, line separators, invisible characters and everything that changes the direction of text. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]+/gu;

const WIDE = /\p{Extended_Pictographic}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u;
const LONGEST_NAME = 40;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * A name or other text from elsewhere, made safe to print inside a line: one line, no escape sequences, and its
 * writing direction kept to itself.
 */
export function foreign(text: string, longest: number = Number.POSITIVE_INFINITY): string {
  const plain = text.replace(UNSAFE, " ").trim();
  const parts = [...graphemes.segment(plain)].map(({ segment }) => segment);
  const short = parts.length > longest ? `${parts.slice(0, longest - 1).join("")}…` : plain;
  // Text in ASCII, quoted or not, has no direction to isolate, and stays easy to search for.
  return /^[\x20-\x7e…“”‘’]*$/.test(short) ? short : FIRST_STRONG_ISOLATE + short + POP_ISOLATE;
}

/** A room's or link's name, of a length that fits a column. */
export function nameOf(text: string): string {
  return foreign(text, LONGEST_NAME);
}

/** Aligns rows in columns, two spaces apart; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  return rows
    .map((row) => row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

/** How many columns of a terminal the text takes. */
function width(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text.replace(UNSAFE, ""))) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** How long ago something was: "just now", "5 minutes ago", "3 days ago". Times in milliseconds since 1970. */
export function ago(ts: number, now: number): string {
  const seconds = Math.round((now - ts) / 1000);
  // Clocks differ a little; the future is only ever theirs.
  return seconds < 10 ? "just now" : `${span(seconds)} ago`;
}

/** How far off something is: "now", "in 5 minutes", "in 3 days". Times in milliseconds since 1970. */
export function ahead(ts: number, now: number): string {
  const seconds = Math.round((ts - now) / 1000);
  return seconds < 1 ? "now" : `in ${span(seconds)}`;
}

function span(seconds: number): string {
  if (seconds < 60) return counted(seconds, "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return counted(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 24 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
}

/** "One", "One and Two", "One, Two and Three". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** "1 link", "2 links". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** How many characters, as a reader counts them, are shown of a name; the rest is seen on hover. */
const SHOWN = 40;
/** What is shown on hover is cut too: a name can have ten thousand characters. */
const SHOWN_ON_HOVER = 400;
/** Marks that stand on one letter; more would pile up over the lines above. */
const MOST_MARKS = 3;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Makes somebody's name for themselves or their room fit to stand among Ferry's own words: without control characters,
 * without what turns the reading direction of what follows, and without towers of marks.
 */
export function cleanName(name: string, ifEmpty = "No name"): string {
  const cleaned = cleanText(name, SHOWN_ON_HOVER);
  return cleaned === "" ? ifEmpty : cleaned;
}

/** The same for a text that may have such names in it; what is longer than so many characters is cut. */
export function cleanText(text: string, longest: number): string {
  const cleaned = text
    .slice(0, longest * 4)
    // Controls, surrogates alone, and what is invisible (directions, zero widths, tags); an emoji's joiner stays.
    .replace(/[\p{Cc}\p{Cs}\p{Co}]|(?!\u200d)\p{Cf}|\u{115f}|\u{1160}|\u{3164}|\u{ffa0}/gu, " ")
    .replace(new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, "gu"), "$1")
    .replace(/\s+/g, " ")
    .trim();
  return cut(cleaned, longest);
}

/** The start of a name that is too long to be shown whole. */
export function shortName(name: string): string {
  return cut(name, SHOWN);
}

/** What a reader counts as one character may be made of many: of those no part is shown alone. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let kept = "";
  let count = 0;
  for (const { segment } of graphemes.segment(text.slice(0, length * 8))) {
    if (count === length || kept.length + segment.length > length * 4) break;
    kept += segment;
    count += 1;
  }
  return kept.length < text.length ? `${kept.trimEnd()}…` : text;
}

/** The part of a Matrix ID that people call themselves by, for lists of many. */
export function localpartOf(userId: string): string {
  return userId.slice(1).split(":")[0] ?? userId;
}

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
  const cleaned = name
    .slice(0, SHOWN_ON_HOVER * 4)
    // Controls, surrogates alone, and what is invisible (directions, zero widths, tags); an emoji's joiner stays.
    .replace(/[\p{Cc}\p{Cs}\p{Co}]|(?!\u200d)\p{Cf}|\u{115f}|\u{1160}|\u{3164}|\u{ffa0}/gu, " ")
    .replace(new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, "gu"), "$1")
    .replace(/\s+/g, " ")
    .trim();
  return cleaned === "" ? ifEmpty : cut(cleaned, SHOWN_ON_HOVER);
}

/** The start of a name that is too long to be shown whole. */
export function shortName(name: string): string {
  return cut(name, SHOWN);
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = [...graphemes.segment(text.slice(0, length * 8))].slice(0, length).map(({ segment }) => segment);
  const short = kept.join("").slice(0, length * 4);
  return short.length < text.length ? `${short.trimEnd()}…` : text;
}

/** The part of a Matrix ID that people call themselves by, for lists of many. */
export function localpartOf(userId: string): string {
  return userId.slice(1).split(":")[0] ?? userId;
}

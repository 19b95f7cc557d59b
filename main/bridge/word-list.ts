/** What shows nothing: somebody may have put it into a word, and the word reads the same. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Scripts that are written without spaces between words. */
const RUNS_ON = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
const OF_A_WORD = /[\p{L}\p{M}\p{N}_]/u;

/**
 * Whether any of the texts has any of the words, whole and in whatever case; where no spaces stand between words, anywhere.
 * The user's words are looked for as they are, and are no pattern.
 */
export function holdsAny(texts: readonly string[], words: readonly string[]): boolean {
  const sought = new Set(words.map(folded).filter((word) => word !== ""));
  return texts.map(folded).some((text) => {
    const goesOn = insideWords(text);
    return [...sought].some((word) => holds(text, word, goesOn));
  });
}

function holds(text: string, word: string, goesOn: (place: number) => boolean): boolean {
  for (let start = text.indexOf(word); start !== -1; start = text.indexOf(word, start + 1)) {
    if (!goesOn(start) && !goesOn(start + word.length)) return true;
  }
  return false;
}

/** Tells of any place in a text whether a word stands on both sides of it. Each place is looked at once, for all words. */
function insideWords(text: string): (place: number) => boolean {
  const known = new Map<number, boolean>();
  return (place) => {
    let isInside = known.get(place);
    if (isInside === undefined) known.set(place, (isInside = isInsideWord(text, place)));
    return isInside;
  };
}

function isInsideWord(text: string, place: number): boolean {
  const before = Array.from(text.slice(Math.max(0, place - 2), place)).at(-1) ?? "";
  const after = String.fromCodePoint(text.codePointAt(place) ?? 0x20);
  return isOfWord(before) && isOfWord(after) && !RUNS_ON.test(before) && !RUNS_ON.test(after);
}

function isOfWord(character: string): boolean {
  return OF_A_WORD.test(character);
}

/** One form for all that reads the same: compatible characters, either case, any space. */
function folded(text: string): string {
  const shown = text.normalize("NFKC").replace(UNSEEN, "");
  return shown.toUpperCase().toLowerCase().normalize("NFKC").replace(/\s+/g, " ").trim();
}

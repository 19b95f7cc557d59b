import { cleanText } from "./names.ts";

/** A part of a sentence: words around names, or a name that somebody has given a room, a link or themselves. */
export interface Part {
  text: string;
  isName: boolean;
}

/** Main's longest sentences list who gains access; longer ones are somebody else's. */
const LONGEST = 1200;

/** Takes a sentence apart at its quoted names, so that each can be set apart and cut. What is in it rearranges nothing. */
export function sentenceParts(sentence: string): Part[] {
  return cleanText(sentence, LONGEST)
    .split(/(“[^“”]*(?:”|$))/u)
    .filter((text) => text !== "")
    .map((text) =>
      text.startsWith("“") ? { text: text.replace(/[“”]/gu, ""), isName: true } : { text, isName: false },
    );
}

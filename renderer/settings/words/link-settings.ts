import { isUserId, type UserId } from "../../../main/matrix/ids.ts";
import {
  attributedName,
  ATTRIBUTIONS,
  LONGEST_WORD,
  MOST_SENDERS,
  MOST_WORDS,
  type AttributionTemplate,
  type FilteredKind,
} from "../../../main/matrix/link-settings.ts";
import { cleanName, shortName } from "./names.ts";

/** What can be switched off, as the switches say it. */
export const KINDS: readonly { kind: FilteredKind; label: string }[] = [
  { kind: "text", label: "Texts" },
  { kind: "media", label: "Pictures, videos, sounds and other files" },
  { kind: "polls", label: "Polls" },
  { kind: "locations", label: "Places" },
  { kind: "reactions", label: "Reactions" },
];

const FORMS: Record<AttributionTemplate, string> = {
  name: "Name",
  "name-room": "Name and room",
  "name-id": "Name and Matrix ID",
};

/** How names can stand in copies, each with how a message of somebody's in a room will begin. */
export function nameChoices(room: string): { value: AttributionTemplate; label: string; more: string }[] {
  const example = { name: "Ana", room: shortName(cleanName(room)), sender: "@ana:example.org" };
  return ATTRIBUTIONS.map((template) => ({
    value: template,
    label: FORMS[template],
    more: `“${attributedName(template, example)}: Dinner is ready”`,
  }));
}

/** What was entered, one on each line; empty lines are none. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** People who were entered. */
export function peopleIn(text: string): { people: UserId[]; problem: string | null } {
  const lines = linesOf(text);
  const wrong = lines.find((line) => !isUserId(line));
  const people = lines.filter(isUserId);
  if (wrong !== undefined) {
    const problem = `“${shortName(cleanName(wrong))}” is not a Matrix ID. One looks like this: @ana:example.org`;
    return { people, problem };
  }
  return { people, problem: people.length > MOST_SENDERS ? `At most ${MOST_SENDERS} people fit here.` : null };
}

/** Words and phrases that were entered. */
export function wordsIn(text: string): { words: string[]; problem: string | null } {
  const words = linesOf(text);
  const long = words.find((word) => word.length > LONGEST_WORD);
  if (long !== undefined) return { words, problem: `“${shortName(cleanName(long))}” is too long.` };
  return { words, problem: words.length > MOST_WORDS ? `At most ${MOST_WORDS} words fit here.` : null };
}

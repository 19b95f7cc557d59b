import type { GainCode } from "../../../main/matrix/codes.ts";
import type { LinkPlan } from "../../../main/protocol/control.ts";
import { counted, listed } from "./numbers.ts";

/** Who could read one room's messages by a link, next to who can read them now. */
export type Comparison = LinkPlan["comparison"][number];

/** Readers that nobody can count, the widest group first. */
const OPEN_ENDED = new Map<string, string>([
  ["anyone", "anyone at all"],
  ["whoever-joins", "anyone who joins"],
  ["whoever-knocks", "whoever is let in"],
  ["members-of-other-rooms", "members of other rooms"],
  ["guests", "guests without an account"],
  ["whoever-is-invited", "whoever is invited"],
  ["earlier-messages", "newcomers"],
  ["bridge", "people on another network"],
  ["homeserver", "whoever runs the servers"],
] satisfies [GainCode, string][]);

/** Where these can read, those who would have to come in by another way are no more. */
const IMPLIED = new Set<string>([
  "whoever-joins",
  "whoever-knocks",
  "members-of-other-rooms",
  "guests",
  "whoever-is-invited",
  "earlier-messages",
] satisfies GainCode[]);

/** How many people, as they are now, will newly be able to read; those who could have come in anyway are not. */
export function newReaders({ kinds, people }: Comparison): number {
  return kinds.includes("people") ? people.gaining : 0;
}

/** Kinds of readers besides the people who are there now: those who come later, and those who read without being in it. */
export function openEndedKinds({ kinds }: Comparison): string[] {
  return [...new Set(kinds)].filter((kind) => kind !== "people");
}

/** One line: "14 people and whoever is invited gain access", "Nobody gains access". */
export function gainHeadline(comparison: Comparison): string {
  const groups = groupsOf(comparison);
  if (groups.length === 0) return comparison.gains.length === 0 ? "Nobody gains access" : "More people gain access";
  const [only] = groups;
  const isOne = groups.length === 1 && (newReaders(comparison) === 1 || OPEN_ENDED_SINGULAR.has(only ?? ""));
  return capitalised(`${listed(groups, "and", groups.length)} ${isOne ? "gains" : "gain"} access`);
}

const OPEN_ENDED_SINGULAR = new Set([...OPEN_ENDED.values()].filter((words) => /^(anyone|whoever)/.test(words)));

function groupsOf(comparison: Comparison): string[] {
  const { kinds } = comparison;
  const people = newReaders(comparison);
  const widest = [...OPEN_ENDED.keys()].find((kind) => kinds.includes(kind));
  const impliesOthers = widest === "anyone" || widest === "whoever-joins";
  const open = [...OPEN_ENDED].filter(
    ([kind]) => kinds.includes(kind) && (kind === widest || !impliesOthers || !IMPLIED.has(kind)),
  );
  const groups = open.map(([, words]) => words);
  return people === 0 ? groups : [counted(people, "person", "people"), ...groups];
}

function capitalised(words: string): string {
  return words.charAt(0).toLocaleUpperCase("en") + words.slice(1);
}

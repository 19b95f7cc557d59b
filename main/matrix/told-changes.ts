/**
 * What a link can tell its other rooms of, besides what is written: who comes and goes, a room's name and topic, and which
 * messages are pinned. In the order in which they stand in the terms.
 */
export const TOLD_CHANGES = ["members", "name", "pins"] as const;
export type ToldChange = (typeof TOLD_CHANGES)[number];

/** The types of state event that such changes come as. */
export const TOLD_TYPES: ReadonlyMap<string, ToldChange> = new Map([
  ["m.room.member", "members"],
  ["m.room.name", "name"],
  ["m.room.topic", "name"],
  ["m.room.pinned_events", "pins"],
]);

/** Each once and in order; whatever is none of them is left out. */
export function toldChanges(values: readonly unknown[]): ToldChange[] {
  return TOLD_CHANGES.filter((change) => values.includes(change));
}

const WORDS: Record<ToldChange, string> = {
  members: "who joins, leaves or is removed, also of people who never write",
  name: "changes of name and topic",
  pins: "which messages are pinned",
};

/** The changes as the user reads them, each a part of a sentence. */
export function toldWords(changes: readonly ToldChange[]): string[] {
  return changes.map((change) => WORDS[change]);
}

import type { MessageView } from "../../../main/protocol/control.ts";

/** What became of single messages, in words. */

export type Mark = MessageView["mark"];

const MARKS: Record<Mark, string> = {
  copied: "Copied",
  waiting: "Waiting",
  failed: "Not delivered",
  "left-out": "Left out",
};

export function markWord(mark: Mark): string {
  return MARKS[mark];
}

const KINDS = new Map([
  ["copy", "Message"],
  ["late", "Message"],
  ["edit", "Change"],
  ["reaction", "Reaction"],
  ["redaction", "Deletion"],
  ["notice", "Notice of Ferry's"],
  ["m.sticker", "Sticker"],
  ["m.poll.start", "Poll"],
  ["org.matrix.msc3381.poll.start", "Poll"],
  ["votes", "Vote"],
  ["m.poll.response", "Vote"],
  ["org.matrix.msc3381.poll.response", "Vote"],
  ["poll-end", "End of a poll"],
  ["m.poll.end", "End of a poll"],
  ["org.matrix.msc3381.poll.end", "End of a poll"],
]);

/** What kind of thing it was that somebody sent. */
export function kindWord(kind: string): string {
  return KINDS.get(kind) ?? "Something else";
}

/** Names a message among the others, as long as the page is open. */
export function messageKey({ roomId, eventId }: Pick<MessageView, "roomId" | "eventId">): string {
  return `${roomId} ${eventId}`;
}

/** What can be tried again or given up of these messages. */
export function failedIds(messages: readonly MessageView[]): number[] {
  return messages.flatMap(({ destinations }) => destinations.flatMap(({ outboxId }) => outboxId ?? []));
}

import type { JsonObject } from "../matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../matrix/ids.ts";
import { notice } from "./notice.ts";
import type { Poll } from "./poll.ts";
import { quotedName } from "./texts/names.ts";
import { textsIn, type Language, type Texts } from "./texts/texts.ts";
import type { Content } from "./transform.ts";

/** One response to a poll, in whichever of its rooms. */
export interface Vote {
  sender: UserId;
  room: RoomId;
  /** Milliseconds since 1970, by the sender's homeserver. */
  ts: number;
  answers: readonly string[];
}

/** How many have chosen what. */
export interface Count {
  people: number;
  /** Of each answer, in the poll's order. */
  byAnswer: ReadonlyMap<string, number>;
}

/**
 * Counts by the rules of MSC3381: of each person the newest vote alone, whichever room it was given in, even where it is
 * spoiled. Votes from after the end are not among `votes`.
 */
export function countVotes(poll: Poll, votes: readonly Vote[]): Count {
  const newest = new Map<UserId, Vote>();
  for (const vote of votes) {
    const other = newest.get(vote.sender);
    if (other === undefined || other.ts <= vote.ts) newest.set(vote.sender, vote);
  }
  const byAnswer = new Map(poll.answers.map(({ id }) => [id, 0]));
  let people = 0;
  for (const { answers } of newest.values()) {
    const chosen = chosenOf(poll, answers);
    if (chosen.size > 0) people += 1;
    for (const id of chosen) byAnswer.set(id, (byAnswer.get(id) ?? 0) + 1);
  }
  return { people, byAnswer };
}

/**
 * What the poll in a room does not show by itself: the votes of other rooms. Whoever has voted in the room as well is
 * seen there, and not counted a second time.
 */
export function countElsewhere(poll: Poll, votes: readonly Vote[], here: RoomId): Count {
  const ofRoom = votes.filter(({ room }) => room === here);
  const isSeen = (sender: UserId): boolean =>
    countVotes(
      poll,
      ofRoom.filter((vote) => vote.sender === sender),
    ).people > 0;
  return countVotes(
    poll,
    votes.filter(({ room, sender }) => room !== here && !isSeen(sender)),
  );
}

/** The answers that a vote is for, each once: none where it is spoiled. */
function chosenOf({ answers, maxSelections }: Poll, chosen: readonly string[]): Set<string> {
  const counted = chosen.slice(0, maxSelections);
  const isSpoiled = counted.some((id) => !answers.some((answer) => answer.id === id));
  return new Set(isSpoiled ? [] : counted);
}

/** What is told in a room of the votes that were given elsewhere; before the end no more than the poll itself tells. */
export function elsewhereText(poll: Poll, count: Count, language: Language): string {
  const texts = textsIn(language);
  if (!poll.disclosed) return texts.polls.hidden(count.people);
  return texts.polls.elsewhere(resultsOf(poll, count, texts), count.people);
}

/** What is told at a poll's end, of all votes. */
export function endText(poll: Poll, count: Count, language: Language): string {
  const texts = textsIn(language);
  return texts.polls.ended(resultsOf(poll, count, texts), count.people);
}

/** The answers that somebody has chosen, the most chosen ones first. Whatever an answer says, it stays one. */
function resultsOf({ answers }: Poll, { byAnswer }: Count, texts: Texts): string[] {
  const votesFor = (id: string): number => byAnswer.get(id) ?? 0;
  return answers
    .filter(({ id }) => votesFor(id) > 0)
    .sort((a, b) => votesFor(b.id) - votesFor(a.id))
    .map(({ id, text }) => `${quotedName(text, "?", texts)} ${votesFor(id)}`);
}

export interface LineInput {
  link: LinkId;
  /** The poll in the room that is told. */
  poll: EventId;
  /** What has been told there before, which this takes the place of; null where this is the first. */
  line: EventId | null;
  body: string;
  marker: JsonObject;
}

/** The line that tells of votes elsewhere: an answer to the poll, or an edit of the one that stands there. */
export function votesLine({ link, poll, line, body, marker }: LineInput): Content {
  const { type, content } = notice({ link, marker }, "votes", line === null ? body : `* ${body}`);
  if (line === null) return { type, content: { ...content, "m.relates_to": { "m.in_reply_to": { event_id: poll } } } };
  const replacement = { msgtype: "m.notice", body, "m.mentions": {} };
  const relation = { rel_type: "m.replace", event_id: line };
  return { type, content: { ...content, "m.new_content": replacement, "m.relates_to": relation } };
}

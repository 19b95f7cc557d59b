import { isObject } from "../../../../main/matrix/event.ts";
import type { UserId } from "../../../../main/matrix/ids.ts";
import { POLL_RESPONSE } from "../../../../main/matrix/unstable.ts";
import type { StoredEvent } from "./homeserver.ts";

/** One of the places where a poll stands: what was written first, or a copy of it. */
export interface Place {
  event: StoredEvent;
  /** Everything in its room. */
  room: readonly StoredEvent[];
  /** Whether the room that is judged may hear of this one. */
  heard: boolean;
}

const byFerry = ({ device }: StoredEvent): boolean => device.startsWith("FERRY");

const ANSWERS = ["soup", "stew", "pie"];

/**
 * What is wrong with what a room is told of a poll's votes: there is one line, where there is anything to tell, and it
 * shows how the votes stand now.
 *
 * @param here the poll in the room that is judged
 * @param end how it has been ended, if at all; `redacted` ends do not count
 */
export function judgeVotes(here: Place, elsewhere: readonly Place[], end: StoredEvent | null): string[] {
  const told = here.room.filter((event) => byFerry(event) && event.kind === "line");
  const first = told.filter(({ target }) => target === here.event.eventId);
  if (here.event.redacted) {
    const edits = told.filter(({ target, redacted }) => !redacted && first.some(({ eventId }) => eventId === target));
    return [...first.filter(({ redacted }) => !redacted), ...edits].map(() => "a line about a poll that is gone");
  }
  if (first.length > 1) return [`${first.length} lines about one poll`];
  const [line] = first;
  const others = elsewhere.filter(({ heard }) => heard);
  const away = countOf(others, end);
  if (!line) return away.people === 0 ? [] : ["votes of which nothing is told"];
  const shown = told.findLast(({ target }) => target === line.eventId) ?? line;
  const replacement = shown.content["m.new_content"];
  const body = (isObject(replacement) ? replacement : shown.content)["body"];
  const sum = countOf([here, ...others], end);
  const expected = end === null ? `Votes elsewhere: ${inWords(away, "none")}` : endOf(sum);
  return body === expected ? [] : [`shows “${body as string}” for “${expected}”`];
}

function endOf(sum: Sum): string {
  return sum.people === 0 ? "The poll has ended. There are no votes." : `The poll has ended: ${inWords(sum, "")}`;
}

interface Sum {
  people: number;
  votes: Map<string, number>;
}

function inWords({ people, votes }: Sum, none: string): string {
  const parts = [...votes].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  if (people === 0) return none;
  return `${parts.map(([answer, count]) => `“${answer}” ${count}`).join(", ")} (${people} ${people === 1 ? "person" : "people"})`;
}

/** Another way of counting than Ferry's: person by person, back from the newest vote. */
function countOf(places: readonly Place[], end: StoredEvent | null): Sum {
  const votes = places.flatMap(({ event, room }) =>
    room.filter(
      ({ kind, target, redacted, ts }) =>
        kind === "vote" && target === event.eventId && !redacted && ts <= (end?.ts ?? Infinity),
    ),
  );
  const sum: Sum = { people: 0, votes: new Map(ANSWERS.map((answer) => [answer, 0])) };
  for (const person of new Set<UserId>(votes.map(({ sender }) => sender))) {
    const newest = votes.filter(({ sender }) => sender === person).sort((a, b) => b.ts - a.ts)[0];
    const answers = answersOf(newest).slice(0, 2);
    if (answers.length === 0 || answers.some((answer) => !ANSWERS.includes(answer))) continue;
    sum.people += 1;
    for (const answer of answers) sum.votes.set(answer, (sum.votes.get(answer) ?? 0) + 1);
  }
  return sum;
}

function answersOf(vote: StoredEvent | undefined): string[] {
  const response = vote?.content[POLL_RESPONSE];
  return isObject(response) && Array.isArray(response["answers"]) ? (response["answers"] as string[]) : [];
}

/** What is wrong with the end of a poll's copy. */
export function judgeEnd(copy: Place, end: StoredEvent): string[] {
  const ends = copy.room.filter(
    (event) => byFerry(event) && event.kind === "poll-end" && event.target === copy.event.eventId,
  );
  if (copy.event.redacted) return ends.some(({ redacted }) => !redacted) ? ["the end of a poll that is gone"] : [];
  const right = ends.filter(({ copyOf }) => copyOf === end.eventId);
  return right.length === 1 ? [] : [`${right.length} ends of a copy`];
}

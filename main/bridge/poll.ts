import { isObject, type Json, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import { isEventId, type EventId } from "../matrix/ids.ts";
import {
  PLAIN_TEXT,
  POLL_DISCLOSED,
  POLL_END,
  POLL_RESPONSE,
  POLL_START,
  POLL_UNDISCLOSED,
} from "../matrix/unstable.ts";

/** Polls as they are written (MSC3381): in the unstable form, which is in use, and in the stable one. */

export type PollForm = "unstable" | "stable";

export interface Answer {
  id: string;
  /** As its author wrote it. */
  text: string;
}

export interface Poll {
  form: PollForm;
  question: string;
  /** Whether votes are shown before the end. */
  disclosed: boolean;
  /** How many answers one person may choose. */
  maxSelections: number;
  /** At least one, at most 20, each id once. */
  answers: Answer[];
}

/** "The array is truncated to 20 maximum options" (MSC3381). */
const MOST_ANSWERS = 20;
/** In bytes: ids stand in an edit twice, and are never cut. */
const ID_LIMIT = 100;

const TYPES: Record<PollForm, { start: string; response: string; end: string }> = {
  unstable: { start: POLL_START, response: POLL_RESPONSE, end: POLL_END },
  stable: { start: "m.poll.start", response: "m.poll.response", end: "m.poll.end" },
};

/** Also what drafts and clients in between have called it. */
const DISCLOSED: readonly unknown[] = [
  ...["m.disclosed", "m.poll.disclosed", POLL_DISCLOSED, "org.matrix.msc3381.disclosed"],
];

function formOf(type: string, part: "start" | "response" | "end"): PollForm | null {
  return (["unstable", "stable"] as const).find((form) => TYPES[form][part] === type) ?? null;
}

/** Whether an event votes in a poll. */
export function isPollResponse(type: string): boolean {
  return formOf(type, "response") !== null;
}

/** Whether an event ends a poll. */
export function isPollEnd(type: string): boolean {
  return formOf(type, "end") !== null;
}

/** Reads the start of a poll; null where it is none, or one that cannot be answered. */
export function readPoll(type: string, content: JsonObject): Poll | null {
  const form = formOf(type, "start");
  const details = content[POLL_START] ?? content["m.poll"] ?? content["m.poll.start"];
  if (form === null || !isObject(details)) return null;
  const question = textOf(details["question"]);
  const answers = readAnswers(details["answers"]);
  if (question === null || answers === null) return null;
  const wanted = details["max_selections"];
  const most = typeof wanted === "number" && Number.isInteger(wanted) && wanted >= 1 ? wanted : 1;
  const maxSelections = Math.min(most, answers.length);
  return { form, question, disclosed: DISCLOSED.includes(details["kind"]), maxSelections, answers };
}

/** Null where one of them could not be voted for, or not be told from another one. */
function readAnswers(value: Json | undefined): Answer[] | null {
  const answers: Answer[] = [];
  for (const answer of Array.isArray(value) ? value.slice(0, MOST_ANSWERS) : []) {
    const id = isObject(answer) ? (answer["m.id"] ?? answer["id"]) : null;
    const text = textOf(answer);
    if (typeof id !== "string" || text === null || !isSafeId(id)) return null;
    if (answers.some((other) => other.id === id)) return null;
    answers.push({ id, text });
  }
  return answers.length === 0 ? null : answers;
}

/** Votes name it as it is, so that it can not be cleaned. */
function isSafeId(id: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  return id !== "" && bytesOf(id) <= ID_LIMIT && id.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(id);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The text of something extensible (MSC1767), in either form; null where it shows nothing. */
function textOf(value: Json | undefined): string | null {
  if (!isObject(value)) return null;
  const text = value["m.text"] ?? value[PLAIN_TEXT] ?? value["body"];
  const said = Array.isArray(text) ? text.filter(isObject).find(isPlain)?.["body"] : text;
  return typeof said === "string" && said.trim() !== "" ? said : null;
}

function isPlain({ mimetype }: JsonObject): boolean {
  return mimetype === undefined || mimetype === "text/plain";
}

/** The answers that a vote names; null where the event is no vote. */
export function readResponse(type: string, content: JsonObject): string[] | null {
  if (!isPollResponse(type)) return null;
  const unstable = content[POLL_RESPONSE] ?? content["m.poll.response"];
  const chosen = isObject(unstable) ? unstable["answers"] : content["m.selections"];
  if (!Array.isArray(chosen)) return [];
  // What is no id of any answer spoils the vote, so that it has to stay.
  return chosen.map((id) => (typeof id === "string" ? id : ""));
}

/** The event that this one refers to as votes and ends do (specification, "Reference relations"), also undecrypted. */
export function referencedEvent({ content }: Pick<SourceEvent, "content">): EventId | null {
  const relation = content["m.relates_to"];
  if (!isObject(relation) || relation["rel_type"] !== "m.reference") return null;
  return isEventId(relation["event_id"]) ? relation["event_id"] : null;
}

/** What a poll says to clients that know none. */
export function pollText({ question, answers }: Pick<Poll, "question" | "answers">): string {
  return [question, ...answers.map(({ text }, index) => `${index + 1}. ${text}`)].join("\n");
}

/** The start of a poll, as it is sent. */
export function writePoll(poll: Poll): { type: string; content: JsonObject } {
  const { form, question, disclosed, maxSelections, answers } = poll;
  const { start: type } = TYPES[form];
  const fallback = writeText(form, pollText(poll));
  const common = { question: writeText(form, question), max_selections: maxSelections };
  if (form === "stable") {
    const options = answers.map(({ id, text }) => ({ "m.id": id, ...writeText(form, text) }));
    const kind = disclosed ? "m.disclosed" : "m.undisclosed";
    return { type, content: { ...fallback, "m.poll": { kind, ...common, answers: options } } };
  }
  const options = answers.map(({ id, text }) => ({ id, ...writeText(form, text) }));
  const kind = disclosed ? POLL_DISCLOSED : POLL_UNDISCLOSED;
  return { type, content: { ...fallback, [POLL_START]: { kind, ...common, answers: options } } };
}

/**
 * The end of a poll, as it is sent.
 *
 * @param start the poll in its room
 * @param results how many have chosen each answer; only the stable form has a place for them besides the text
 */
export function writePollEnd(
  form: PollForm,
  start: EventId,
  text: string,
  results: ReadonlyMap<string, number>,
): { type: string; content: JsonObject } {
  const type = TYPES[form].end;
  const relation = { "m.relates_to": { rel_type: "m.reference", event_id: start } };
  const details: JsonObject =
    form === "stable" ? { "m.poll.results": Object.fromEntries(results) } : { [POLL_END]: {} };
  return { type, content: { ...writeText(form, text), ...details, ...relation } };
}

function writeText(form: PollForm, text: string): JsonObject {
  return form === "stable" ? { "m.text": [{ body: text }] } : { [PLAIN_TEXT]: text };
}

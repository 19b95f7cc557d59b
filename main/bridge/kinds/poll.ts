import { isObject, type JsonObject, type SourceEvent } from "../../matrix/event.ts";
import { pollText, readPoll, writePoll, type Answer } from "../poll.ts";
import type { Message } from "../size.ts";
import { cut, defuseRoomMention, oneLine } from "../text.ts";
import type { Kind, Reader } from "./kind.ts";

/** In characters. */
const QUESTION_LIMIT = 500;
const ANSWER_LIMIT = 340;
/** Answers stand in a copy up to four times, and what is more than this many bytes of them is cut. */
const ANSWERS_BYTES = 4_000;
const SHORT_ANSWER = 45;

/** The start of a poll (MSC3381), which people in the destination can vote in. Votes and ends: see route-poll.ts. */
export const poll: Kind = (type, content, reader) => {
  const source = readPoll(type, content);
  if (source === null) return null;
  const answers = cleanAnswers(source.answers);
  const written = { ...source, answers };
  return {
    type,
    message: questionOf(source.question, content, reader),
    // A poll has no formatted text.
    write: ({ body }) => writePoll({ ...written, question: body }).content,
    files: [],
  };
};

/** Read as a text is: what stands before it for its sender, and who may not be called, is the same. */
function questionOf(question: string, content: JsonObject, { words }: Reader): Message {
  const { body } = words({ ...content, body: question, format: "" });
  return { body: cut(oneLine(body), QUESTION_LIMIT), html: null };
}

function cleanAnswers(answers: readonly Answer[]): Answer[] {
  const cutAt = (limit: number): Answer[] =>
    answers.map(({ id, text }) => ({ id, text: defuseRoomMention(cut(oneLine(text), limit)) }));
  const whole = cutAt(ANSWER_LIMIT);
  const bytes = new TextEncoder().encode(JSON.stringify(whole.map(({ text }) => text))).length;
  return bytes <= ANSWERS_BYTES ? whole : cutAt(SHORT_ANSWER);
}

/** A poll as a text, for a place where only a text can stand; anything else as it is. */
export function pollInWords(event: SourceEvent): SourceEvent {
  const replacement = event.content["m.new_content"];
  const content = textInPlace(event.type, event.content);
  const said = isObject(replacement) ? textInPlace(event.type, replacement) : null;
  if (content === null && said === null) return event;
  const whole = { ...(content ?? event.content), ...(said === null ? {} : { "m.new_content": said }) };
  return { ...event, type: "m.room.message", content: whole };
}

/** Null where the content is no poll. */
function textInPlace(type: string, content: JsonObject): JsonObject | null {
  const source = readPoll(type, content);
  if (source === null) return null;
  const question = cut(oneLine(source.question), QUESTION_LIMIT);
  const body = pollText({ question, answers: cleanAnswers(source.answers) });
  return { ...content, msgtype: "m.text", body, format: "" };
}

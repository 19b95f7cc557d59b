import type { SourceEvent } from "../matrix/event.ts";
import { isObject } from "../matrix/event.ts";
import { readCode } from "./code.ts";
import { isMarkedCopy } from "./loop.ts";
import { stripReplyFallback } from "./text.ts";

export type AnswerVerb = "approve" | "decline" | "stop";

/** What somebody tells Ferry by a message in a room. */
export type Command =
  | { kind: "opt-out" | "opt-in" }
  /** The answer to a proposal, which its code names (8 capitals and digits). Whether it counts is judged elsewhere. */
  | { kind: "answer"; verb: AnswerVerb; code: string };

/** Nothing longer is a command: the rest of a long text need not be looked at. */
const LONGEST = 64;

/** In the place of a code: `!ferry stop` ends every link of its room. */
export const EVERY_LINK = "*";

const OPTION = /^!ferry\s+opt-?(out|in)$/i;
const STOP = /^!ferry\s+stop$/i;
const ANSWER = /^(approve|decline|stop)\s+(\S+)$/i;

/**
 * Reads a message that is meant for Ferry: `!ferry optout`, `!ferry optin`, `!ferry stop`, `approve CODE`,
 * `decline CODE` or `stop CODE`, and nothing besides; null for every other event.
 *
 * In an encrypted room only an encrypted message is one, for a homeserver could have written any other in anybody's
 * name. A copy is none: its words are meant where they were written first, and its sender only carries them.
 */
export function readCommand(event: SourceEvent): Command | null {
  if (event.type !== "m.room.message" || event.stateKey !== undefined) return null;
  if (event.roomEncrypted && !event.encrypted) return null;
  const { msgtype, body } = event.content;
  if (msgtype !== "m.text" || typeof body !== "string" || isEdit(event) || isMarkedCopy(event)) return null;
  const text = stripReplyFallback(body).trim();
  if (text.length > LONGEST || text.includes("\n")) return null;
  const option = OPTION.exec(text)?.[1]?.toLowerCase();
  if (STOP.test(text)) return { kind: "answer", verb: "stop", code: EVERY_LINK };
  if (option !== undefined) return { kind: option === "out" ? "opt-out" : "opt-in" };
  const [, verb, word] = ANSWER.exec(text) ?? [];
  const code = readCode(word);
  return verb === undefined || code === null ? null : { kind: "answer", verb: verb.toLowerCase() as AnswerVerb, code };
}

function isEdit(event: SourceEvent): boolean {
  const relation = event.content["m.relates_to"];
  return isObject(relation) && relation["rel_type"] === "m.replace";
}

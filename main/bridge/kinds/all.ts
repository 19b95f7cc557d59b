import type { SkipReason } from "../../matrix/codes.ts";
import { isObject, type JsonObject, type SourceEvent } from "../../matrix/event.ts";
import { isToldState } from "../room-change.ts";
import type { Kind, Reader, Reading } from "./kind.ts";
import { location } from "./location.ts";
import { media } from "./media.ts";
import { poll } from "./poll.ts";
import { isCallOrVerification, text } from "./text.ts";

/** The first that takes a message is its kind; the last one takes whatever has something to read. */
export const KINDS = { media, location, poll, text } satisfies Record<string, Kind>;

/** Reads a message of any kind. @returns null where Ferry does not copy it */
export function readMessage(type: string, content: JsonObject, reader: Reader): Reading | null {
  for (const kind of Object.values<Kind>(KINDS)) {
    const reading = kind(type, content, reader);
    if (reading !== null) return reading;
  }
  return null;
}

/** Reads nothing: for asking only whether there is something to read. */
const BLIND: Reader = { words: () => ({ body: "", html: null }), mustBeMessage: true, isForAnother: false };

/** Why an event is not copied, by its kind; null where it is. Of an edit, what it puts in place counts. */
export function unsupported(event: SourceEvent): SkipReason | null {
  const { type, content } = event;
  if (isToldState(event)) return null;
  const said = isEdit(content) ? content["m.new_content"] : content;
  if (isCallOrVerification(type, content["msgtype"])) return "call-or-verification";
  if (isObject(said) && readMessage(type, said, BLIND) !== null) return null;
  return type === "m.room.message" ? "unsupported-message" : "unsupported-type";
}

/** Whether a content replaces another one (specification, "Event replacements"). */
export function isEdit(content: JsonObject): boolean {
  const relation = content["m.relates_to"];
  return isObject(relation) && relation["rel_type"] === "m.replace";
}

import { isObject, type JsonObject, type SourceEvent } from "../matrix/event.ts";
import type { FileFailure } from "../matrix/codes.ts";
import { PER_MESSAGE_PROFILE } from "../matrix/unstable.ts";
import { readProfile } from "./attribution.ts";
import { readMessage } from "./kinds/all.ts";
import { fileOf } from "./kinds/media.ts";
import { quotedName, quotedRoom } from "./texts/names.ts";
import { textsIn, type Language } from "./texts/texts.ts";
import { plainText } from "./words.ts";

/** Why a message comes without its file, and where it can be found. */
export interface Missing {
  failure: FileFailure;
  /** Name of the room that it was sent in. */
  room: string;
  language: Language;
}

/**
 * A message whose file cannot be carried, as words: what it was, why it is not here, and where it is. What has no file
 * stays as it is.
 */
export function withoutFile(event: SourceEvent, missing: Missing): SourceEvent {
  const { type, content } = event;
  const replacement = content["m.new_content"];
  if (!hasFile(type, isObject(replacement) ? replacement : content)) return event;
  const said: JsonObject = {
    ...inWords(type, content, missing),
    ...(content["m.relates_to"] === undefined ? {} : { "m.relates_to": content["m.relates_to"] }),
    ...(isObject(replacement) ? { "m.new_content": inWords(type, replacement, missing) } : {}),
  };
  return { ...event, type: "m.room.message", content: said };
}

function hasFile(type: string, content: JsonObject): boolean {
  const reading = readMessage(type, content, {
    words: () => ({ body: "", html: null }),
    mustBeMessage: true,
    isForAnother: false,
  });
  return fileOf(reading?.files ?? []) !== null;
}

function inWords(type: string, content: JsonObject, { failure, room, language }: Missing): JsonObject {
  const texts = textsIn(language);
  const words = (from: JsonObject): { body: string; html: null } => ({ body: plainText(from, false), html: null });
  const reading = readMessage(type, content, { words, mustBeMessage: true, isForAnother: false });
  const file = fileOf(reading?.files ?? []);
  const about = {
    name: file === null ? null : quotedName(file.name, "file", texts),
    size: file?.size ?? null,
    room: quotedRoom(room, texts),
  };
  const caption = file === null ? "" : (reading?.message.body ?? "");
  const profile = readProfile(content);
  return {
    msgtype: "m.notice",
    body: texts.copies.standIn(about, failure) + (caption === "" ? "" : `\n\n${caption}`),
    ...(content["m.mentions"] === undefined ? {} : { "m.mentions": content["m.mentions"] }),
    ...(profile === null ? {} : { [PER_MESSAGE_PROFILE]: { id: profile.id, displayname: profile.displayName } }),
  };
}

import type { JsonObject } from "../../matrix/event.ts";
import type { FileReference } from "../../matrix/media.ts";
import type { Message } from "../size.ts";

/** A file that a copy carries: it is encrypted and uploaded anew before the copy is sent. */
export interface CarriedFile {
  source: FileReference | { text: string };
  /** `thumbnail` is left out where it cannot be had; without `file` the copy is another one. */
  role: "file" | "thumbnail";
  /** In which objects of the copy's content it is named. */
  paths: string[][];
  mimetype: string | null;
  /** In bytes, as the source says; null where it does not. */
  size: number | null;
  /** Its name, which the homeserver learns only where it learns everything. */
  name: string;
}

/** What one kind of message says, read from a source's content: nothing else of it goes into the copy. */
export interface Reading {
  /** Type of the copy's event. */
  type: string;
  /** What is readable of it: names and quotations are put before this, and what is too long loses its end. */
  message: Message;
  /** The copy's content, with the readable part as it has become. */
  write(message: Message): JsonObject;
  files: CarriedFile[];
  /** Whether it is words and nothing else: what is too long of them may come as a file. All else loses its end. */
  isText?: true;
}

/** What reading depends on besides the content. */
export interface Reader {
  /** `body` and `formatted_body`, cleaned. */
  words: (content: JsonObject) => Message;
  /** Whether the copy is an `m.room.message`: it says whose words they are or what they answer, or replaces another one. */
  mustBeMessage: boolean;
  /** Whether it is somebody else who says it than the account that sends the copy. */
  isForAnother: boolean;
}

/** @returns null where the content is not of this kind */
export type Kind = (type: string, content: JsonObject, reader: Reader) => Reading | null;

export const HTML_FORMAT = "org.matrix.custom.html";

/** The fields of a text, in both forms. */
export function writeWords({ body, html }: Message): JsonObject {
  return { body, ...(html === null ? {} : { format: HTML_FORMAT, formatted_body: html }) };
}

/** Events have no fractions and no numbers beyond what is safe (specification, "Canonical JSON"). */
export function wholeNumber(value: unknown, most = Number.MAX_SAFE_INTEGER): number | null {
  if (typeof value !== "number" || !(value >= 0)) return null;
  // Nothing is added to turn the zero with a sign, which events do not have either, into the other one.
  return value <= most ? Math.round(value) + 0 : null;
}

/** Leaves out what is null. */
export function withoutNulls(fields: Record<string, JsonObject[string]>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

import type { Message } from "../size.ts";
import { writeWords, type Reading } from "./kind.ts";

const MIME_TYPE = "text/plain";

/** A text that does not fit into an event: its beginning, with the whole of it as a file. */
export function asTextFile({ body }: Message, name: string): Reading {
  const size = new TextEncoder().encode(body).length;
  return {
    type: "m.room.message",
    message: { body, html: null },
    write: (message) => ({
      ...{ msgtype: "m.file", ...writeWords(message) },
      ...{ filename: name, info: { mimetype: MIME_TYPE, size } },
    }),
    files: [{ source: { text: body }, role: "file", paths: [[]], name, mimetype: MIME_TYPE, size }],
  };
}

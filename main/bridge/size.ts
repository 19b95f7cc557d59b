import type { JsonObject } from "../matrix/event.ts";
import { cut } from "./text.ts";

/** What a message says, in both forms. */
export interface Message {
  body: string;
  /** Null where the plain text says it all. */
  html: string | null;
}

/**
 * How many bytes a copy's content may have. An event may have 65,536 (specification, "Size limits"), in which
 * encryption takes a third more for base64, and homeservers add their signatures and references.
 */
export const MAX_CONTENT_BYTES = 44_000;

/**
 * Builds a content that fits into an event. A copy is longer than its source (a name, a quotation, a second form of the
 * text), so that a very long message loses its formatting first. @returns null where that is not enough
 */
export function buildWhole(message: Message, build: (message: Message) => JsonObject): JsonObject | null {
  const whole = build(message);
  if (bytesOf(whole) <= MAX_CONTENT_BYTES) return whole;
  const plain = build({ body: message.body, html: null });
  return bytesOf(plain) <= MAX_CONTENT_BYTES ? plain : null;
}

/**
 * Builds a content from the beginning of a message that is too long.
 *
 * @param remark what is said at its end
 * @param most how many characters are tried first
 */
export function buildCut(
  message: Message,
  remark: string,
  build: (message: Message) => JsonObject,
  most = MAX_CONTENT_BYTES,
): JsonObject {
  let limit = Math.min(message.body.length, most);
  for (;;) {
    const shortened = build({ body: `${cut(message.body, limit)}\n\n${remark}`, html: null });
    const size = bytesOf(shortened);
    if (limit === 0 || size <= MAX_CONTENT_BYTES) return shortened;
    limit = Math.floor(limit * Math.min(0.95, MAX_CONTENT_BYTES / size));
  }
}

function bytesOf(content: JsonObject): number {
  return new TextEncoder().encode(JSON.stringify(content)).length;
}

import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import { isEventId, type EventId } from "../../main/matrix/ids.ts";
import { TOLD_TYPES } from "../../main/matrix/told-changes.ts";

/** See `previousContent` of `SourceEvent`. */
export function previousContent(raw: JsonObject): JsonObject | null | undefined {
  if (!isToldType(raw)) return undefined;
  const unsigned = raw["unsigned"];
  if (!isObject(unsigned)) return null;
  if (isObject(unsigned["prev_content"])) return unsigned["prev_content"];
  return unsigned["replaces_state"] === undefined ? null : undefined;
}

/**
 * The event that a state event has replaced, where nothing but its id came along: not every answer of a homeserver holds the
 * content (client-server API, "Room event format": `unsigned`).
 */
export function replacedState(raw: JsonObject): EventId | null {
  const unsigned = raw["unsigned"];
  if (!isToldType(raw) || previousContent(raw) !== undefined || !isObject(unsigned)) return null;
  return isEventId(unsigned["replaces_state"]) ? unsigned["replaces_state"] : null;
}

/** The event with what it has replaced, as if the homeserver had said it. */
export function withPrevious(raw: JsonObject, content: JsonObject): JsonObject {
  const unsigned = isObject(raw["unsigned"]) ? raw["unsigned"] : {};
  return { ...raw, unsigned: { ...unsigned, prev_content: content } };
}

function isToldType(raw: JsonObject): boolean {
  return typeof raw["state_key"] === "string" && typeof raw["type"] === "string" && TOLD_TYPES.has(raw["type"]);
}

import type { SourceEvent } from "../matrix/event.ts";
import { LIVE_LOCATION } from "../matrix/unstable.ts";
import type { CopyTexts } from "./texts/texts.ts";

/**
 * The start and the end of a live location (MSC3489), the only state events that are told elsewhere. They are never
 * encrypted, and say nothing but whether there is one; where it is, stands in events that are not copied.
 */
export function isLiveLocation({ type, stateKey, sender, content }: SourceEvent): boolean {
  if (type !== LIVE_LOCATION && type !== "m.beacon_info") return false;
  return stateKey === sender && typeof content["live"] === "boolean";
}

/** A live location as a message that says what has become of it; anything else as it is. */
export function liveLocationInWords(event: SourceEvent, texts: Pick<CopyTexts, "liveLocation">): SourceEvent {
  if (!isLiveLocation(event)) return event;
  const body = texts.liveLocation(event.content["live"] === true);
  const content = { msgtype: "m.notice", body, "m.mentions": {} };
  return { ...event, type: "m.room.message", stateKey: undefined, content };
}

import type { SourceEvent } from "../matrix/event.ts";
import { LIVE_LOCATION } from "../matrix/unstable.ts";
import { wholeNumber } from "./kinds/kind.ts";
import type { CopyTexts, Duration } from "./texts/texts.ts";

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
/** Whoever shares for longer than this does so until they end it. */
const LONGEST_MS = 365 * DAY_MS;

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
  const { live, timeout } = event.content;
  const body = texts.liveLocation(live === true, durationOf(timeout));
  const content = { msgtype: "m.notice", body, "m.mentions": {} };
  return { ...event, type: "m.room.message", stateKey: undefined, content };
}

/** Milliseconds in whole minutes, hours or days, whichever says it exactly; null where they say nothing. */
function durationOf(value: unknown): Duration | null {
  const minutes = Math.round((wholeNumber(value, LONGEST_MS) ?? 0) / MINUTE_MS) * MINUTE_MS;
  if (minutes === 0) return null;
  if (minutes % DAY_MS === 0) return { count: minutes / DAY_MS, unit: "days" };
  if (minutes % HOUR_MS === 0) return { count: minutes / HOUR_MS, unit: "hours" };
  return { count: minutes / MINUTE_MS, unit: "minutes" };
}

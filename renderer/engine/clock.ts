import { isObject } from "../../main/matrix/event.ts";

/**
 * How far this machine's clock is ahead of the homeserver's, in milliseconds; null where no event tells.
 *
 * A homeserver gives an event's age by its own clock, so `origin_server_ts` and `age` add up to its time now. The
 * `Date` header would say it too, but is not readable across origins.
 */
export function clockOffsetOf(events: readonly unknown[]): number | null {
  for (const event of events.toReversed()) {
    if (!isObject(event) || !isObject(event["unsigned"])) continue;
    const age = event["unsigned"]["age"];
    const timestamp = event["origin_server_ts"];
    if (typeof age === "number" && typeof timestamp === "number") return Math.round(Date.now() - (timestamp + age));
  }
  return null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const full = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "short" });
const short = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** "just now", "4 minutes ago", "in 3 days"; a date where it is more than a month away. Both in milliseconds since 1970. */
export function relativeTime(ts: number, now: number): string {
  const ahead = ts - now;
  const away = Math.abs(ahead);
  if (away < MINUTE) return "just now";
  if (away < HOUR) return relative.format(Math.trunc(ahead / MINUTE), "minute");
  if (away < DAY) return relative.format(Math.trunc(ahead / HOUR), "hour");
  if (away < 30 * DAY) return relative.format(Math.trunc(ahead / DAY), "day");
  return short.format(ts);
}

/** The whole date and time, for who wants to know exactly. */
export function fullTime(ts: number): string {
  return full.format(ts);
}

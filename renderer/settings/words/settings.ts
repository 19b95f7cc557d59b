import type { SettingsView } from "../../../main/protocol/control.ts";
import { counted } from "./numbers.ts";

/** Stands for no limit where a choice has to be text. */
const NONE = "none";
const OFFERED = [1, 24, 7 * 24, 30 * 24];

/** How far back Ferry may go, as choices; what was set elsewhere (`ferry` can set any hours) is among them. */
export function catchUpChoices(current: SettingsView["catchUpHours"]): { value: string; label: string }[] {
  const hours = current === null || OFFERED.includes(current) ? OFFERED : [...OFFERED, current];
  const limits = [...hours].sort((a, b) => a - b).map((each) => ({ value: String(each), label: spanWords(each) }));
  return [{ value: NONE, label: "No limit" }, ...limits];
}

/** A limit as the value of its choice, and back; null is no limit. */
export function limitValue(limit: number | null): string {
  return limit === null ? NONE : String(limit);
}

export function limitOf(value: string): number | null {
  return value === NONE ? null : Number(value);
}

const OFFERED_MB = [10, 50, 100, 500];

/** How large a file may be that is copied, as choices. */
export function fileChoices(current: SettingsView["largestFileMb"]): { value: string; label: string }[] {
  const sizes = current === null || OFFERED_MB.includes(current) ? OFFERED_MB : [...OFFERED_MB, current];
  const limits = [...sizes].sort((a, b) => a - b).map((each) => ({ value: String(each), label: `${each} MB` }));
  return [{ value: NONE, label: "As large as your server takes" }, ...limits];
}

function spanWords(hours: number): string {
  if (hours % (7 * 24) === 0) return counted(hours / (7 * 24), "week");
  return hours % 24 === 0 ? counted(hours / 24, "day") : counted(hours, "hour");
}

export const KEYS_FOR = [
  {
    value: "all",
    label: "Every device",
    more: "Everybody in the room can read the copies, whatever device they use.",
  },
  {
    value: "verified",
    label: "Only verified devices",
    more: "Safer if somebody's server were to slip in a device. People who have not verified theirs cannot read the copies.",
  },
] as const satisfies { value: SettingsView["keysFor"]; label: string; more: string }[];

export const NOTICE_LANGUAGES = [
  { value: "en", label: "English" },
  { value: "de", label: "Deutsch" },
] as const satisfies { value: SettingsView["noticeLanguage"]; label: string }[];

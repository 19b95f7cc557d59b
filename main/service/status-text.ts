import { bytes as sizeText } from "../bridge/text.ts";
import type { HealthCondition, StatusView } from "../protocol/control.ts";
import type { FileProgress } from "../protocol/files.ts";

/** What the tray's icon tells by its shape, the most pressing first. */
export const trayStates = ["attention", "paused", "offline", "catching-up", "mirroring"] as const;
export type TrayState = (typeof trayStates)[number];

/** Fewer copies than this under way are the ordinary coming and going, and must not make the icon flicker. */
const CATCHING_UP_FROM = 10;

/** Windows cuts a tooltip after 127 characters. */
const TOOLTIP_LENGTH = 127;

/** Conditions that end by themselves when the network is back, and that the offline icon already tells. */
const networkConditions: readonly string[] = ["offline", "homeserver-unreachable"];

type Facts = Omit<StatusView, "summary">;

/** Conditions that wait for the user though they are no errors. */
const questions: readonly string[] = ["not-logged-in", "proposal-received", "delivery-failed"];

/** What waits for the user: errors, a login that is missing, what others ask, copies that failed. The gravest first. */
export function needsOf({ health }: Pick<StatusView, "health">): HealthCondition[] {
  return health.filter(
    ({ code, severity }) => questions.includes(code) || (severity === "error" && !networkConditions.includes(code)),
  );
}

/** How many things wait for the user. */
function countNeeds(status: Facts): number {
  return needsOf(status).length;
}

/** The tray's state for a status. What the user has stopped is shown as stopped, whatever else is the case. */
export function trayState(status: Facts): TrayState {
  if (status.connection === "logged-out") return "attention";
  if (status.paused) return "paused";
  if (countNeeds(status) > 0) return "attention";
  if (status.connection === "offline") return "offline";
  if (status.connection === "starting" || status.waiting >= CATCHING_UP_FROM) return "catching-up";
  return "mirroring";
}

/**
 * The one line that says what Ferry is doing now, for the window's foot, the tray and `ferry status`.
 *
 * @param atWork how many links mirror or catch up; the others are paused, wait, or have stopped
 */
export function summarise(status: Facts, atWork: number): string {
  switch (trayState(status)) {
    case "attention":
      return needsLine(status);
    case "paused":
      return "Paused";
    case "offline":
      return status.waiting === 0 ? "Offline" : `Offline, ${counted(status.waiting, "message")} will follow`;
    case "catching-up":
      return status.waiting === 0 ? "Connecting" : `Catching up, ${counted(status.waiting, "message")} to go`;
    case "mirroring":
      if (status.links === 0) return "Ready, no links yet";
      return atWork === 0 ? "Ready, no link is mirroring" : `Mirroring ${counted(atWork, "link")}`;
  }
}

/** How far a large file has come. */
export function carryingText({ fetchedBytes, bytes }: Pick<FileProgress, "fetchedBytes" | "bytes">): string {
  if (bytes === null) return `Carrying a large file: ${sizeText(fetchedBytes, ".")} fetched`;
  const file = `Carrying a file of ${sizeText(bytes, ".")}`;
  if (fetchedBytes >= bytes) return `${file}: fetched, now being sent on`;
  return `${file}: ${Math.floor((100 * fetchedBytes) / bytes)} % fetched`;
}

/** The tray's tooltip: the name and the line, cut to what every system can show. */
export function trayTooltip(status: StatusView): string {
  return cut(`Ferry: ${status.summary}`, TOOLTIP_LENGTH);
}

function needsLine(status: Facts): string {
  if (status.connection === "logged-out") return status.userId === null ? "Not logged in" : "Logged out";
  const count = countNeeds(status);
  if (count === 1 && status.failed > 0) {
    return `${counted(status.failed, "message")} could not be delivered`;
  }
  if (count === 1 && status.proposals > 0) {
    return status.proposals === 1 ? "1 question waits for you" : `${String(status.proposals)} questions wait for you`;
  }
  return count === 1 ? "1 thing needs you" : `${String(count)} things need you`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Cuts between characters, not inside one. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…`;
}

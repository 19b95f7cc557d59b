import { cleanLabel } from "../bridge/attribution.ts";
import type { ConditionCode } from "../matrix/codes.ts";
import type { FerryError } from "../matrix/errors.ts";
import type { LinkId } from "../matrix/ids.ts";
import type { Gap, Link } from "../bridge/link.ts";
import type { ConnectionState } from "../protocol/engine.ts";
import type { HealthCondition } from "../protocol/control.ts";

/** Past this a homeserver's and this machine's idea of the time differ by more than the network explains. */
const CLOCK_TOLERANCE_MS = 60_000;

/** From so many ends of the engine in a row on, somebody has to look. */
const FAULT_FROM = 3;

/** A link, by what it is called and what it is. */
type Named = Pick<Link, "id" | "name">;

export interface Facts {
  loggedIn: boolean;
  connection: ConnectionState;
  /** Whether this computer has a network at all. */
  hasNetwork: boolean;
  clockOffsetMs: number | null;
  /** What keeps the engine from running, or from talking to the homeserver. */
  engineFailure: FerryError | null;
  /** How often it has ended by itself of late. */
  engineEnds: number;
  /** The last write to the database failed. */
  storeFailure: FerryError | null;
  /** There is hardly any room left where Ferry writes. */
  isDiskFull: boolean;
  failed: number;
  undecryptable: number;
  suspended: readonly { link: Named; room: string; reason: string }[];
  /** What is wanting for consent; `isWaiting`: the link has never begun. */
  gaps: readonly { link: Named; isWaiting: boolean; gap: Gap }[];
  /** Whether this device is cross-signed; null where that is not known. */
  verified: boolean | null;
  /** What has become of looking for a new version. */
  update: "failed" | "ready" | null;
  /** How many people's proposals wait for the user. */
  requests: number;
}

/** A condition that is about no link says nothing of one. */
type Condition = Omit<HealthCondition, "code" | "link"> & { code: ConditionCode; link?: LinkId };

/** The named conditions that hold now, the gravest first. */
export function healthOf(facts: Facts): HealthCondition[] {
  const found = [...machine(facts), ...account(facts), ...consent(facts), ...delivery(facts), ...updates(facts)].map(
    (condition) => ({
      ...{ link: null, ...condition },
    }),
  );
  const rank = { error: 0, warning: 1, info: 2 };
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function machine({ engineFailure, engineEnds, storeFailure, isDiskFull, clockOffsetMs }: Facts): Condition[] {
  const found: Condition[] = [];
  if (engineFailure && engineFailure.code !== "disk-full") {
    const text = engineFailure.message;
    found.push({
      code: engineFailure.code,
      severity: "error",
      text,
      action: "If it lasts, quit Ferry and start it again.",
    });
  }
  if (!engineFailure && engineEnds > 0) {
    const isFault = engineEnds >= FAULT_FROM;
    const text = "The part of Ferry that speaks to the homeserver ended unexpectedly. Ferry has lost nothing.";
    const action = isFault
      ? `It has happened ${engineEnds} times in a row. Restart the computer; if it goes on, send the diagnostics.`
      : "It is being started again. Nothing needs to be done.";
    found.push({ code: "engine-gone", severity: isFault ? "error" : "warning", text, action });
  }
  if (isDiskFull) {
    const text = "The disk is full. Ferry mirrors nothing until there is room; what is missed meanwhile will follow.";
    found.push({ code: "disk-full", severity: "error", text, action: "Free some space. Ferry goes on by itself." });
  } else if (storeFailure) {
    const action = "Ferry tries again by itself.";
    found.push({ code: storeFailure.code, severity: "error", text: storeFailure.message, action });
  }
  if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > CLOCK_TOLERANCE_MS) {
    const minutes = Math.max(1, Math.round(Math.abs(clockOffsetMs) / 60_000));
    const way = clockOffsetMs > 0 ? "ahead of" : "behind";
    const length = minutes === 1 ? "1 minute" : `${minutes} minutes`;
    const text = `This computer's clock is ${length} ${way} the homeserver's.`;
    found.push({ code: "clock-wrong", severity: "warning", text, action: "Set the clock, best from the network." });
  }
  return found;
}

function account(facts: Facts): Condition[] {
  return [...connection(facts), ...security(facts)];
}

function security({ loggedIn, connection, verified }: Facts): Condition[] {
  if (!loggedIn || connection === "logged-out" || verified !== false) return [];
  const text = "This device is not verified. Others may not send it keys, and may not trust what it sends.";
  const action = "Verify it with your recovery key, or with another device.";
  return [{ code: "device-unverified", severity: "warning", text, action }];
}

function connection({ loggedIn, connection, hasNetwork, engineFailure }: Facts): Condition[] {
  if (!loggedIn) {
    return [{ code: "not-logged-in", severity: "info", text: "Ferry is not logged in.", action: "Log in." }];
  }
  if (connection === "logged-out") {
    const text = "The homeserver no longer accepts this login. Links and what is still owed are kept.";
    return [{ code: "logged-out", severity: "error", text, action: "Log in again." }];
  }
  if (connection === "offline" && !engineFailure && !hasNetwork) {
    const text = "This computer is not connected to a network. What is missed meanwhile will follow.";
    return [{ code: "offline", severity: "warning", text, action: "Connect it. Ferry goes on by itself." }];
  }
  if (connection === "offline" && !engineFailure) {
    const text = "The homeserver cannot be reached. What is missed meanwhile will follow.";
    return [{ code: "homeserver-unreachable", severity: "warning", text, action: "Check this computer's network." }];
  }
  return [];
}

function consent({ gaps, requests }: Facts): Condition[] {
  const found: Condition[] = [];
  for (const { link, isWaiting, gap } of gaps) {
    // It will have been looked at in a moment, or else the homeserver cannot be reached, which is said already.
    if (gap.code === "room-unread") continue;
    const action = "See who has to agree.";
    if (isWaiting)
      found.push({
        code: "consent-awaited",
        severity: "info",
        text: `${quoted(link.name)}: ${gap.sentence}`,
        action,
        link: link.id,
      });
    else
      found.push({
        code: gap.code,
        severity: "error",
        text: `${quoted(link.name)} is stopped: ${gap.sentence}`,
        action,
        link: link.id,
      });
  }
  if (requests > 0) {
    const text =
      requests === 1 ? "Somebody asks to link a room of yours." : `${requests} people ask to link rooms of yours.`;
    found.push({ code: "proposal-received", severity: "warning", text, action: "See what they ask." });
  }
  return found;
}

function delivery({ failed, undecryptable, suspended }: Facts): Condition[] {
  const found: Condition[] = suspended.map(({ link, room, reason }) => ({
    code: "link-suspended",
    severity: "error" as const,
    text: `${quoted(link.name)} no longer copies into ${quoted(room)}: ${reason}`,
    action: "When that is resolved, go on with the link.",
    link: link.id,
  }));
  if (failed > 0) {
    const text = failed === 1 ? "1 message could not be delivered." : `${failed} messages could not be delivered.`;
    found.push({ code: "delivery-failed", severity: "warning", text, action: "See why." });
  }
  if (undecryptable > 0) {
    const messages =
      undecryptable === 1 ? "1 message waits for its key" : `${undecryptable} messages wait for their keys`;
    const text = `${messages}; placeholders stand where they belong.`;
    const action = "They are filled in when the keys come. Nothing needs to be done.";
    found.push({ code: "keys-missing", severity: "info", text, action });
  }
  return found;
}

/** Names come from rooms, and stand in notifications and tooltips as well, where nothing else sets them apart. */
function quoted(name: string): string {
  return `“${cleanLabel(name, "without a name")}”`;
}

function updates({ update }: Facts): Condition[] {
  if (update === null) return [];
  if (update === "ready") {
    const action = "It takes this one's place when Ferry ends.";
    return [{ code: "update-ready", severity: "info", text: "A new version of Ferry is ready.", action }];
  }
  const action = "It looks again tomorrow. Nothing needs to be done.";
  return [{ code: "update-failed", severity: "info", text: "Ferry could not look for a new version.", action }];
}

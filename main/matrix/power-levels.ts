import { isObject, type JsonObject } from "./event.ts";
import type { UserId } from "./ids.ts";

/** Stands above every level: a creator in room version 12 and later (MSC4289). */
export const CREATOR = Number.POSITIVE_INFINITY;

/** The level below which nobody may approve a link, whatever a room asks for its state events. */
export const APPROVER_MINIMUM = 50;

/** The state events that power is read from. */
export interface PowerState {
  create: { sender: UserId; content: JsonObject };
  /** Content of `m.room.power_levels`; null where the room has none. */
  powerLevels: JsonObject | null;
}

function level(value: unknown, fallback: number): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  // Room versions before 10 allow levels as strings.
  if (typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)) return Number.parseInt(value, 10);
  return fallback;
}

function hasPrivilegedCreators(create: JsonObject): boolean {
  const version = create["room_version"];
  return typeof version === "string" && /^\d+$/.test(version) && Number(version) >= 12;
}

/**
 * Who made the room: before version 11 the content says it, and may name another than the sender; afterwards it is
 * the sender (room version 11, MSC2175).
 */
function creatorOf({ sender, content }: PowerState["create"]): unknown {
  const version = content["room_version"] ?? "1";
  const isOld = typeof version === "string" && /^\d+$/.test(version) && Number(version) < 11;
  return isOld && typeof content["creator"] === "string" ? content["creator"] : sender;
}

/** A member's power level, after the authorization rules of the room's version. */
export function powerOf(user: UserId, state: PowerState): number {
  const { create, powerLevels } = state;
  const isCreator = creatorOf(create) === user;
  if (hasPrivilegedCreators(create.content)) {
    const additional = create.content["additional_creators"];
    if (isCreator || (Array.isArray(additional) && additional.includes(user))) return CREATOR;
  }
  if (powerLevels === null) return isCreator ? 100 : 0;
  const users = powerLevels["users"];
  const fallback = level(powerLevels["users_default"], 0);
  return isObject(users) && Object.hasOwn(users, user) ? level(users[user], fallback) : fallback;
}

/** Whether somebody's “@room” rings there (client-server API, "m.room.power_levels", `notifications`). */
export function mayNotifyRoom(user: UserId, state: PowerState): boolean {
  const notifications = state.powerLevels?.["notifications"];
  return powerOf(user, state) >= level(isObject(notifications) ? notifications["room"] : undefined, 50);
}

/** The level that somebody needs to approve a link: that of the given state event, and at least 50. */
export function approverLevel(stateEventType: string, powerLevels: JsonObject | null): number {
  const events = powerLevels?.["events"];
  const fallback = level(powerLevels?.["state_default"], powerLevels === null ? 0 : 50);
  const needed =
    isObject(events) && Object.hasOwn(events, stateEventType) ? level(events[stateEventType], fallback) : fallback;
  return Math.max(needed, APPROVER_MINIMUM);
}

/** Whether somebody may redact other people's events, as far as that is not left to the event itself. */
export function mayRedact(user: UserId, state: PowerState): boolean {
  return powerOf(user, state) >= level(state.powerLevels?.["redact"], 50);
}

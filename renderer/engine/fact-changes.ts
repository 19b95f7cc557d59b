import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { isObject } from "../../main/matrix/event.ts";
import { isEventId, type EventId, type RoomId } from "../../main/matrix/ids.ts";
import { STATE_TYPES } from "./facts.ts";

/** What is looked at to see whether a response of `/sync` changes a room's facts. */
export interface Standing {
  membership: string;
  /** Whether somebody is in the room (`join`) or invited to it; everybody else is not in it. */
  members: ReadonlyMap<string, string>;
}

const types = new Set(STATE_TYPES);

/**
 * Whether a response may have changed a room's facts. On the way of every message: with lazily loaded members the
 * member events of senders come along with what they wrote, and say nothing new.
 */
export function mayChange(response: ISyncResponse, roomId: RoomId, standing: Standing | null): boolean {
  const { join, leave, invite, knock } = response.rooms ?? {};
  if (leave?.[roomId] || invite?.[roomId] || knock?.[roomId]) return true;
  const joined = join?.[roomId];
  if (!joined) return false;
  if (standing === null || standing.membership !== "join" || joined.timeline?.limited === true) return true;
  return eventsIn(joined).some((event) => changes(event, standing));
}

/** Ids of the events that a response redacts in a room. */
export function redactedIn(response: ISyncResponse, roomId: RoomId): EventId[] {
  const redacted: EventId[] = [];
  for (const event of eventsOf(response.rooms?.join?.[roomId]?.timeline)) {
    if (!isObject(event) || event["type"] !== "m.room.redaction") continue;
    // Room version 11 moved it into the content.
    const content = isObject(event["content"]) ? event["content"] : {};
    for (const id of [event["redacts"], content["redacts"]]) if (isEventId(id)) redacted.push(id);
  }
  return redacted;
}

function eventsIn(joined: NonNullable<NonNullable<ISyncResponse["rooms"]>["join"]>[string]): unknown[] {
  const sections: unknown[] = [joined.state, joined["org.matrix.msc4222.state_after"], joined.timeline];
  return sections.flatMap((section) => eventsOf(section));
}

function eventsOf(section: unknown): unknown[] {
  return isObject(section) && Array.isArray(section["events"]) ? section["events"] : [];
}

function changes(event: unknown, standing: Standing): boolean {
  if (!isObject(event) || typeof event["state_key"] !== "string" || typeof event["type"] !== "string") return false;
  if (!types.has(event["type"])) return false;
  if (event["type"] !== "m.room.member") return true;
  const membership = isObject(event["content"]) ? event["content"]["membership"] : undefined;
  const present = membership === "join" || membership === "invite" ? membership : undefined;
  return standing.members.get(event["state_key"]) !== present;
}

import { isObject, type SourceEvent } from "../matrix/event.ts";
import { isEventId, type EventId, type UserId } from "../matrix/ids.ts";
import { readChange } from "./room-change.ts";
import type { CopyRelation } from "./transform.ts";

/** How a message relates to others of its room (client-server API, "Rich replies" and "Threading"). */
export type SourceRelation =
  | { kind: "none" }
  | { kind: "reply"; to: EventId }
  | { kind: "thread"; root: EventId; replyTo: EventId | null; fallingBack: boolean };

/** Reads a message's relation; what is malformed relates to nothing. That a message is pinned answers that message. */
export function readRelation(event: SourceEvent): SourceRelation {
  const change = readChange(event);
  if (change !== null) return change.kind === "pins" ? { kind: "reply", to: change.pinned } : { kind: "none" };
  const relation = event.content["m.relates_to"];
  if (!isObject(relation)) return { kind: "none" };
  const reply = relation["m.in_reply_to"];
  const replyTo = isObject(reply) && isEventId(reply["event_id"]) ? reply["event_id"] : null;
  if (relation["rel_type"] === "m.thread" && isEventId(relation["event_id"])) {
    return { kind: "thread", root: relation["event_id"], replyTo, fallingBack: relation["is_falling_back"] === true };
  }
  return replyTo === null ? { kind: "none" } : { kind: "reply", to: replyTo };
}

/** What stands in a destination for an event of the source room. */
export interface Counterpart {
  eventId: EventId;
  /** Who wrote the event that was written first. */
  author: UserId | null;
}

/** What the relation's resolution asks for. */
export interface RelationFacts {
  counterpart(eventId: EventId): Counterpart | null;
  /** A short text of an event of the source room that has no counterpart, to be quoted. */
  quote(eventId: EventId): Promise<{ sender: string; text: string | null }>;
}

/**
 * The relation of a copy: to the counterparts of what its source relates to. A reply to something without a
 * counterpart quotes it; a thread whose root has none becomes replies.
 */
export async function copyRelation(event: SourceEvent, facts: RelationFacts): Promise<CopyRelation> {
  const relation = readRelation(event);
  switch (relation.kind) {
    case "none":
      return { kind: "none" };
    case "reply":
      return replyTo(relation.to, facts);
    case "thread": {
      const root = facts.counterpart(relation.root);
      if (root === null) {
        return relation.replyTo === null || relation.fallingBack ? { kind: "none" } : replyTo(relation.replyTo, facts);
      }
      const target = relation.replyTo === null ? null : facts.counterpart(relation.replyTo);
      const author = relation.fallingBack ? null : target?.author;
      return {
        kind: "thread",
        root: root.eventId,
        replyTo: (target ?? root).eventId,
        // A reply whose target is missing must not look like one to the thread's root.
        fallingBack: relation.fallingBack || target === null,
        ...(author ? { originalSender: author } : {}),
      };
    }
  }
}

async function replyTo(eventId: EventId, facts: RelationFacts): Promise<CopyRelation> {
  const target = facts.counterpart(eventId);
  if (target === null) return { kind: "quote", ...(await facts.quote(eventId)) };
  return { kind: "reply", to: target.eventId, ...(target.author ? { originalSender: target.author } : {}) };
}

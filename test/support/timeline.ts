// First: it silences the SDK before that is loaded.
import "./quiet-sdk.ts";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Direction, type EventTimeline, type MatrixClient, type MatrixEvent, type Room } from "matrix-js-sdk";

/** A message as an ordinary client shows it, edits applied. */
export interface SeenMessage {
  eventId: string;
  sender: string;
  /** Of the decrypted event; "m.room.encrypted" where it did not decrypt or was redacted. */
  type: string;
  /** The text shown: after edits; empty where redacted or undecryptable. */
  body: string;
  /** The content shown: after edits. */
  content: Record<string, unknown>;
  /** The content as it was first sent, decrypted. */
  originalContent: Record<string, unknown>;
  edited: boolean;
  redacted: boolean;
  undecryptable: boolean;
  /** Whether it travelled encrypted. */
  encrypted: boolean;
  /** `m.in_reply_to`, where it is a reply. */
  replyTo: string | null;
  /** `m.thread`, where it stands in a thread. */
  threadRoot: string | null;
  reactions: { key: string; sender: string; eventId: string }[];
  originServerTs: number;
  /** When this client had first decrypted it, in milliseconds since 1970; null where it has not. */
  seenTs: number | null;
}

/** Any event of a timeline, state events included, decrypted where possible. */
export interface SeenEvent {
  eventId: string;
  sender: string;
  type: string;
  stateKey: string | null;
  content: Record<string, unknown>;
  redacted: boolean;
  undecryptable: boolean;
  encrypted: boolean;
  unsigned: Record<string, unknown>;
}

interface Relation {
  rel_type?: string;
  event_id?: string;
  key?: string;
  "m.in_reply_to"?: { event_id?: string };
}

/**
 * Brings the room's timeline to the state of being complete and as decrypted as it can be: reads back to the beginning
 * (or to where this person may read), which also fills what a limited sync has left out, and tries again what has not
 * decrypted yet.
 */
export async function completeTimeline(client: MatrixClient, room: Room): Promise<MatrixEvent[]> {
  await readBack(client, room);
  const events = knownEvents(room);
  for (const event of events) {
    const decryption = event.getDecryptionPromise();
    if (decryption) await decryption;
    if (event.isDecryptionFailure()) await retryDecryption(client, event);
  }
  return events;
}

/** Fetches what is missing. After a gap the SDK begins a new one, and joins it to the one before where they meet. */
async function readBack(client: MatrixClient, room: Room): Promise<void> {
  let timeline: EventTimeline | null = room.getLiveTimeline();
  while (timeline) {
    while (!timeline.getNeighbouringTimeline(Direction.Backward) && timeline.getPaginationToken(Direction.Backward)) {
      if (!(await client.paginateEventTimeline(timeline, { backwards: true, limit: 500 }))) break;
    }
    timeline = timeline.getNeighbouringTimeline(Direction.Backward);
  }
}

/** What is there without asking the homeserver. */
export function knownEvents(room: Room): MatrixEvent[] {
  const parts: MatrixEvent[][] = [];
  let timeline: EventTimeline | null = room.getLiveTimeline();
  for (; timeline; timeline = timeline.getNeighbouringTimeline(Direction.Backward)) parts.unshift(timeline.getEvents());
  return parts.flat();
}

async function retryDecryption(client: MatrixClient, event: MatrixEvent): Promise<void> {
  const crypto = client.getCrypto();
  // The SDK offers no public way to try one event again; its crypto is the backend that `attemptDecryption` takes.
  type Backend = Parameters<MatrixEvent["attemptDecryption"]>[0];
  if (crypto) await event.attemptDecryption(crypto as unknown as Backend, { isRetry: true });
  await nextTurn();
}

/**
 * What a person sees in a room: its messages in order, with edits, redactions and reactions applied.
 *
 * @param relationOf what an event related to before it was redacted: a redacted edit is no message
 * @param seenTs when each event was first decrypted
 */
export function seenMessages(
  events: readonly MatrixEvent[],
  relationOf: (event: MatrixEvent) => Relation | undefined,
  seenTs: ReadonlyMap<string, number>,
): SeenMessage[] {
  const messages = new Map<string, SeenMessage>();
  for (const event of events) {
    const id = event.getId();
    if (id === undefined || event.isState()) continue;
    const relation = relationOf(event);
    if (event.getType() === "m.reaction") addReaction(messages, event, relation);
    else if (relation?.rel_type === "m.replace") applyEdit(messages, event, relation);
    else if (isMessage(event)) messages.set(id, seenMessage(id, event, relation, seenTs.get(id) ?? null));
  }
  return [...messages.values()];
}

function isMessage(event: MatrixEvent): boolean {
  return ["m.room.message", "m.room.encrypted", "m.sticker"].includes(event.getType());
}

function seenMessage(id: string, event: MatrixEvent, relation: Relation | undefined, seen: number | null): SeenMessage {
  const content = event.getOriginalContent<Record<string, unknown>>();
  const redacted = event.isRedacted();
  const undecryptable = !redacted && isUndecryptable(event);
  return {
    eventId: id,
    sender: event.getSender() ?? "",
    type: event.getType(),
    body: redacted || undecryptable ? "" : textOf(content),
    content,
    originalContent: content,
    edited: false,
    redacted,
    undecryptable,
    encrypted: event.getWireType() === "m.room.encrypted",
    replyTo: relation?.["m.in_reply_to"]?.event_id ?? null,
    threadRoot: relation?.rel_type === "m.thread" ? (relation.event_id ?? null) : null,
    reactions: [],
    originServerTs: event.getTs(),
    seenTs: seen,
  };
}

function addReaction(messages: Map<string, SeenMessage>, event: MatrixEvent, relation: Relation | undefined): void {
  const target = messages.get(relation?.event_id ?? "");
  if (!target || event.isRedacted() || relation?.key === undefined) return;
  target.reactions.push({ key: relation.key, sender: event.getSender() ?? "", eventId: event.getId() ?? "" });
}

function applyEdit(messages: Map<string, SeenMessage>, event: MatrixEvent, relation: Relation): void {
  const target = messages.get(relation.event_id ?? "");
  // An edit by anybody but the author is none.
  if (!target || target.redacted || event.isRedacted() || event.getSender() !== target.sender) return;
  if (isUndecryptable(event)) {
    target.undecryptable = true;
    return;
  }
  const content = event.getOriginalContent<{ "m.new_content"?: Record<string, unknown> }>()["m.new_content"];
  if (!content) return;
  Object.assign(target, { edited: true, content, body: textOf(content) });
}

function textOf(content: Record<string, unknown>): string {
  return typeof content["body"] === "string" ? content["body"] : "";
}

function isUndecryptable(event: MatrixEvent): boolean {
  return event.isDecryptionFailure() || event.getType() === "m.room.encrypted";
}

/** The same timeline, event by event. */
export function seenEvents(events: readonly MatrixEvent[]): SeenEvent[] {
  return events.map((event) => ({
    eventId: event.getId() ?? "",
    sender: event.getSender() ?? "",
    type: event.getType(),
    stateKey: event.getStateKey() ?? null,
    content: event.getOriginalContent(),
    redacted: event.isRedacted(),
    undecryptable: !event.isRedacted() && isUndecryptable(event),
    encrypted: event.getWireType() === "m.room.encrypted",
    unsigned: { ...event.getUnsigned() },
  }));
}

/** One line for a message, as it stands in a failure's explanation and in the demo. */
export function describeMessage(message: SeenMessage): string {
  const body = message.redacted ? "(removed)" : message.undecryptable ? "(undecryptable)" : message.body;
  const reactions = message.reactions.map((reaction) => ` [${reaction.key}]`).join("");
  return `${message.sender}: ${body}${message.edited ? " (edited)" : ""}${reactions}`;
}

import { FerryError } from "../../../../main/matrix/errors.ts";
import { isObject, type JsonObject } from "../../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import { NOTICE, ORIGIN, POLL_END, POLL_RESPONSE } from "../../../../main/matrix/unstable.ts";
import { standsIn } from "./file-deeds.ts";

export const ACCOUNT = "@me:one.test" as UserId;

/** An event as the homeserver has it. */
export interface StoredEvent {
  roomId: RoomId;
  eventId: EventId;
  sender: UserId;
  /** Which device sent it; Ferry's own begin with `FERRY`. */
  device: string;
  type: string;
  content: JsonObject;
  ts: number;
  stateKey?: string;
  redacts?: EventId;
  redacted: boolean;
  /** While the homeserver remembers it. */
  transactionId?: string | undefined;
  /** When the key for it reaches Ferry's device; 0 for at once, `Infinity` while it is withheld. */
  keyTs: number;
  /** What it was when it was sent: a redaction takes the content, and with it what these were read from. */
  kind: "message" | "edit" | "reaction" | "redaction" | "state" | "vote" | "poll-end" | "line" | "change";
  target?: EventId | undefined;
  key?: string | undefined;
  /** Of which event it says to be a copy. */
  copyOf?: EventId | undefined;
  /** Whether it is a copy that only tells of a file. */
  isTold?: boolean;
}

export interface Sending {
  roomId: RoomId;
  sender: UserId;
  device: string;
  type: string;
  content: JsonObject;
  transactionId?: string;
  stateKey?: string;
  redacts?: EventId;
  keyTs?: number;
}

/** One homeserver: a list of events a room, transaction ids that it remembers for as long as it is told to. */
export class Homeserver {
  readonly rooms = new Map<RoomId, StoredEvent[]>();
  readonly #transactions = new Map<string, EventId>();
  #count = 0;

  eventsOf(roomId: RoomId): StoredEvent[] {
    let events = this.rooms.get(roomId);
    if (!events) this.rooms.set(roomId, (events = []));
    return events;
  }

  find(roomId: RoomId, eventId: EventId): StoredEvent | undefined {
    return this.eventsOf(roomId).find((event) => event.eventId === eventId);
  }

  /** Takes an event in; the same transaction id of the same device a second time is the same event. */
  send(sending: Sending): EventId {
    const { transactionId } = sending;
    const transaction = `${sending.device} ${sending.roomId} ${transactionId}`;
    const earlier = transactionId === undefined ? undefined : this.#transactions.get(transaction);
    if (earlier) return earlier;
    this.#refuseSecondReaction(sending);
    this.#count += 1;
    const eventId = `$${this.#count.toString().padStart(5, "0")}` as EventId;
    const form = { eventId, ts: Date.now(), redacted: false, keyTs: sending.keyTs ?? 0, ...formOf(sending) };
    this.eventsOf(sending.roomId).push({ ...sending, ...form });
    if (transactionId !== undefined) this.#transactions.set(transaction, eventId);
    const redacted = sending.redacts && this.find(sending.roomId, sending.redacts);
    if (redacted) {
      redacted.redacted = true;
      redacted.content = {};
    }
    return eventId;
  }

  /** What Synapse does after a day. */
  forgetTransactions(): void {
    this.#transactions.clear();
    for (const event of [...this.rooms.values()].flat()) event.transactionId = undefined;
  }

  /** Keys that were withheld come at last. */
  releaseKeys(): void {
    for (const event of [...this.rooms.values()].flat()) if (event.keyTs === Infinity) event.keyTs = Date.now();
  }

  #refuseSecondReaction({ roomId, sender, type, content }: Sending): void {
    const relation = content["m.relates_to"];
    if (type !== "m.reaction" || !isObject(relation)) return;
    const same = this.eventsOf(roomId).some((event) => {
      const other = event.content["m.relates_to"];
      if (event.type !== type || event.sender !== sender || event.redacted || !isObject(other)) return false;
      return other["event_id"] === relation["event_id"] && other["key"] === relation["key"];
    });
    if (same) throw new FerryError("duplicate-reaction", "This account has already reacted with this.");
  }
}

function formOf({
  type,
  content,
  stateKey,
  redacts,
}: Sending): Pick<StoredEvent, "kind" | "target" | "key" | "copyOf" | "isTold"> {
  const relation = isObject(content["m.relates_to"]) ? content["m.relates_to"] : {};
  const reply = isObject(relation["m.in_reply_to"]) ? relation["m.in_reply_to"] : {};
  const origin = isObject(content[ORIGIN]) ? content[ORIGIN] : {};
  const target = redacts ?? ((relation["event_id"] ?? reply["event_id"]) as EventId | undefined);
  const common = {
    target,
    key: relation["key"] as string | undefined,
    copyOf: origin["source_event"] as EventId | undefined,
    isTold: origin["source_event"] !== undefined && standsIn(content),
  };
  if (stateKey !== undefined) return { ...common, kind: type === "m.room.name" ? "change" : "state" };
  if (type === "m.room.redaction") return { ...common, kind: "redaction" };
  if (type === "m.reaction") return { ...common, kind: "reaction" };
  if (type === POLL_RESPONSE) return { ...common, kind: "vote" };
  if (type === POLL_END) return { ...common, kind: "poll-end" };
  // What is told of votes, first and edited.
  if (content[NOTICE] !== undefined) return { ...common, kind: "line" };
  return { ...common, kind: relation["rel_type"] === "m.replace" ? "edit" : "message" };
}

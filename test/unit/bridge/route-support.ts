import fc from "fast-check";
import { destinationsOf, type Link } from "../../../main/bridge/link.ts";
import { transactionIdOf, roomHash, writeOrigin } from "../../../main/bridge/origin.ts";
import {
  route,
  type Decision,
  type EventReference,
  type KnownCopy,
  type Memory,
  type Task,
} from "../../../main/bridge/route.ts";
import { linkBetween } from "../link-support.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";

export const ACCOUNT = "@me:one.test" as UserId;
export const ROOMS = ["!a:one.test", "!b:one.test", "!c:one.test", "!d:two.test"] as RoomId[];
const PEOPLE = ["@ana:one.test", "@bea:two.test", ACCOUNT] as UserId[];

/** Any links between some rooms: of two or more, one way or both, covering one way several times. */
export const anyLinks: fc.Arbitrary<Link[]> = fc
  .array(
    fc.record({
      rooms: fc.shuffledSubarray(ROOMS, { minLength: 2 }),
      direction: fc.constantFrom<Link["direction"]>("two-way", "one-way"),
      state: fc.constantFrom<Link["state"]>("active", "active", "paused", "starting"),
    }),
    { maxLength: 4 },
  )
  .map((links) =>
    links.map(({ rooms, direction, state }, index) =>
      linkBetween(rooms, { id: `link${index}` as LinkId, direction, state, createdTs: index }),
    ),
  );

/** What happens in a room; `at` picks the event that it refers to. */
export const anyDeed = fc.record({
  room: fc.constantFrom(...ROOMS),
  sender: fc.constantFrom(...PEOPLE),
  kind: fc.constantFrom("message", "edit", "reaction", "redaction", "pasted", "undecryptable", "state", "clear"),
  at: fc.nat(),
  /** Whether what Ferry owes has been sent before. */
  sentBefore: fc.boolean(),
});
export type Deed = typeof anyDeed extends fc.Arbitrary<infer Value> ? Value : never;

/** A model of Ferry around `route`: rooms as lists, a ledger as a list, everything owed is sent in order. */
export class Model {
  readonly links: Link[];
  readonly rooms = new Map<RoomId, SourceEvent[]>(ROOMS.map((room) => [room, []]));
  readonly decided: { event: SourceEvent; decision: Decision }[] = [];
  readonly #seen = new Map<string, { sender: UserId; kind: string }>();
  readonly #ledger: (KnownCopy & { copy: EventId; author: UserId })[] = [];
  #owed: Task[] = [];
  #count = 0;

  constructor(links: Link[]) {
    this.links = links;
  }

  /** Ferry's own events, as far as they have come back from the homeserver. */
  isFerrys(event: SourceEvent): boolean {
    return this.#ledger.some((entry) => entry.copy === event.eventId && entry.destination === event.roomId);
  }

  perform(deed: Deed): void {
    if (deed.sentBefore) this.send();
    const events = this.rooms.get(deed.room) ?? [];
    const target = events[events.length === 0 ? 0 : deed.at % events.length];
    const event = this.#event(deed, target);
    if (event) this.#take(event);
  }

  /** Sends what is owed; the copies come back by `/sync`, as what is new in their rooms. */
  send(): void {
    for (const task of this.#owed.splice(0)) {
      const copy = this.#newId();
      const { sourceRoom, sourceEvent, destination, kind, author } = task;
      this.#ledger.push({ sourceRoom, sourceEvent, destination, kind, author, copy });
      const content = { msgtype: "m.text", body: "a copy", ...originOf(task) };
      this.#take(eventIn(destination, copy, ACCOUNT, "m.room.message", content));
    }
  }

  #take(event: SourceEvent): void {
    this.rooms.get(event.roomId)?.push(event);
    const decision = route(event, this.#memory());
    const kind = decision.outcome === "routed" ? decision.kind : event.type;
    this.#seen.set(`${event.roomId} ${event.eventId}`, { sender: event.sender, kind });
    this.decided.push({ event, decision });
    if (decision.outcome === "routed") this.#owed.push(...decision.tasks);
  }

  #event({ room, sender, kind }: Deed, target: SourceEvent | undefined): SourceEvent | null {
    const id = this.#newId();
    const words = { msgtype: "m.text", body: "words" };
    const relation = (rel_type: string): JsonObject => ({
      "m.relates_to": { rel_type, event_id: target?.eventId ?? "$x", key: "👍" },
    });
    switch (kind) {
      case "message":
        return eventIn(room, id, sender, "m.room.message", words);
      case "edit":
        return eventIn(room, id, sender, "m.room.message", {
          ...words,
          ...relation("m.replace"),
          "m.new_content": words,
        });
      case "reaction":
        return { ...eventIn(room, id, sender, "m.reaction", relation("m.annotation")), encrypted: false };
      case "redaction":
        return target ? { ...eventIn(room, id, sender, "m.room.redaction", {}), redacts: target.eventId } : null;
      case "pasted":
        return target ? eventIn(room, id, sender, "m.room.message", { ...target.content, ...words }) : null;
      case "undecryptable":
        return { ...eventIn(room, id, sender, "m.room.encrypted", {}), undecryptable: "NO_KEY" };
      case "state":
        return { ...eventIn(room, id, sender, "m.room.topic", { topic: "t" }), stateKey: "" };
      case "clear":
        return { ...eventIn(room, id, sender, "m.room.message", words), encrypted: false };
    }
  }

  #memory(): Memory {
    const origin = (roomId: RoomId, eventId: EventId) =>
      this.#ledger.find((entry) => entry.destination === roomId && entry.copy === eventId);
    return {
      account: ACCOUNT,
      links: this.links,
      oldestTs: null,
      isCopy: (roomId, eventId) => origin(roomId, eventId) !== undefined,
      isUnderWay: () => false,
      copyIn: (source, destination) =>
        this.#ledger.find((entry) => entry.sourceEvent === source && entry.destination === destination)?.copy ?? null,
      originOf: (roomId, eventId) => {
        const entry = origin(roomId, eventId);
        return entry
          ? { roomId: entry.sourceRoom, eventId: entry.sourceEvent, author: entry.author, kind: entry.kind }
          : null;
      },
      seen: (roomId, eventId) => this.#seen.get(`${roomId} ${eventId}`) ?? null,
      hasOptedOut: () => false,
      isAsked: () => false,
      copiesOf: (source: EventReference) =>
        [...this.#ledger, ...this.#owed].filter(
          (copy) =>
            copy.sourceRoom === source.roomId && copy.sourceEvent === source.eventId && copy.kind !== "redaction",
        ),
    };
  }

  #newId(): EventId {
    this.#count += 1;
    return `$${this.#count}` as EventId;
  }
}

/** What routing finds: nothing but the links, and what a test says. */
export function memoryWith(links: Link[], other: Partial<Memory> = {}): Memory {
  return {
    ...{ account: ACCOUNT, links, isCopy: () => false, isUnderWay: () => false, copyIn: () => null },
    ...{ originOf: () => null, seen: () => null, copiesOf: () => [], hasOptedOut: () => false, isAsked: () => false },
    oldestTs: null,
    ...other,
  };
}

export function eventIn(
  roomId: RoomId,
  eventId: EventId,
  sender: UserId,
  type: string,
  content: JsonObject,
): SourceEvent {
  const times = { originServerTs: 1, encrypted: true, roomEncrypted: true };
  return { roomId, eventId, sender, senderName: sender, type, content, ...times };
}

export function originOf(task: Task, carrier: UserId = ACCOUNT): JsonObject {
  return writeOrigin({
    ...{ link: task.linkId, sourceEvent: task.sourceEvent, sender: task.author, carrier },
    transaction: transactionIdOf(task.sourceEvent, task.destination, task.kind),
    room: roomHash(task.destination),
  });
}

/** The rooms that a room's events go to, worked out another way than by the code under test. */
export function coveredFrom(links: readonly Link[], source: RoomId): Set<RoomId> {
  const going = links.filter((link) => link.state !== "starting");
  return new Set(ROOMS.filter((room) => going.some((link) => destinationsOf(link, source).includes(room))));
}

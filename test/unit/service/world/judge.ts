import { destinationsOf, type Link } from "../../../../main/bridge/link.ts";
import { isObject } from "../../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import { POLL_START } from "../../../../main/matrix/unstable.ts";
import { judgePicture } from "./file-deeds.ts";
import { ACCOUNT, type StoredEvent } from "./homeserver.ts";
import { judgeEnd, judgeVotes, type Place } from "./poll-judge.ts";
import { HISTORY, type World } from "./world.ts";

/** Compares what people wrote with what stands in the other rooms. @returns what is wrong, as sentences */
export function judge(world: World, options: { replies: boolean; order: boolean }): string[] {
  const judgement = new Judgement(world, options.order);
  for (const source of world.rooms) {
    for (const destination of world.rooms)
      if (source !== destination) judgement.way(source, destination, options.replies);
  }
  for (const room of world.rooms) {
    judgement.polls(room);
    judgement.strays(room);
  }
  if (options.order) judgement.filesToldOf();
  return judgement.problems;
}

function wordsOf({ content }: StoredEvent): string {
  const replacement = content["m.new_content"];
  if (typeof content["name"] === "string") return `to “${content["name"]}”.`;
  const body = (isObject(replacement) ? replacement : content)["body"];
  return typeof body === "string" ? body : "";
}

const byFerry = (event: StoredEvent): boolean => event.device.startsWith("FERRY");

class Judgement {
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #order: boolean;
  readonly #all: Map<EventId, StoredEvent>;

  constructor(world: World, order: boolean) {
    this.#world = world;
    this.#order = order;
    this.#all = new Map([...world.server.rooms.values()].flat().map((event) => [event.eventId, event]));
  }

  /** Everything that was written in one room since it was linked, against what stands in another. */
  way(source: RoomId, destination: RoomId, replies: boolean): void {
    if (!this.#isCovered(source, destination)) return;
    const written = this.#world.server
      .eventsOf(source)
      .slice(HISTORY)
      .filter((event) => !byFerry(event));
    const order: StoredEvent[] = [];
    for (const event of written) {
      if (event.kind === "message") order.push(...this.#message(event, destination));
      if (event.kind === "change" && this.#isToldIn(event, destination))
        order.push(...this.#message(event, destination));
      if (event.kind === "edit") this.#edit(event, destination);
      if (event.kind === "reaction") this.#reaction(event, destination);
      if (event.type === POLL_START) this.#poll(event, destination);
      if (event.kind === "message" && replies && !event.redacted && event.target) this.#reply(event, destination);
    }
    const places = order.map((copy) => this.#world.server.eventsOf(destination).indexOf(copy));
    if (this.#order && places.some((place, index) => place < (places[index - 1] ?? 0))) {
      this.#wrong(`out of order from ${source} to ${destination}`, ...order);
    }
  }

  /** What a room is told of the votes in polls, its own ones and copies. */
  polls(room: RoomId): void {
    for (const event of this.#world.server.eventsOf(room).slice(HISTORY)) {
      if (event.type !== POLL_START) continue;
      const original = this.#written(event);
      const places = this.#world.rooms
        .map((roomId) => this.#counterpart(original.eventId, roomId))
        .filter((place) => place !== undefined && place.eventId !== event.eventId && !place.redacted);
      const elsewhere = places.map((place) => this.#place(place as StoredEvent, room));
      for (const what of judgeVotes(this.#place(event, room), elsewhere, this.#endOf(original)))
        this.#wrong(what, event);
    }
  }

  /** Each file that is told of in words is counted, and once. */
  filesToldOf(): void {
    const told = [...this.#all.values()].filter((event) => byFerry(event) && event.isTold && event.kind === "message");
    const counted = this.#world.ferry.store.links.totalCount("file-damaged");
    if (counted !== told.length) this.#wrong(`${counted} files counted`, ...told);
  }

  /** What Ferry sent without a reason. */
  strays(room: RoomId): void {
    for (const copy of this.#world.server.eventsOf(room).filter(byFerry)) {
      if (copy.kind === "reaction" && !copy.redacted && this.#reactedElsewhere(copy).length === 0) {
        this.#wrong("nobody reacts like this", copy);
      }
      if (copy.kind !== "message" && copy.kind !== "edit") continue;
      const source = copy.copyOf && this.#all.get(copy.copyOf);
      if (!source || byFerry(source)) this.#wrong("a copy of no one's event", copy);
      else if (source.kind === "change" && !this.#isToldIn(source, room)) this.#wrong("told where no link tells", copy);
      else if (!this.#isCovered(source.roomId, room)) this.#wrong("a copy where no link leads", copy);
      else if (this.#world.server.eventsOf(source.roomId).indexOf(source) < HISTORY)
        this.#wrong("from before the link", copy);
    }
  }

  /** @returns its copy, as far as its place matters */
  #message(event: StoredEvent, destination: RoomId): StoredEvent[] {
    const copies = this.#copiesOf(event, destination, "message");
    const [copy] = copies;
    if (this.#isKeptBack(event, destination)) {
      // A placeholder was sent before it could be known, and taken back.
      if (copies.some(({ redacted }) => !redacted)) this.#wrong("to be kept back, and copied", event, ...copies);
      return [];
    }
    if (copies.length > 1) this.#wrong("doubled", event, ...copies);
    if (event.redacted) {
      if (copy && !copy.redacted) this.#wrong("redacted, but its copy is not", event, copy);
    } else if (!copy) this.#wrong(`lost on the way to ${destination}`, event);
    else if (copy.redacted) {
      const by = this.#takenDownBy(copy);
      const takenBack = by.includes(ACCOUNT) && event.sender === ACCOUNT && this.#isCovered(destination, event.roomId);
      if (by.length === 0 || takenBack) this.#wrong("its copy is redacted, but it is not", event, copy);
    } else {
      const [shown, words] = [this.#shown(copy), this.#shown(event, destination)];
      if (!shown.endsWith(words)) this.#wrong(`shows “${shown}” for “${words}”`, event, copy);
      if (event.content["url"] !== undefined)
        for (const what of judgePicture(event.content, copy.content)) this.#wrong(what, event, copy);
    }
    // The user's own words without their key wait for it: they may be a copy. What comes after does not wait.
    return copy && !(event.sender === ACCOUNT && event.keyTs > 0) ? [copy] : [];
  }

  #edit(event: StoredEvent, destination: RoomId): void {
    const copies = this.#copiesOf(event, destination, "edit");
    const original = event.target && this.#all.get(event.target);
    if (copies.length > 1) this.#wrong("edited twice", event, ...copies);
    if (!original || original.redacted || event.redacted) return;
    if (this.#isKeptBack(event, destination) || this.#isKeptBack(original, destination)) {
      if (copies.length > 0) this.#wrong("an edit to be kept back, and copied", event, ...copies);
      return;
    }
    const isOld = this.#world.server.eventsOf(original.roomId).indexOf(original) < HISTORY;
    const [copy] = this.#copiesOf(original, destination, "message");
    if (copies.length === 0 && this.#isReplaced(event, destination)) return;
    if (copies.length === 0 && !isOld && !copy?.redacted) this.#wrong(`edit lost on the way to ${destination}`, event);
  }

  /** Whether a later edit has gone in its place. */
  #isReplaced(edit: StoredEvent, destination: RoomId): boolean {
    const written = this.#world.server.eventsOf(edit.roomId);
    const later = written
      .slice(written.indexOf(edit) + 1)
      .filter(({ kind, target }) => kind === "edit" && target === edit.target);
    return later.some((event) => this.#copiesOf(event, destination, "edit").length > 0);
  }

  #reaction(event: StoredEvent, destination: RoomId): void {
    if (event.redacted || this.#isKeptBack(event, destination)) return;
    const target = this.#counterpart(event.target, destination);
    if (!target || target.redacted) return;
    const copies = this.#reactionsOn(target, event.key).filter((other) => other.sender === ACCOUNT);
    if (copies.length !== 1) this.#wrong(`${copies.length} reactions in ${destination}`, event, ...copies);
  }

  #poll(event: StoredEvent, destination: RoomId): void {
    const [copy] = this.#copiesOf(event, destination, "message");
    const end = this.#endOf(event);
    if (!copy || !end) return;
    for (const what of judgeEnd(this.#place(copy, destination), end)) this.#wrong(what, event, copy, end);
  }

  #place(event: StoredEvent, hearer: RoomId): Place {
    const heard = event.roomId === hearer || this.#isCovered(event.roomId, hearer);
    return { event, room: this.#world.server.eventsOf(event.roomId), heard };
  }

  /** What has ended a poll, written where the poll was. */
  #endOf({ roomId, eventId }: StoredEvent): StoredEvent | null {
    const ends = this.#world.server
      .eventsOf(roomId)
      .filter((event) => event.kind === "poll-end" && !byFerry(event) && event.target === eventId && !event.redacted);
    return ends[0] ?? null;
  }

  #reply(event: StoredEvent, destination: RoomId): void {
    const [copy] = this.#copiesOf(event, destination, "message");
    const target = this.#counterpart(event.target, destination);
    const original = target && this.#written(target);
    if (!copy || !target || target.redacted || original?.redacted) return;
    if (copy.target !== target.eventId) this.#wrong("replies to something else", event, copy, target);
  }

  #reactedElsewhere(copy: StoredEvent): StoredEvent[] {
    return this.#world.rooms
      .filter((room) => room !== copy.roomId && this.#isCovered(room, copy.roomId))
      .flatMap((room) => this.#world.server.eventsOf(room))
      .filter((event) => event.kind === "reaction" && !byFerry(event) && !event.redacted && event.key === copy.key)
      .filter((event) => !this.#isKeptBack(event, copy.roomId))
      .filter((event) => this.#counterpart(event.target, copy.roomId)?.eventId === copy.target);
  }

  #reactionsOn(target: StoredEvent, key: string | undefined): StoredEvent[] {
    return this.#world.server
      .eventsOf(target.roomId)
      .filter(
        (event) => event.kind === "reaction" && !event.redacted && event.target === target.eventId && event.key === key,
      );
  }

  #copiesOf(event: StoredEvent, destination: RoomId, kind: StoredEvent["kind"]): StoredEvent[] {
    return this.#world.server
      .eventsOf(destination)
      .filter((copy) => byFerry(copy) && copy.kind === kind && copy.copyOf === event.eventId);
  }

  /** What stands in a room for an event of another: the event that was written first, or its copy. */
  #counterpart(eventId: EventId | undefined, destination: RoomId): StoredEvent | undefined {
    const event = eventId && this.#all.get(eventId);
    if (!event) return undefined;
    const written = this.#written(event);
    if (written.roomId === destination) return written;
    return this.#copiesOf(written, destination, "message")[0];
  }

  #written(event: StoredEvent): StoredEvent {
    return (byFerry(event) && event.copyOf && this.#all.get(event.copyOf)) || event;
  }

  /** What people see of it: its words, or those of its newest edit that may be seen in another room. */
  #shown(event: StoredEvent, elsewhere: RoomId = event.roomId): string {
    const edits = this.#world.server
      .eventsOf(event.roomId)
      .filter(
        (edit) =>
          edit.kind === "edit" && !edit.redacted && edit.target === event.eventId && edit.sender === event.sender,
      )
      .filter((edit) => !this.#isKeptBack(edit, elsewhere));
    return wordsOf(edits.at(-1) ?? event);
  }

  /** Whether each link that leads there keeps it back, by who wrote it or by a word. */
  #isKeptBack(event: StoredEvent, destination: RoomId): boolean {
    const links = this.#world.links.filter((link) => destinationsOf(link, event.roomId).includes(destination));
    const isKept = ({ settings: { filter } }: Link): boolean =>
      filter.withoutSenders.includes(event.sender) || filter.withoutWords.some((word) => wordsOf(event).includes(word));
    return links.length > 0 && links.every(isKept);
  }

  /** Who redacted a copy in its own room, without Ferry. */
  #takenDownBy(copy: StoredEvent): UserId[] {
    return this.#world.server
      .eventsOf(copy.roomId)
      .filter((event) => event.kind === "redaction" && event.target === copy.eventId && !byFerry(event))
      .map((event) => event.sender);
  }

  #isToldIn({ roomId }: StoredEvent, destination: RoomId): boolean {
    const telling = this.#world.links.filter(({ tells }) => tells.includes("name"));
    return telling.some((link) => destinationsOf(link, roomId).includes(destination));
  }

  #isCovered(source: RoomId, destination: RoomId): boolean {
    return this.#world.links.some((link) => destinationsOf(link, source).includes(destination));
  }

  #wrong(what: string, ...events: StoredEvent[]): void {
    const named = events
      .slice(0, 6)
      .map((event) => `${event.eventId} ${event.kind} by ${event.device} in ${event.roomId}`);
    this.problems.push(`${what}: ${named.join(", ")}`);
  }
}

import { writeBareOrigin } from "../bridge/origin.ts";
import { destinationsOf, type Link } from "../bridge/link.ts";
import { isPollEnd, readPoll, readResponse, writePollEnd, type Poll } from "../bridge/poll.ts";
import type { CopyKind, EventReference } from "../bridge/route.ts";
import { isOfPoll } from "../bridge/route-poll.ts";
import { countElsewhere, countVotes, elsewhereText, endText, votesLine, type Vote } from "../bridge/tally.ts";
import { openWays } from "../bridge/ways.ts";
import type { SkipReason } from "../matrix/codes.ts";
import { isObject, type SourceEvent } from "../matrix/event.ts";
import type { LinkId, RoomId, UserId } from "../matrix/ids.ts";
import { mayRedact } from "../matrix/power-levels.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Delivery } from "./copier.ts";
import { keyMissing, type Surroundings, type SurroundingsOptions } from "./surroundings.ts";

/** A poll with what has become of it in the rooms that one of them may hear of. */
interface Standing {
  poll: Poll;
  author: UserId;
  /** Votes from before the end, of all these rooms. */
  votes: Vote[];
  /** Whether somebody has ended it who may. */
  ended: boolean;
}

const skip = (reason: SkipReason): Delivery => ({ action: "skip", reason });

/**
 * What is told of polls. Nothing of a vote is kept: whenever there is something to be told, all votes are read from the
 * homeserver, so that what stands in a room is always what can be read in the others.
 */
export class Polls {
  readonly #options: SurroundingsOptions;
  readonly #surroundings: Surroundings;

  constructor(options: SurroundingsOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** The line that tells a room of the votes elsewhere, or an edit of the one that stands there. */
  async tell(row: OutboxRow): Promise<Delivery> {
    const { store } = this.#options;
    const here = row.target && this.#surroundings.counterpart(row.target, row.destination);
    if (!row.target || !here) return skip("target-not-copied");
    const line = store.ledger.votesLine(row.target, row.destination);
    // Somebody has taken it down there.
    if (line?.redacted) return skip("redaction-of-a-copy");
    const standing = await this.#standing(row.target, row.destination);
    if (typeof standing === "string") return skip(standing);
    const { poll, votes, ended } = standing;
    const elsewhere = countElsewhere(poll, votes, row.destination);
    if (line === null && elsewhere.people === 0) return skip("no-votes-elsewhere");
    const language = store.settings.all.noticeLanguage;
    const body = ended ? endText(poll, countVotes(poll, votes), language) : elsewhereText(poll, elsewhere, language);
    const marker = writeBareOrigin(row.transactionId);
    const told = { link: row.linkId, poll: here.eventId, line: line?.copyEvent ?? null, body, marker };
    return { action: "send", ...votesLine(told) };
  }

  /** The end of a poll in another one of its rooms, with the sum of the votes that the room may hear of. */
  async end(row: OutboxRow): Promise<Delivery> {
    const { store, contents } = this.#options;
    const here = row.target && this.#surroundings.counterpart(row.target, row.destination);
    if (!row.target || !here) return skip("target-not-copied");
    // A poll whose key came late stands there in words: there is nothing to be ended.
    if (store.ledger.copy(row.target, row.destination, "copy")?.placeholder) return skip("target-not-copied");
    const event = await contents.get(row.sourceRoom, row.sourceEvent);
    if (event.undecryptable !== undefined) throw keyMissing();
    const refusal = this.#surroundings.refusalOf(event, row);
    if (refusal !== null) return skip(refusal);
    const standing = await this.#standing(row.target, row.destination);
    if (typeof standing === "string") return skip(standing);
    if (!(await this.#mayEnd(event, row.target, standing.author))) return skip("end-of-another-persons-poll");
    const { poll, votes } = standing;
    const count = countVotes(
      poll,
      votes.filter(({ ts }) => ts <= event.originServerTs),
    );
    const text = endText(poll, count, store.settings.all.noticeLanguage);
    const { type, content } = writePollEnd(poll.form, here.eventId, text, count.byAnswer);
    const marker = this.#surroundings.marker(row, event.sender);
    return { action: "send", type, content: { ...marker, ...content, "m.mentions": {} } };
  }

  /** @returns why nothing is told of it, where that is so */
  async #standing(original: EventReference, destination: RoomId): Promise<Standing | SkipReason> {
    const { contents, store } = this.#options;
    const start = await contents.get(original.roomId, original.eventId);
    if (start.undecryptable !== undefined) throw keyMissing();
    const refusal = this.#surroundings.refusalOf(start);
    if (refusal !== null) return refusal;
    const poll = await this.#asEdited(start);
    if (poll === null) return "unsupported-message";
    const copies = store.ledger.ofEvent(original).filter(({ kind, redacted }) => kind === "copy" && !redacted);
    const places = [original, ...copies.map((copy) => ({ roomId: copy.destination, eventId: copy.copyEvent }))];
    const events = (await Promise.all(places.map((place) => this.#saidOf(place, destination)))).flat();
    const ends: number[] = [];
    for (const event of events) {
      if (isPollEnd(event.type) && (await this.#mayEnd(event, original, start.sender))) ends.push(event.originServerTs);
    }
    const endTs = Math.min(...ends, Infinity);
    return { poll, author: start.sender, votes: votesIn(events, endTs), ended: ends.length > 0 };
  }

  /** A poll as its author has last written it. */
  async #asEdited(start: SourceEvent): Promise<Poll | null> {
    const { roomId, eventId, sender } = start;
    let poll = readPoll(start.type, start.content);
    if (poll === null) return null;
    const edits = await this.#options.engine().relations({ roomId, eventId, relType: "m.replace" });
    for (const edit of edits.filter((other) => other.sender === sender && this.#isTold(other)).sort(byTime)) {
      const replacement = edit.content["m.new_content"];
      poll = (isObject(replacement) ? readPoll(edit.type, replacement) : null) ?? poll;
    }
    return poll;
  }

  /** Votes and ends in one of the poll's rooms, as far as a destination may hear of them. */
  async #saidOf({ roomId, eventId }: EventReference, destination: RoomId): Promise<SourceEvent[]> {
    const isHere = roomId === destination;
    const leadsHere = (link: Link): boolean => destinationsOf(link, roomId).includes(destination);
    if (!isHere && !this.#options.store.links.all().some(leadsHere)) return [];
    const events = await this.#options.engine().relations({ roomId, eventId, relType: "m.reference" });
    return events.filter(
      (event) =>
        event.undecryptable === undefined &&
        this.#surroundings.refusalOf(event) === null &&
        this.#options.store.ledger.origin(roomId, event.eventId) === null &&
        (isHere || this.#mayHear(event, destination)),
    );
  }

  /** Whether an event was judged to go to other rooms, and may go there now, by links that could carry it ever since. */
  #mayHear(event: SourceEvent, destination: RoomId): boolean {
    const { consents, inbound, links, optOuts } = this.#options.store;
    const seen = inbound.get(event.roomId, event.eventId);
    if (seen?.outcome !== "routed" || !isOfPoll(seen.kind as CopyKind)) return false;
    const rooms = [event.roomId, destination];
    const ofItsTime = links
      .all()
      .filter(({ id }) => rooms.every((room) => consents.heldSince(id, room, seen.receivedTs)));
    const memory = { links: ofItsTime, hasOptedOut: (link: LinkId, user: UserId) => optOuts.has(link, user) };
    return openWays(event, memory).open.has(destination);
  }

  /** Whether an edit has been let pass, or was carried here from a copy, where the user has made it. */
  #isTold({ roomId, eventId }: SourceEvent): boolean {
    const { inbound, ledger } = this.#options.store;
    const seen = inbound.get(roomId, eventId);
    return (seen?.outcome === "routed" && seen.kind === "edit") || ledger.origin(roomId, eventId)?.kind === "edit";
  }

  /** A poll is ended by its author, or by whoever may redact in its room (MSC3381); by the user also where a copy stands. */
  async #mayEnd({ roomId, sender }: SourceEvent, original: EventReference, author: UserId): Promise<boolean> {
    if (roomId !== original.roomId) return sender === author && sender === this.#options.account();
    if (sender === author) return true;
    const { power } = await this.#options.engine().facts({ roomId });
    return mayRedact(sender, power);
  }
}

/** What people have voted until a time. */
function votesIn(events: readonly SourceEvent[], untilTs: number): Vote[] {
  return events
    .filter(({ originServerTs }) => originServerTs <= untilTs)
    .flatMap(({ sender, roomId: room, originServerTs: ts, type, content }) => {
      const answers = readResponse(type, content);
      return answers === null ? [] : [{ sender, room, ts, answers }];
    });
}

function byTime(a: SourceEvent, b: SourceEvent): number {
  return a.originServerTs - b.originServerTs;
}

import type { SourceEvent } from "../matrix/event.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";
import { destinationsOf, isOpen, type Link } from "./link.ts";
import { isPollEnd, isPollResponse, readResponse, referencedEvent } from "./poll.ts";
import type { CopyKind, Decision, EventReference, Memory, Routed, Skipped, Task } from "./route.ts";
import { waysFrom, type Ways } from "./ways.ts";

/**
 * What becomes of votes and of the end of a poll; its start is a message like others. A vote is nobody's to give in another
 * room, so that it is not copied: what is owed is telling the other rooms, where the votes are counted anew.
 */

/** @returns null where the event is neither a vote nor an end */
export function routePollEvent(event: SourceEvent, memory: Memory, ways: Ways): Decision | null {
  if (!isPollResponse(event.type) && !isPollEnd(event.type)) return null;
  const poll = referencedEvent(event);
  if (poll === null) return { outcome: "unsupported-message" };
  const original = pollOf(event.roomId, poll, memory);
  if (original === null) return { outcome: "target-not-copied" };
  if (readResponse(event.type, event.content) !== null) return routeVotes(event, original, memory, ways);
  return routeEnd(event, original, memory, ways);
}

/** The poll of a vote, or of an end, that is redacted; null where it is none of these that is redacted. */
export function pollOfRedacted(event: SourceEvent, memory: Memory, kind: "votes" | "poll-end"): EventReference | null {
  const said = event.redacts === undefined ? null : memory.seen(event.roomId, event.redacts);
  if (said?.kind !== kind || !said.refersTo) return null;
  return pollOf(event.roomId, said.refersTo, memory);
}

/**
 * A vote has been redacted, or an end: nobody is asked who may say something, and what is told of all votes in the event's
 * own room changes as well.
 */
export function routeSum(event: SourceEvent, poll: EventReference, memory: Memory): Routed | Skipped {
  const ways = waysFrom(event.roomId, event.originServerTs, memory.links, "heeded");
  if (ways.size === 0) return { outcome: "no-consent" };
  return routeVotes(event, poll, memory, withReturn(event.roomId, memory.links, ways));
}

/** The votes of a poll have changed in the event's room: the other rooms are told, in Ferry's own name. */
function routeVotes(event: SourceEvent, poll: EventReference, { account }: Memory, ways: Ways): Routed {
  const base = { sourceRoom: event.roomId, sourceEvent: event.eventId, author: account, target: poll };
  const tasks = [...ways].map(([destination, linkId]): Task => ({ ...base, linkId, destination, kind: "votes" }));
  return { outcome: "routed", kind: "votes", tasks };
}

/** Whether what Ferry has sent says something of a poll: nothing that refers to it is anybody else's. */
export function isOfPoll(kind: CopyKind): boolean {
  return kind === "votes" || kind === "poll-end";
}

function routeEnd(event: SourceEvent, poll: EventReference, memory: Memory, ways: Ways): Decision {
  const isOriginal = poll.roomId === event.roomId;
  const origin = isOriginal ? null : memory.originOf(event.roomId, referencedEvent(event) ?? event.eventId);
  // The user ends their own poll where they see it. Whoever else ends a copy ends what their room can vote in.
  const isOwn = event.sender === memory.account && origin?.author === memory.account;
  if (!isOriginal && !isOwn) return { outcome: "end-of-a-poll-copy" };
  const base = { sourceRoom: event.roomId, sourceEvent: event.eventId, target: poll };
  const ends = [...ways].map(([destination, linkId]): Task => ({
    ...base,
    linkId,
    destination,
    author: event.sender,
    kind: "poll-end",
  }));
  const { tasks: votes } = routeVotes(event, poll, memory, withReturn(event.roomId, memory.links, ways));
  return { outcome: "routed", kind: "poll-end", tasks: [...ends, ...votes] };
}

/** The ways, and at last the room itself, which is told of all votes where a link leads back. */
function withReturn(room: RoomId, links: readonly Link[], ways: Ways): Ways {
  const leadsBack = (link: Link, from: RoomId): boolean =>
    link.state !== "starting" && destinationsOf(link, from).includes(room) && isOpen(link, from, room);
  const back = links.find((link) => [...ways.keys()].some((from) => leadsBack(link, from)));
  return back ? new Map([...ways, [room, back.id]]) : ways;
}

/** What was written first of a poll that stands in a room; null where that has not been copied, or is no message. */
function pollOf(roomId: RoomId, eventId: EventId, memory: Memory): EventReference | null {
  const origin = memory.originOf(roomId, eventId);
  if (origin !== null) return origin.kind === "copy" ? { roomId: origin.roomId, eventId: origin.eventId } : null;
  return memory.seen(roomId, eventId)?.kind === "copy" ? { roomId, eventId } : null;
}

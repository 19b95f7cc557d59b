import type { SkipReason } from "../matrix/codes.ts";
import { isObject, type SourceEvent } from "../matrix/event.ts";
import { isEventId, type EventId, type LinkId, type RoomId, type UserId } from "../matrix/ids.ts";
import { EVERY_LINK, readCommand, type Command } from "./command.ts";
import { destinationsOf, type Link } from "./link.ts";
import { loopCheck, type LoopFacts } from "./loop.ts";
import { unsupported } from "./kinds/all.ts";
import { referencedEvent } from "./poll.ts";
import { carryingLinks, isToldState, readChange } from "./room-change.ts";
import { isOfPoll, pollOfRedacted, routePollEvent, routeSum } from "./route-poll.ts";
import { openWays, waysFrom, type LeftOut, type Ways } from "./ways.ts";

/**
 * What Ferry sends for a source event. `late` replaces a placeholder by the text that has been decrypted since; `votes`
 * tells of a poll's votes in other rooms.
 */
export type CopyKind = "copy" | "edit" | "late" | "reaction" | "redaction" | "notice" | "poll-end" | "votes";

export interface EventReference {
  roomId: RoomId;
  eventId: EventId;
}

/** One thing to send to one destination. */
export interface Task {
  linkId: LinkId;
  sourceRoom: RoomId;
  sourceEvent: EventId;
  author: UserId;
  destination: RoomId;
  kind: CopyKind;
  target?: EventReference;
  /** For a redaction: the kind of what goes; `original` where that is the source event itself. */
  targetKind?: CopyKind | "original";
}

export interface Routed {
  outcome: "routed";
  kind: CopyKind;
  tasks: Task[];
  left?: LeftOut;
}
export interface Skipped {
  outcome: SkipReason;
  left?: LeftOut;
}
/** Meant for Ferry, which obeys it and does not copy it. */
export interface Commanded {
  outcome: "command";
  command: Command;
}
/** Somebody redacted a copy in its room: it is gone there, and stays gone. */
export interface CopyGone {
  outcome: "redaction-of-a-copy";
  gone: EventReference;
}
export type Decision = Routed | Skipped | Commanded | CopyGone;

/** A copy, sent or owed, as routing needs to know it. */
export interface KnownCopy {
  sourceRoom: RoomId;
  sourceEvent: EventId;
  destination: RoomId;
  kind: CopyKind;
}

/** What Ferry remembers, as far as routing asks for it. */
export interface Memory extends LoopFacts {
  /** The user's own account. */
  account: UserId;
  links: readonly Link[];
  /** What was written before is left out, in milliseconds since 1970; null where nothing is too old. */
  oldestTs: number | null;
  /** What an event is a copy of: its source, who wrote that, and as what it was sent. */
  originOf(roomId: RoomId, eventId: EventId): (EventReference & { author: UserId; kind: CopyKind }) | null;
  /** An event seen before, by its place. `refersTo`: of a vote, the poll in its room. */
  seen(roomId: RoomId, eventId: EventId): { sender: UserId; kind: string; refersTo?: EventId | null } | null;
  /** Everything sent or owed that goes with an event: copies, late texts, edits, reactions and their copies, votes told. */
  copiesOf(source: EventReference): KnownCopy[];
  /** Whether a member has asked a link to leave their messages out. */
  hasOptedOut(link: LinkId, user: UserId): boolean;
  /** Whether anything has been asked with this code: an answer to nothing is a message like any other. */
  isAsked(code: string): boolean;
}

/** Decides what becomes of one event of a linked room. Pure: the same event and memory, the same decision. */
export function route(event: SourceEvent, known: Memory): Decision {
  const loop = loopCheck(event, known);
  if (loop !== null) return { outcome: loop };
  const memory: Memory = { ...known, links: carryingLinks(event, known.links) };
  if (event.stateKey !== undefined && !isTold(event, memory)) return { outcome: "state-event" };
  const command = commandIn(event, memory);
  if (command !== null) return { outcome: "command", command };
  const poll = event.type === "m.room.redaction" ? pollOfRedacted(event, memory, "votes") : null;
  // Of a vote there is no copy that would go.
  const isRedaction = event.type === "m.room.redaction" && poll === null;
  const takenBack = isRedaction ? redactionOfOriginal(event, memory) : null;
  if (takenBack !== null) return takenBack;
  const ways = waysFrom(event.roomId, event.originServerTs, memory.links);
  if (ways.size === 0 && waysFrom(event.roomId, Infinity, memory.links).size > 0) return { outcome: "before-link" };
  if (ways.size === 0) {
    // A link that has begun would have been a way.
    const starting = memory.links.some((link) => destinationsOf(link, event.roomId).length > 0);
    return { outcome: starting ? "link-starting" : "not-a-source" };
  }
  // It only takes away: that needs nobody's consent.
  if (isRedaction) return routeRedaction(event, memory, ways);
  if (poll !== null) return routeSum(event, poll, memory);
  const { open, left, closed } = openWays(event, memory);
  return closed === null ? { ...routeOpen(event, memory, open), left } : { outcome: closed, left };
}

/** Whether a state event is told anywhere. The account's own coming and going is a matter of its links, which say it. */
function isTold(event: SourceEvent, { account, links }: Memory): boolean {
  const change = readChange(event);
  if (change === null) return isToldState(event);
  return links.length > 0 && !(change.kind === "members" && change.member === account);
}

function routeOpen(event: SourceEvent, memory: Memory, open: Ways): Decision {
  if (event.redacted) return { outcome: "redacted" };
  if (memory.oldestTs !== null && event.originServerTs < memory.oldestTs) return { outcome: "too-old" };
  if (event.type === "m.reaction") return routeReaction(event, memory, open);
  if (isToldState(event)) return routeState(event, memory, open);
  return routeMessage(event, memory, open);
}

function routeState(event: SourceEvent, memory: Memory, ways: Ways): Decision {
  const change = readChange(event);
  if (change?.kind !== "pins") return routed(event, "copy", ways);
  const isKnown = (eventId: EventId): boolean =>
    memory.originOf(event.roomId, eventId) !== null || memory.seen(event.roomId, eventId) !== null;
  return isKnown(change.pinned) ? routed(event, "copy", ways) : { outcome: "target-not-copied" };
}

/** What an event that is no copy tells Ferry; null where it is a message to people. */
export function commandIn(event: SourceEvent, memory: Pick<Memory, "isAsked">): Command | null {
  const command = readCommand(event);
  if (command?.kind !== "answer" || command.code === EVERY_LINK) return command;
  return memory.isAsked(command.code) ? command : null;
}

function routeMessage(event: SourceEvent, memory: Memory, ways: Ways): Decision {
  // A homeserver can put a message into an encrypted room in anybody's name; in a copy it would look genuine.
  if (event.roomEncrypted && !event.encrypted) return { outcome: "not-encrypted" };
  const edited = replacedEvent(event);
  if (event.undecryptable !== undefined) {
    // Its marker cannot be read either: an own message may be a copy that an earlier login sent. An edit can wait, and
    // what only refers to another event (a vote, the end of a poll) is no message.
    const canWait = edited !== null || referencedEvent(event) !== null;
    if (event.sender === memory.account || canWait) return { outcome: "key-awaited" };
  } else {
    const ofPoll = routePollEvent(event, memory, ways);
    if (ofPoll !== null) return ofPoll;
    const reason = unsupported(event);
    if (reason !== null) return { outcome: reason };
  }
  if (edited !== null) return routeEdit(event, edited, memory, ways);
  return routed(event, "copy", ways);
}

function routeEdit(event: SourceEvent, edited: EventId, memory: Memory, ways: Ways): Decision {
  const origin = memory.originOf(event.roomId, edited);
  if (origin !== null && isOfPoll(origin.kind)) return { outcome: "target-not-copied" };
  const author = origin?.author ?? memory.seen(event.roomId, edited)?.sender;
  if (author === undefined) return { outcome: "target-not-copied" };
  // Of the copy of somebody else's message the account is the sender, but the words are not the user's to change.
  if (author !== event.sender) return { outcome: "edit-of-another-persons-message" };
  const target = original(origin, event.roomId, edited);
  return routed(event, "edit", ways, target);
}

function routeReaction(event: SourceEvent, memory: Memory, ways: Ways): Decision {
  const relation = event.content["m.relates_to"];
  if (!isObject(relation) || relation["rel_type"] !== "m.annotation") return { outcome: "unsupported-message" };
  const { event_id: annotated, key } = relation;
  if (!isEventId(annotated) || typeof key !== "string" || key === "") return { outcome: "unsupported-message" };
  const origin = memory.originOf(event.roomId, annotated);
  if (origin !== null && isOfPoll(origin.kind)) return { outcome: "target-not-copied" };
  if (origin === null && memory.seen(event.roomId, annotated) === null) return { outcome: "target-not-copied" };
  return routed(event, "reaction", ways, original(origin, event.roomId, annotated));
}

/** What is taken back in its own room follows its copies, also where a link does not lead any more; null otherwise. */
function redactionOfOriginal(event: SourceEvent, memory: Memory): Decision | null {
  const here = event.redacts === undefined ? null : { roomId: event.roomId, eventId: event.redacts };
  if (here === null || memory.originOf(here.roomId, here.eventId) !== null) return null;
  // Those that lead there come first.
  const links = [...memory.links, ...memory.links.map((link): Link => ({ ...link, direction: "two-way" }))];
  const ways = waysFrom(event.roomId, event.originServerTs, links);
  if (ways.size === 0) return null;
  const taken = redactionOf(event, here, { ...memory, links }, ways);
  const reopened = pollOfRedacted(event, memory, "poll-end");
  const told = reopened === null ? null : routeSum(event, reopened, memory);
  if (taken.outcome !== "routed" || told?.outcome !== "routed") return taken;
  return { ...taken, tasks: [...taken.tasks, ...told.tasks] };
}

function routeRedaction(event: SourceEvent, memory: Memory, ways: Ways): Decision {
  const here = event.redacts === undefined ? null : { roomId: event.roomId, eventId: event.redacts };
  const origin = here && memory.originOf(here.roomId, here.eventId);
  // Of what is no copy it has been decided already.
  if (here === null || origin === null) return { outcome: "unsupported-message" };
  // The user takes back their own words from a copy: that reaches the original. A moderator's reach ends at the room.
  const own = event.sender === memory.account && origin.author === memory.account;
  const isFerrys = origin.kind === "redaction" || origin.kind === "notice" || isOfPoll(origin.kind);
  if (!own || isFerrys) return { outcome: "redaction-of-a-copy", gone: here };
  return redactionOf(event, origin, memory, ways);
}

function redactionOf(event: SourceEvent, source: EventReference, memory: Memory, ways: Ways): Routed | Skipped {
  const base = {
    sourceRoom: event.roomId,
    sourceEvent: event.eventId,
    author: event.sender,
    kind: "redaction" as const,
  };
  const tasks: Task[] = [];
  // Words that are taken back from a copy go everywhere that their original has gone.
  const all = new Map([...waysFrom(source.roomId, Infinity, memory.links), ...ways]);
  const original = all.get(source.roomId);
  // Only from a copy: no way leads from a room into itself.
  if (original !== undefined) {
    const target = { roomId: source.roomId, eventId: source.eventId };
    tasks.push({ ...base, linkId: original, destination: source.roomId, target, targetKind: "original" });
  }
  for (const copy of memory.copiesOf(source)) {
    // What is in the room of the redaction itself is gone or is somebody else's to decide; but Ferry has told of votes there.
    const isHere = copy.destination === event.roomId;
    const linkId = !isHere ? all.get(copy.destination) : copy.kind === "votes" ? [...all.values()][0] : undefined;
    if (linkId === undefined) continue;
    const target = { roomId: copy.sourceRoom, eventId: copy.sourceEvent };
    tasks.push({ ...base, linkId, destination: copy.destination, target, targetKind: copy.kind });
  }
  return tasks.length === 0 ? { outcome: "target-not-copied" } : { outcome: "routed", kind: "redaction", tasks };
}

function routed(event: SourceEvent, kind: CopyKind, ways: Ways, target?: EventReference): Routed {
  const tasks = [...ways].map(([destination, linkId]) => ({
    linkId,
    sourceRoom: event.roomId,
    sourceEvent: event.eventId,
    author: event.sender,
    destination,
    kind,
    ...(target === undefined ? {} : { target }),
  }));
  return { outcome: "routed", kind, tasks };
}

/** The event that was written first: of a copy its source, of everything else the event itself. */
function original(origin: EventReference | null, roomId: RoomId, eventId: EventId): EventReference {
  return origin ? { roomId: origin.roomId, eventId: origin.eventId } : { roomId, eventId };
}

/** The event that an edit replaces; null where the event is no edit. */
export function replacedEvent(event: SourceEvent): EventId | null {
  const relation = event.content["m.relates_to"];
  if (!isObject(relation) || relation["rel_type"] !== "m.replace") return null;
  return isEventId(relation["event_id"]) ? relation["event_id"] : null;
}

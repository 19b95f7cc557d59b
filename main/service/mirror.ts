import { EchoDetector } from "../bridge/echo.ts";
import { copiedTransaction, transactionIdOf } from "../bridge/origin.ts";
import type { Command } from "../bridge/command.ts";
import { isFilterReason } from "../bridge/filter.ts";
import { destinationsOf, type Gap, type Link } from "../bridge/link.ts";
import { loopCheck } from "../bridge/loop.ts";
import { referencedEvent } from "../bridge/poll.ts";
import { commandIn, route } from "../bridge/route.ts";
import type { Decision, Memory, Routed, Task } from "../bridge/route.ts";
import { carryingLinks } from "../bridge/room-change.ts";
import { openWays, type LeftOut } from "../bridge/ways.ts";
import type { Logger } from "../log.ts";
import type { SourceEvent } from "../matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../matrix/ids.ts";
import { attributedName } from "../matrix/link-settings.ts";
import type { Store } from "../store/store.ts";
import { obey } from "./commands.ts";
import type { Contents } from "./contents.ts";
import { memoryOf } from "./memory.ts";

const ECHO_REASON =
  "these rooms repeat each other's messages, so something else bridges them too. Ferry has stopped before they fill up. " +
  "End the other bridge, then resume the link.";

export interface MirrorOptions {
  store: Store;
  contents: Contents;
  logger: Logger;
  account: () => UserId;
  now: () => number;
  /** Something is owed to these rooms. */
  onOwed: (destinations: ReadonlySet<RoomId>) => void;
  /** An answer to a proposal waits to be looked into. */
  onAnswer: () => void;
}

/** What a transaction leads to once it is on disk. */
interface Outcome {
  owed: Set<RoomId>;
  isAnswered: boolean;
}

/**
 * Takes in the events of linked rooms: what becomes of each, and what is owed for it, is written in one transaction.
 *
 * Dies the process before that transaction is on disk, the engine finds the events missing at the next start and
 * hands them over again; after it, they are known, and what is owed is in the outbox.
 */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #echoes = new EchoDetector();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  /** A room's next events, oldest first. */
  take(roomId: RoomId, events: readonly SourceEvent[]): void {
    const { store, contents, now } = this.#options;
    const result: Outcome = { owed: new Set(), isAnswered: false };
    const needed: SourceEvent[] = [];
    store.transaction(() => {
      const memory = memoryOf(store, this.#options.account(), now());
      for (const event of events) {
        if (event.roomId !== roomId || store.inbound.get(roomId, event.eventId)) continue;
        const decision = route(event, memory);
        store.inbound.insert(
          {
            roomId,
            eventId: event.eventId,
            sender: event.sender,
            kind: kindOf(event, decision),
            outcome: decision.outcome,
            undecryptable: event.undecryptable ?? null,
            transactionId: decision.outcome === "own-copy" ? transactionOf(event) : null,
            refersTo: referencedEvent(event),
          },
          now(),
        );
        if ("command" in decision) this.#obey(decision.command, event, now(), result);
        this.#carryOut(event, decision, memory.links, result.owed);
        this.#watchForEchoes(event, decision, memory.links);
        if (isNeeded(event, decision)) needed.push(event);
      }
      const newest = events.at(-1);
      if (newest) store.positions.advance(roomId, newest.eventId, now());
    });
    // What has been taken back must not be sent from memory.
    for (const event of events) if (event.redacts) contents.drop(event.redacts);
    for (const event of needed) contents.put(event);
    this.#announce(result);
  }

  /** An event whose key has come: its placeholders are replaced, or it is routed now where it had to wait. */
  takeDecrypted(event: SourceEvent): void {
    const { store } = this.#options;
    const result: Outcome = { owed: new Set(), isAnswered: false };
    let isRead = false;
    store.transaction(() => {
      const seen = store.inbound.get(event.roomId, event.eventId);
      if (!seen || seen.undecryptable === null) return;
      // A link made since is not for what was said before it.
      const links = store.links.all().filter((link) => link.createdTs <= seen.receivedTs);
      const memory: Memory = { ...memoryOf(store, this.#options.account(), seen.receivedTs), links };
      const loop = loopCheck(event, memory);
      const command = loop === null ? commandIn(event, memory) : null;
      // Of two wishes of the same moment the one that is read late is taken for the older one.
      if (command) this.#obey(command, event, seen.receivedTs - 1, result);
      if (seen.outcome === "routed") {
        isRead = loop === null && command === null;
        store.inbound.decrypted(event.roomId, event.eventId, loop ?? (command ? "command" : "routed"), seen.kind);
        this.#replacePlaceholders(event, memory, isRead, result.owed);
        return;
      }
      // What was left out for any other reason stays left out.
      if (seen.outcome !== "key-awaited")
        return store.inbound.decrypted(event.roomId, event.eventId, seen.outcome, event.type);
      const waiting = links.map((link) => this.#asAgreedBy(seen.receivedTs, link));
      const decision = route(event, { ...memory, links: waiting });
      store.inbound.decrypted(event.roomId, event.eventId, decision.outcome, kindOf(event, decision));
      this.#carryOut(event, decision, waiting, result.owed);
    });
    this.#options.logger.info("late-key", { room: event.roomId, event: event.eventId });
    // Also where nothing is owed for it yet: a placeholder may be on its way, and its text follows.
    if (isRead || result.owed.size > 0) this.#options.contents.put(event);
    this.#announce(result);
  }

  /** The text of a placeholder follows it; where there is nothing to be read in its place, the placeholder goes. */
  #replacePlaceholders(event: SourceEvent, memory: Memory, isRead: boolean, owed: Set<RoomId>): void {
    const { store, now } = this.#options;
    const source = { roomId: event.roomId, eventId: event.eventId };
    const { open, left, closed } = openWays(event, memory);
    // A copy that is still owed and has not been tried takes the text by itself.
    const underWay = store.outbox.owedFor(source).filter((row) => row.kind === "copy" && row.placeholder);
    for (const copy of [...store.ledger.placeholders(source), ...underWay]) {
      const { destination } = copy;
      const linkId = open.get(destination);
      // It was a copy or a command all along: what stands for it should never have gone out.
      if (!isRead) this.#takeBack(event, linkId ?? copy.linkId, destination, owed);
      else if (linkId === undefined) {
        const reason = left.get(copy.linkId) ?? closed ?? "no-consent";
        store.links.count(copy.linkId, reason, now());
        store.leftOut.note(source, destination, reason);
        if (isFilterReason(reason)) this.#takeBack(event, copy.linkId, destination, owed);
      } else this.#owe({ ...taskOf(event, linkId, destination), kind: "late" }, owed);
    }
  }

  /** Nothing will be read in a placeholder's place. */
  #takeBack(event: SourceEvent, linkId: LinkId, destination: RoomId, owed: Set<RoomId>): void {
    const target = { roomId: event.roomId, eventId: event.eventId };
    this.#owe({ ...taskOf(event, linkId, destination), kind: "redaction", target, targetKind: "copy" }, owed);
  }

  /** Events from before a link: known, and never copied. */
  markBefore(roomId: RoomId, events: readonly EventId[]): void {
    const { store, now } = this.#options;
    for (const eventId of events) {
      const sender = "@unknown:before.link" as UserId;
      store.inbound.insert(
        { roomId, eventId, sender, kind: "unknown", outcome: "before-link", undecryptable: null, transactionId: null },
        now(),
      );
    }
    store.positions.begin(roomId, events.at(-1) ?? null, now());
  }

  #carryOut(event: SourceEvent, decision: Decision, links: readonly Link[], owed: Set<RoomId>): void {
    const { store, now } = this.#options;
    const left = ("left" in decision ? decision.left : undefined) ?? new Map<never, never>();
    for (const [link, reason] of left) store.links.count(link, reason, now());
    if (decision.outcome === "routed") {
      this.#noteLeftOut(event, decision, links, left);
      for (const task of decision.tasks) {
        if (task.kind === "redaction" && this.#cancel(task)) continue;
        this.#owe(task, owed);
      }
      return;
    }
    if ("gone" in decision) store.ledger.markCopyRedacted(decision.gone.roomId, decision.gone.eventId);
    // Copies, and what is no message at all, are not worth a count: nobody would miss them.
    if (decision.outcome === "own-copy" || decision.outcome === "state-event") return;
    for (const link of carryingLinks(event, links)) {
      if (left.has(link.id) || destinationsOf(link, event.roomId).length === 0) continue;
      store.links.count(link.id, decision.outcome, now());
    }
  }

  /** Goes an event to some of its links' rooms only, it is noted why not to the others. */
  #noteLeftOut(event: SourceEvent, { tasks }: Routed, links: readonly Link[], left: LeftOut): void {
    for (const link of links) {
      const reason = left.get(link.id);
      if (reason === undefined) continue;
      const missing = destinationsOf(link, event.roomId).filter(
        (room) => !tasks.some((task) => task.destination === room),
      );
      for (const room of missing) this.#options.store.leftOut.note(event, room, reason);
    }
  }

  #obey(command: Command, event: SourceEvent, receivedTs: number, result: Outcome): void {
    const { confirmIn, isAnswered } = obey(command, event, receivedTs, this.#options);
    if (confirmIn !== null) result.owed.add(confirmIn);
    result.isAnswered ||= isAnswered;
  }

  #announce({ owed, isAnswered }: Outcome): void {
    this.#options.onOwed(owed);
    if (isAnswered) this.#options.onAnswer();
  }

  /** A link with the consents that its rooms had given by a time: what was said before the others is not for it. */
  #asAgreedBy(ts: number, link: Link): Link {
    const { consents } = this.#options.store;
    const later: Gap = { code: "consent-missing", sentence: "The room has agreed since." };
    const rooms = link.rooms.map((room) => {
      const isLater = !consents.heldSince(link.id, room.roomId, ts);
      return isLater ? { ...room, gap: room.gap ?? later } : room;
    });
    return { ...link, rooms };
  }

  /** Stops a link whose copies some third bridge carries back: in the same transaction, before anything more is sent. */
  #watchForEchoes(event: SourceEvent, decision: Decision, links: readonly Link[]): void {
    const { store, logger } = this.#options;
    const body = event.content["body"];
    if (decision.outcome !== "routed" || decision.kind !== "copy" || typeof body !== "string") return;
    // By the time it was written: in catching up, an hour's messages come within a second.
    const ts = event.originServerTs;
    const circle = this.#echoes.noteMessage(event.roomId, body, ts);
    // The user's own words are copied as they are, and what many people say, many people say.
    const isOwn = event.sender === this.#options.account();
    for (const task of isOwn ? [] : decision.tasks) {
      const text = `${nameIn(task, event, links)}: ${body}`;
      this.#echoes.noteCopy(task.destination, task.linkId, text, ts);
    }
    if (circle === null) return;
    logger.error("echo", { link: circle });
    for (const room of links.find((link) => link.id === circle)?.rooms ?? []) {
      store.links.suspend(circle, room.roomId, ECHO_REASON);
    }
  }

  #owe(task: Task, owed: Set<RoomId>): void {
    const { store, now } = this.#options;
    const kind = task.kind === "redaction" ? `redaction:${task.targetKind}:${task.target?.eventId}` : task.kind;
    store.outbox.insert({ ...task, transactionId: transactionIdOf(task.sourceEvent, task.destination, kind) }, now());
    owed.add(task.destination);
  }

  /** What is redacted before anybody tried to copy it is not copied at all. @returns whether there was such a copy */
  #cancel(task: Task): boolean {
    const { store, now } = this.#options;
    if (!task.target) return false;
    const owed = store.outbox
      .ofEvent(task.target)
      .filter((row) => row.destination === task.destination && row.kind === task.targetKind);
    const untried = owed.filter((row) => row.firstAttemptTs === null);
    for (const row of untried) {
      store.outbox.noteLeftOut(row.id, "redacted");
      store.outbox.delete(row.id);
      store.links.count(row.linkId, "redacted", now());
    }
    return untried.length > 0;
  }
}

/** The request that an event of this device came from: the homeserver tells, or its marker does. */
function transactionOf(event: SourceEvent): string | null {
  return event.transactionId ?? copiedTransaction(event.content);
}

/** Whose words a copy says that it has. */
function nameIn({ linkId }: Task, { senderName: name, sender, roomId }: SourceEvent, links: readonly Link[]): string {
  const link = links.find(({ id }) => id === linkId);
  const room = link?.rooms.find((linked) => linked.roomId === roomId)?.name ?? "";
  return attributedName(link?.settings.attribution ?? "name", { name, room, sender });
}

/** As what an event is copied, or else its type. */
function kindOf(event: SourceEvent, decision: Decision): string {
  return decision.outcome === "routed" ? decision.kind : event.type;
}

/** Whether the sender will ask for the event's content. */
function isNeeded(event: SourceEvent, decision: Decision): boolean {
  if (decision.outcome !== "routed" || event.undecryptable !== undefined) return false;
  return decision.kind !== "redaction" && decision.kind !== "votes";
}

function taskOf(event: SourceEvent, linkId: Task["linkId"], destination: RoomId): Omit<Task, "kind"> {
  return { linkId, sourceRoom: event.roomId, sourceEvent: event.eventId, author: event.sender, destination };
}

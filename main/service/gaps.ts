import { connectionIn, gapsOf, revocationIn, termsOf } from "../bridge/consent.ts";
import type { Gap, Link } from "../bridge/link.ts";
import type { GapCode } from "../matrix/codes.ts";
import type { LinkId, RoomId } from "../matrix/ids.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { roomsOf, type CatchUp } from "./catch-up.ts";
import { isTold } from "./notices.ts";
import type { PartOptions } from "./part.ts";

export interface GapsOptions extends PartOptions {
  catchUp: CatchUp;
}

/** What is known of rooms now. */
export interface Knowledge {
  readonly rooms: ReadonlyMap<RoomId, RoomFacts>;
  /** Whether a room has been looked at; one that the user has left is known as well, and has no facts. */
  isKnown: (roomId: RoomId) => boolean;
}

/** What has been found to be different in a room of a link. */
interface GapChange {
  roomId: RoomId;
  before: Gap | null;
  gap: Gap | null;
}

/** Writes down what is wanting for a link, and what follows: consents that end, and what is not owed any more. */
export class Gaps {
  readonly #options: GapsOptions;
  readonly #known: Knowledge;
  /** Links with gaps that are over, and in which rooms: they close when all has been read that was written in them. */
  readonly #closing = new Map<LinkId, string>();

  constructor(options: GapsOptions, known: Knowledge) {
    this.#options = options;
    this.#known = known;
  }

  /** The engine has gone. */
  forget(): void {
    this.#closing.clear();
  }

  /**
   * Judges links, in one transaction: gaps that have opened or closed, consents that have ended, and what was owed under
   * them. Dies the process before it, the next start judges again before it sends anything.
   *
   * @returns whether anything is different
   */
  judge(links: readonly Link[]): boolean {
    const { store } = this.#options;
    return store.transaction(() =>
      links
        .map((link) => store.links.get(link.id))
        .filter((link) => link !== null && link.rooms.every(({ roomId }) => this.#known.isKnown(roomId)))
        .map((link) => link !== null && this.#judgeLink(link))
        .some((isDifferent) => isDifferent),
    );
  }

  /** Links that have gaps which are over and still open. */
  closing(): Link[] {
    return this.#options.store.links.all().filter(({ id }) => this.#closing.has(id));
  }

  #judgeLink(link: Link): boolean {
    this.#noteSeen(link);
    const gaps = this.gapsNow(link);
    const changes: GapChange[] = link.rooms
      .map(({ roomId, gap: before }) => ({ roomId, before, gap: gaps.get(roomId) ?? null }))
      .filter(({ before, gap }) => before?.code !== gap?.code || before?.sentence !== gap?.sentence)
      // What was wanting when the room could last be read is still what is known of it.
      .filter(({ before, gap }) => before === null || gap?.code !== "room-unread");
    const due = this.#mayClose(link, changes) ? changes : changes.filter(({ gap }) => gap !== null);
    for (const { roomId, before, gap } of due) this.#changeGap(link, roomId, before, gap);
    return due.length > 0;
  }

  /**
   * What is wanting for a link, as far as is known now.
   *
   * @param rooms as they are, or as they are to be taken for
   */
  gapsNow(link: Link, rooms: ReadonlyMap<RoomId, RoomFacts> = this.#known.rooms): Map<RoomId, Gap | null> {
    const { store, account } = this.#options;
    const gaps = gapsOf({
      ...{ link: link.id, replaced: store.links.replacedBy(link.id), terms: termsOf(link), account: account(), rooms },
      ...{ consents: store.consents.current(link.id), lacking: this.#lacking(link.id) },
    });
    // While a link goes on that this one is to take the place of, what has ended there has ended here.
    const before = link.replaces === null ? null : store.links.get(link.replaces);
    for (const { roomId, gap } of before?.rooms ?? []) {
      if (gap?.code === "consent-revoked" && gaps.has(roomId)) gaps.set(roomId, gap);
    }
    return gaps;
  }

  /**
   * Whether gaps may close that are over. What was written while they were open is not copied, and some of it may still
   * have to be read: so all rooms of the link are read up to now first. Not of a link that no room has been told of: there
   * only what comes after the notices is copied; nor for a room that could merely not be looked at.
   */
  #mayClose(link: Link, changes: readonly GapChange[]): boolean {
    const { catchUp, store } = this.#options;
    const over = changes.filter(({ before, gap }) => gap === null && before?.code !== "room-unread");
    if (over.length === 0 || (link.state === "starting" && !isTold(link, store))) {
      this.#closing.delete(link.id);
      return true;
    }
    const rooms = over.map(({ roomId }) => roomId).join(" ");
    if (this.#closing.get(link.id) !== rooms) {
      this.#closing.set(link.id, rooms);
      catchUp.renew(roomsOf([link]));
      return false;
    }
    if (!catchUp.isDone(link)) return false;
    this.#closing.delete(link.id);
    return true;
  }

  #changeGap(link: Link, room: RoomId, before: Gap | null, gap: Gap | null): void {
    const { store, now, logger } = this.#options;
    store.links.setGap(link.id, room, gap);
    logger.info("consent", { link: link.id, room, gap: gap?.code ?? "none", before: before?.code ?? "none" });
    if (gap === null || gap.code === "room-unread") return;
    // Taken back in so many words, or without ground: whoever agrees again agrees anew.
    const facts = this.#known.rooms.get(room);
    const keys = [link.id, ...store.links.replacedBy(link.id)];
    const isRevoked = facts !== undefined && revocationIn(facts, keys) !== null;
    if ((gap.code === "consent-revoked" && isRevoked) || gap.code === "approver-lost-power") {
      store.consents.end(link.id, room, gap.code, now());
    }
    // What is owed for it out of the room and into it, and has not been tried, is not owed any more.
    const dropped = store.outbox.dropFor(link.id, room);
    if (dropped > 0) store.links.count(link.id, "no-consent", now(), dropped);
  }

  /** Consents whose state event stands in its room: should it go, that is noticed. */
  #noteSeen(link: Link): void {
    const { store } = this.#options;
    for (const consent of store.consents.current(link.id).values()) {
      const event = connectionIn(this.#known.rooms.get(consent.roomId), consent.link);
      const status = event?.content["status"];
      if (!consent.seen && (status === "active" || status === "approved"))
        store.consents.markSeen(link.id, consent.roomId);
    }
  }

  /** By what came last of each room: the end of a consent, or the answer to a later question. */
  #lacking(link: LinkId): Map<RoomId, GapCode> {
    const { store } = this.#options;
    const lacking = new Map<RoomId, GapCode>();
    const endedTs = new Map<RoomId, number>();
    for (const { roomId, endedTs: ended, endedReason: reason } of store.consents.all(link)) {
      if (ended === null || (reason !== "consent-revoked" && reason !== "approver-lost-power")) continue;
      lacking.set(roomId, reason);
      endedTs.set(roomId, ended);
    }
    for (const { roomId, state, createdTs } of store.proposals.latest(link).values()) {
      if (createdTs < (endedTs.get(roomId) ?? 0)) continue;
      if (state === "declined") lacking.set(roomId, "consent-declined");
      // Asking again is no answer: who has ended it has ended it until somebody agrees.
      else if (lacking.get(roomId) !== "consent-revoked") lacking.delete(roomId);
    }
    return lacking;
  }
}

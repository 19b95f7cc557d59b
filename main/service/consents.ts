import { gainsOf, recordOf, type AudienceRecord } from "../bridge/audience.ts";
import { gapsOf, isApprover, peersOf, requiredPower, type Consent, type Terms } from "../bridge/consent.ts";
import type { Gap, GapCode, Link } from "../bridge/link.ts";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { LinkId, RoomId, UserId } from "../matrix/ids.ts";
import { powerOf } from "../matrix/power-levels.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import { roomsOf } from "./catch-up.ts";
import { waitAfter } from "./retry.ts";
import type { StoredConsent } from "../store/consents.ts";
import type { Store } from "../store/store.ts";

export interface ConsentsOptions {
  store: Store;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
  logger: Logger;
  now: () => number;
  /** What may be copied has changed. */
  onChange: () => void;
  /** A room has changed in any way: an approval may stand in its state. */
  onRoom: () => void;
}

/** The terms of a link, as a consent is about them. */
export function termsOf(link: Pick<Link, "direction" | "carrier" | "rooms">): Terms {
  const { direction, carrier, rooms } = link;
  return { mode: "copy", direction, carrier, rooms: rooms.map((room) => room.roomId) };
}

/**
 * Keeps judging whether the rooms of each link agree to it, from their present state, and writes down what is wanting:
 * routing and sending look there. A room's change is judged before the events that came with it are routed.
 */
export class Consents {
  readonly #options: ConsentsOptions;
  readonly #rooms = new Map<RoomId, RoomFacts>();
  /** Rooms of links that the user is not in any more, so that there are no facts. */
  readonly #left = new Set<RoomId>();
  #ready = false;
  /** Counts openings of the engine: what was asked of an earlier one says nothing any more. */
  #run = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ConsentsOptions) {
    this.#options = options;
  }

  /** Whether the linked rooms have been read since the engine opened, but for those that could not be. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** Whether the present state of all of a link's rooms is known. Nothing of it is sent before. */
  isRead(link: Link): boolean {
    return this.#ready && link.rooms.every(({ roomId }) => this.#isKnown(roomId));
  }

  get rooms(): ReadonlyMap<RoomId, RoomFacts> {
    return this.#rooms;
  }

  /** The engine has gone: what its rooms are like is not known any more. */
  forget(): void {
    this.#run += 1;
    clearTimeout(this.#retry);
    this.#ready = false;
    this.#rooms.clear();
    this.#left.clear();
  }

  /** Reads the rooms of every link and judges them all. What cannot be read now is tried again, by itself. */
  async open(attempt = 1): Promise<void> {
    clearTimeout(this.#retry);
    const run = this.#run;
    const links = this.#options.store.links.all();
    const unread = roomsOf(links).filter((roomId) => !this.#isKnown(roomId));
    const looks = await Promise.allSettled(unread.map((roomId) => this.look(roomId)));
    if (run !== this.#run) return;
    const failed = looks.filter((look) => look.status === "rejected");
    if (failed.length > 0) {
      // One room that cannot be read holds up its own links only.
      const { code } = asFerryError(failed[0]?.reason);
      this.#options.logger.warn("rooms-not-read", { code, rooms: failed.length, attempt });
      this.#retry = setTimeout(() => void this.open(attempt + 1), waitAfter(attempt)).unref();
      if (failed.length === looks.length) return;
    }
    this.#ready = true;
    this.judge(links);
    this.#options.onChange();
  }

  /** Reads one room, and from then on hears of its changes. @throws FerryError `homeserver-unreachable` */
  async look(roomId: RoomId): Promise<RoomFacts | null> {
    try {
      const facts = await this.#options.engine().facts({ roomId });
      this.#rooms.set(roomId, facts);
      this.#left.delete(roomId);
      // The engine tells of changes since what it has told: what was found on asking is judged here.
      if (this.#ready) this.#judgeRoom(roomId);
      return facts;
    } catch (error) {
      if (asFerryError(error).code !== "not-joined") throw error;
      this.#rooms.delete(roomId);
      this.#left.add(roomId);
      return null;
    }
  }

  /** A room has changed. */
  take(facts: RoomFacts): void {
    this.#rooms.set(facts.roomId, facts);
    // While not all has been read nothing is sent, and what is judged by a part of it could be judged wrongly.
    if (!this.#ready) return;
    this.#judgeRoom(facts.roomId);
    this.#options.onRoom();
  }

  #judgeRoom(roomId: RoomId): void {
    const links = this.#options.store.links.all();
    const touched = links.filter((link) => link.rooms.some((room) => room.roomId === roomId));
    if (this.judge(touched)) this.#options.onChange();
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
        .filter((link) => link !== null && link.rooms.every(({ roomId }) => this.#isKnown(roomId)))
        .map((link) => link !== null && this.#judgeLink(link))
        .some((isDifferent) => isDifferent),
    );
  }

  #isKnown(roomId: RoomId): boolean {
    return this.#rooms.has(roomId) || this.#left.has(roomId);
  }

  #judgeLink(link: Link): boolean {
    const { store, account } = this.#options;
    this.#noteSeen(link);
    const gaps = gapsOf({
      link: link.id,
      terms: termsOf(link),
      account: account(),
      rooms: this.#rooms,
      consents: store.consents.current(link.id),
      lacking: this.#lacking(link.id),
    });
    let isDifferent = false;
    for (const room of link.rooms) {
      const gap = gaps.get(room.roomId) ?? null;
      if (gap?.code === room.gap?.code && gap?.sentence === room.gap?.sentence) continue;
      isDifferent = true;
      this.#changeGap(link, room.roomId, room.gap, gap);
    }
    return isDifferent;
  }

  #changeGap(link: Link, room: RoomId, before: Gap | null, gap: Gap | null): void {
    const { store, now, logger } = this.#options;
    store.links.setGap(link.id, room, gap);
    logger.info("consent", { link: link.id, room, gap: gap?.code ?? "none", before: before?.code ?? "none" });
    if (gap === null || gap.code === "room-unread") return;
    // Taken back in so many words, or without ground: whoever agrees again agrees anew.
    const isRevoked = this.#connection(link.id, room)?.content["status"] === "revoked";
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
      const event = this.#connection(link.id, consent.roomId);
      const status = event?.content["status"];
      if (!consent.seen && (status === "active" || status === "approved"))
        store.consents.markSeen(link.id, consent.roomId);
    }
  }

  #connection(link: LinkId, room: RoomId) {
    return this.#rooms.get(room)?.connections.find((connection) => connection.stateKey === link);
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

  /**
   * Who can read the rooms that a room's messages go to. Left out are those that nobody has been asked about, because
   * all their readers are in this room: of them every new reader counts.
   */
  audienceFor(terms: Terms, room: RoomId): AudienceRecord[] {
    const source = this.#rooms.get(room);
    return peersOf(terms, room).to.flatMap((peer) => {
      const facts = this.#rooms.get(peer);
      if (source === undefined || facts === undefined) return [];
      const gains = gainsOf(source, facts).map((gain) => gain.code);
      return gains.length > 0 ? [{ ...recordOf(facts), gains }] : [];
    });
  }

  /**
   * Whether the user may write a link's state event into a room. Where another person's approval stands under the
   * link's key, writing there would take that away.
   */
  maySetState(roomId: RoomId, link: LinkId): boolean {
    const room = this.#rooms.get(roomId);
    const account = this.#options.account();
    if (room === undefined || !isApprover(account, room)) return false;
    const event = this.#connection(link, roomId);
    return event === undefined || event.sender === account || event.content["status"] !== "approved";
  }

  /** The user's own consent for a room, as they see it now; where they may give it. Inside a transaction. */
  giveOwn(link: Link, roomId: RoomId): boolean {
    const room = this.#rooms.get(roomId);
    const account = this.#options.account();
    if (room === undefined || !isApprover(account, room)) return false;
    const terms = termsOf(link);
    const audience = this.audienceFor(terms, roomId);
    this.give(link, {
      roomId,
      terms,
      termsHash: link.termsHash,
      approver: account,
      way: "own",
      eventId: null,
      audience,
    });
    return true;
  }

  /** Puts a consent in force. Who gave it has been found to have the power, then and now. Inside a transaction. */
  give(link: Link, consent: Omit<Consent, "seen" | "overrules"> & { power?: number | null; required?: number }): void {
    const { store, now } = this.#options;
    const room = this.#rooms.get(consent.roomId);
    const event = this.#connection(link.id, consent.roomId);
    const level = room === undefined ? 0 : powerOf(consent.approver, room.power);
    const stored: Omit<StoredConsent, "endedTs" | "endedReason"> = {
      ...consent,
      seen: consent.way === "state-event",
      overrules: event?.content["status"] === "revoked" ? event.eventId : null,
      power: consent.power !== undefined ? consent.power : Number.isFinite(level) ? level : null,
      required: consent.required ?? (room === undefined ? 0 : requiredPower(room)),
      givenTs: now(),
    };
    store.consents.give(link.id, stored);
    this.#options.logger.info("consent-given", { link: link.id, room: consent.roomId, way: consent.way });
  }
}

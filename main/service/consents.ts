import { gainsOf, recordOf, type AudienceRecord } from "../bridge/audience.ts";
import {
  connectionIn,
  isApprover,
  peersOf,
  requiredPower,
  revocationIn,
  termsOf,
  type Consent,
  type Terms,
} from "../bridge/consent.ts";
import type { Gap, Link } from "../bridge/link.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { LinkId, RoomId } from "../matrix/ids.ts";
import { powerOf } from "../matrix/power-levels.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { roomsOf } from "./catch-up.ts";
import { Gaps, type GapsOptions } from "./gaps.ts";
import { waitAfter } from "./retry.ts";
import type { StoredConsent } from "../store/consents.ts";

export interface ConsentsOptions extends GapsOptions {
  /** A room has changed in any way: an approval may stand in its state. */
  onRoom: () => void;
}

/**
 * Knows how the linked rooms are, and keeps judging from that whether they agree: a room's change is judged before the
 * events that came with it are routed.
 */
export class Consents {
  readonly #options: ConsentsOptions;
  readonly #rooms = new Map<RoomId, RoomFacts>();
  /** Rooms of links that the user is not in any more, so that there are no facts. */
  readonly #left = new Set<RoomId>();
  readonly #gaps: Gaps;
  #ready = false;
  /** Counts openings of the engine: what was asked of an earlier one says nothing any more. */
  #run = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ConsentsOptions) {
    this.#options = options;
    this.#gaps = new Gaps(options, { rooms: this.#rooms, isKnown: (roomId) => this.#isKnown(roomId) });
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
    this.#gaps.forget();
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

  /** Judges links; see {@link Gaps.judge}. @returns whether anything is different */
  judge(links: readonly Link[]): boolean {
    return this.#gaps.judge(links);
  }

  /** Rooms of a link whose admins have ended it, or refused, whatever else is the case with them. */
  refusals(link: Link): Map<RoomId, Gap> {
    const open = [...this.#rooms].map(([roomId, room]) => [roomId, { ...room, tombstone: null }] as const);
    const gaps = [...this.#gaps.gapsNow(link, new Map(open))];
    return new Map(gaps.flatMap(([roomId, gap]) => (gap !== null && isRefusal(gap) ? [[roomId, gap]] : [])));
  }

  /** Whether a link's gaps are over, and close as soon as its rooms have been read. */
  isClosing(id: LinkId): boolean {
    return this.#gaps.closing().some((link) => link.id === id);
  }

  /** Rooms have been read up to the present: gaps that were over by then close. */
  caughtUp(): void {
    if (this.#ready && this.judge(this.#gaps.closing())) this.#options.onChange();
  }

  #judgeRoom(roomId: RoomId): void {
    const links = this.#options.store.links.all();
    const touched = links.filter((link) => link.rooms.some((room) => room.roomId === roomId));
    if (this.judge(touched)) this.#options.onChange();
  }

  #isKnown(roomId: RoomId): boolean {
    return this.#rooms.has(roomId) || this.#left.has(roomId);
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
   * Whether the user may write a link's state event into a room. Where another person's word stands under the link's key,
   * an approval or its end, writing there would take that away.
   */
  maySetState(roomId: RoomId, link: LinkId): boolean {
    const room = this.#rooms.get(roomId);
    const account = this.#options.account();
    if (room === undefined || !isApprover(account, room)) return false;
    const event = connectionIn(this.#rooms.get(roomId), link);
    const status = event?.content["status"];
    return event === undefined || event.sender === account || (status !== "approved" && status !== "revoked");
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
  give(
    link: Link,
    consent: Omit<Consent, "link" | "seen" | "overrules"> & { power?: number | null; required?: number },
  ): void {
    const { store, now } = this.#options;
    const room = this.#rooms.get(consent.roomId);
    const revocation = room && revocationIn(room, [link.id, ...store.links.replacedBy(link.id)]);
    const level = room === undefined ? 0 : powerOf(consent.approver, room.power);
    const stored: Omit<StoredConsent, "endedTs" | "endedReason"> = {
      ...consent,
      link: link.id,
      seen: consent.way === "state-event",
      overrules: revocation ?? null,
      power: consent.power !== undefined ? consent.power : Number.isFinite(level) ? level : null,
      required: consent.required ?? (room === undefined ? 0 : requiredPower(room)),
      givenTs: now(),
    };
    store.consents.give(link.id, stored);
    this.#options.logger.info("consent-given", { link: link.id, room: consent.roomId, way: consent.way });
  }
}

function isRefusal({ code }: Gap): boolean {
  return code === "consent-revoked" || code === "consent-declined";
}

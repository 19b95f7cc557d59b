import { randomBytes } from "node:crypto";
import { destinationsOf, termsHash, type Direction, type Link } from "../bridge/link.ts";
import { transactionIdOf } from "../bridge/origin.ts";
import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { RoomSummary } from "../matrix/event.ts";
import type { EventId, LinkId, RoomAlias, RoomId, UserId } from "../matrix/ids.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import { consequencesOf } from "./consequences.ts";
import { refusalOf, type Refusal } from "./link-refusal.ts";
import type { Mirror } from "./mirror.ts";

/** How long making a link waits for its notices; after that it becomes active by itself, later. */
const ACTIVATION_MS = 60_000;
const POLL_MS = 50;

export interface LinkTerms {
  rooms: (RoomId | RoomAlias)[];
  name?: string | undefined;
  oneWay: boolean;
}

export interface Plan {
  rooms: RoomSummary[];
  consequences: string[];
  refusal: Refusal | null;
}

export interface LinksOptions {
  store: Store;
  mirror: Mirror;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
  logger: Logger;
  now: () => number;
  /** What is owed, or may be sent, has changed. */
  onChange: () => void;
}

/** Makes, changes and ends links. */
export class Links {
  readonly #options: LinksOptions;
  readonly #activating = new Map<LinkId, Promise<void>>();
  readonly #waiters = new Set<() => void>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** What `add` would do. @throws FerryError `unknown-room`, `not-joined`, `link-needs-two-rooms` */
  async plan(terms: LinkTerms): Promise<Plan> {
    const engine = this.#options.engine();
    const rooms: RoomSummary[] = [];
    for (const reference of terms.rooms) {
      const room = await engine.room({ room: reference });
      if (!rooms.some((other) => other.roomId === room.roomId)) rooms.push(room);
    }
    if (rooms.length < 2) throw new FerryError("link-needs-two-rooms", "A link joins at least two different rooms.");
    const direction = terms.oneWay ? "one-way" : "two-way";
    return {
      rooms,
      consequences: consequencesOf(rooms, direction),
      refusal: await refusalOf(rooms, direction, this.#options),
    };
  }

  /**
   * Makes a link: it is stored, every room is told, and only then anything is copied. Answers when it is active, or
   * when telling the rooms takes long.
   *
   * @throws FerryError the plan's refusal
   */
  async add(terms: LinkTerms): Promise<Link> {
    const { rooms, refusal } = await this.plan(terms);
    if (refusal) throw new FerryError(refusal.code, refusal.sentence);
    const { store, now, logger, account } = this.#options;
    const direction: Direction = terms.oneWay ? "one-way" : "two-way";
    const roomIds = rooms.map((room) => room.roomId);
    const link: Link = {
      id: randomBytes(9).toString("base64url") as LinkId,
      name: terms.name ?? rooms.map((room) => room.name).join(direction === "two-way" ? " and " : " to "),
      direction,
      state: "starting",
      termsHash: termsHash({ rooms: roomIds, direction, carrier: account() }),
      carrier: account(),
      createdTs: now(),
      rooms: rooms.map(({ roomId, name, encrypted }) => ({ roomId, name, encrypted, suspended: null })),
    };
    // From here on it exists: after a crash `resumeStarting` goes on with it.
    store.transaction(() => {
      store.links.insert(link);
      this.#oweNotices(link, "start");
    });
    logger.info("link-added", { link: link.id, rooms: rooms.length });
    await this.#activate(link.id, ACTIVATION_MS);
    return this.find(link.id);
  }

  /** Watches the rooms of every link, and goes on with links that were being made. After every opening of the engine. */
  async open(): Promise<void> {
    const engine = this.#options.engine();
    const links = this.#options.store.links.all();
    for (const roomId of new Set(links.flatMap((link) => link.rooms.map((room) => room.roomId)))) {
      if (this.#options.store.positions.has(roomId)) await engine.watch({ roomId, catchUp: true });
    }
    for (const link of links) if (link.state === "starting") void this.#activate(link.id, 0);
  }

  /** Finds a link by its id, the start of it, or its name. @throws FerryError `unknown-link` */
  find(reference: string): Link {
    const links = this.#options.store.links.all();
    const exact = links.filter((link) => link.id === reference || link.name === reference);
    const found = exact.length > 0 ? exact : links.filter((link) => link.id.startsWith(reference));
    if (found.length === 1 && found[0]) return found[0];
    const problem = found.length === 0 ? "There is no link called" : "Several links are called";
    throw new FerryError("unknown-link", `${problem} “${reference}”. See them all with: ferry link list`);
  }

  pause(reference: string): Link {
    const link = this.find(reference);
    if (link.state === "starting") {
      throw new FerryError("link-starting", "This link's rooms are still being told of it. Nothing is copied yet.");
    }
    this.#options.store.links.setState(link.id, "paused");
    this.#options.onChange();
    return this.find(link.id);
  }

  /** Goes on with a link that is paused or suspended: what was said meanwhile follows. */
  resume(reference: string): Link {
    const { store } = this.#options;
    const link = this.find(reference);
    store.transaction(() => {
      for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
      const isTold = store.outbox.noticesSent(link.id) && link.rooms.every((room) => store.positions.has(room.roomId));
      store.links.setState(link.id, isTold ? "active" : "starting");
    });
    if (this.find(link.id).state === "starting") void this.#activate(link.id, 0);
    this.#options.onChange();
    return this.find(link.id);
  }

  /** Ends a link and tells its rooms. The copies stay where they are; what was still owed is not sent. */
  async remove(reference: string): Promise<{ id: LinkId; dropped: number }> {
    const { store, logger } = this.#options;
    const link = this.find(reference);
    const dropped = store.transaction(() => {
      this.#handOver(link);
      const owed = store.outbox.deleteOfLink(link.id);
      store.links.setState(link.id, "removed");
      for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
      this.#oweNotices(link, "end");
      for (const roomId of this.#abandonedRooms(link)) store.positions.clear(roomId);
      return owed;
    });
    for (const roomId of this.#abandonedRooms(link)) {
      // Without the engine nothing is watched, and at its next opening the room is in no link.
      await this.#options
        .engine()
        .unwatch({ roomId })
        .catch((error: unknown) => logger.debug("not-unwatched", { roomId, code: asFerryError(error).code }));
    }
    logger.info("link-removed", { link: link.id, dropped });
    this.#options.onChange();
    return { id: link.id, dropped };
  }

  /** What a link owes that another one covers too is that one's to send. */
  #handOver(link: Link): void {
    const { store } = this.#options;
    for (const other of store.links.all().filter(({ id }) => id !== link.id)) {
      for (const { roomId: source } of link.rooms) {
        for (const destination of destinationsOf(other, source)) {
          store.outbox.reassign(link.id, other.id, source, destination);
        }
      }
    }
  }

  /** The outbox has changed: a link whose notices have all been sent can become active. */
  noticesMayBeSent(): void {
    for (const wake of this.#waiters) wake();
  }

  #oweNotices(link: Link, event: "start" | "end"): void {
    const { store, account, now } = this.#options;
    for (const room of link.rooms) {
      const sourceEvent = `${event}:${link.id}` as EventId;
      store.outbox.insert(
        {
          linkId: link.id,
          sourceRoom: room.roomId,
          sourceEvent,
          author: account(),
          destination: room.roomId,
          kind: "notice",
          transactionId: transactionIdOf(sourceEvent, room.roomId, "notice"),
        },
        now(),
      );
    }
  }

  #activate(id: LinkId, waitMs: number): Promise<void> {
    const running =
      this.#activating.get(id) ??
      this.#activateWhenTold(id)
        .catch((error: unknown) => {
          const { code } = asFerryError(error);
          // It stays as it is, and is gone on with when the engine opens again.
          this.#options.logger.warn("link-not-active", { link: id, code });
        })
        .finally(() => this.#activating.delete(id));
    this.#activating.set(id, running);
    return Promise.race([running, new Promise<void>((resolve) => setTimeout(resolve, waitMs).unref())]);
  }

  /** Watches the link's rooms, waits until each has been told, and lets copying begin with what comes after. */
  async #activateWhenTold(id: LinkId): Promise<void> {
    const { store, mirror, engine } = this.#options;
    const link = this.find(id);
    for (const { roomId } of link.rooms) {
      if (store.positions.has(roomId)) continue;
      const { before } = await engine().watch({ roomId, catchUp: false });
      // Removed meanwhile: a position would let a later link begin where this one did.
      if (store.links.get(id) === null) return void (await engine().unwatch({ roomId }));
      store.transaction(() => mirror.markBefore(roomId, before));
    }
    this.#options.onChange();
    while (!store.outbox.noticesSent(id)) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
    for (const { roomId } of link.rooms) await this.#untilNoticeSeen(id, roomId);
    if (store.links.get(id)?.state === "starting") store.links.setState(id, "active");
    this.#options.onChange();
  }

  /** What is written before a room's notice is not copied: waits until the room has been read past it. */
  async #untilNoticeSeen(id: LinkId, roomId: RoomId): Promise<void> {
    const { store } = this.#options;
    const notice = store.ledger.copy({ roomId, eventId: `start:${id}` as EventId }, roomId, "notice");
    while (notice && store.links.get(id) !== null && !store.inbound.get(roomId, notice.copyEvent)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Rooms of a link that no other link needs. */
  #abandonedRooms(link: Link): RoomId[] {
    const others = this.#options.store.links.all().filter((other) => other.id !== link.id);
    return link.rooms
      .map((room) => room.roomId)
      .filter((roomId) => !others.some((other) => other.rooms.some((room) => room.roomId === roomId)));
  }
}

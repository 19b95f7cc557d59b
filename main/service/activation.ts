import type { Link, LinkRoom } from "../bridge/link.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { EventId, LinkId, RoomId } from "../matrix/ids.ts";
import type { CatchUp } from "./catch-up.ts";
import { takePlace } from "./ending.ts";
import type { Mirror } from "./mirror.ts";
import { isTold, oweNotice } from "./notices.ts";
import type { PartOptions } from "./part.ts";

const POLL_MS = 50;

export interface ActivationOptions extends PartOptions {
  mirror: Mirror;
  catchUp: CatchUp;
  /** A link has taken another one's place. */
  onReplaced: (before: LinkId) => void;
}

/**
 * Lets links begin: their rooms are watched, have agreed, and have been told, in this order; copied is what comes after.
 * Each step is in the database, and a start that was cut off goes on from there.
 */
export class Activation {
  readonly #options: ActivationOptions;
  readonly #running = new Map<LinkId, Promise<void>>();
  readonly #waiters = new Set<() => void>();

  constructor(options: ActivationOptions) {
    this.#options = options;
  }

  /** The outbox or a consent has changed: a link that waits for it can go on. */
  wake(): void {
    for (const wake of this.#waiters) wake();
  }

  /** Owes these rooms of a link the notice of its start or its end; `quiet-end`: their state alone. Inside a transaction. */
  oweNotices(link: Link, event: "start" | "end" | "quiet-end", rooms: readonly LinkRoom[]): void {
    for (const { roomId } of rooms) oweNotice(this.#options, { linkId: link.id, roomId, name: `${event}:${link.id}` });
  }

  /** Sets every link going that has not begun. */
  resume(): void {
    const starting = this.#options.store.links.all().filter((link) => link.state === "starting");
    for (const link of starting) void this.activate(link.id, 0);
  }

  /** Sets a link going. @returns when it is active, or after `waitMs` milliseconds */
  activate(id: LinkId, waitMs: number): Promise<void> {
    const running =
      this.#running.get(id) ??
      this.#activateWhenTold(id)
        .catch((error: unknown) => {
          const { code } = asFerryError(error);
          // It stays as it is, and is gone on with when the engine opens again.
          this.#options.logger.warn("link-not-active", { link: id, code });
        })
        .finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return Promise.race([running, new Promise<void>((resolve) => setTimeout(resolve, waitMs).unref())]);
  }

  /** Watches the link's rooms, waits until each has been told, and lets copying begin with what comes after. */
  async #activateWhenTold(id: LinkId): Promise<void> {
    const { store, mirror, catchUp, engine } = this.#options;
    const link = store.links.get(id);
    if (link === null) return;
    for (const { roomId } of link.rooms) {
      if (store.positions.has(roomId)) continue;
      const { before } = await engine().watch({ roomId, catchUp: false });
      // Removed meanwhile: a position would let a later link begin where this one did.
      if (store.links.get(id) === null) return void (await engine().unwatch({ roomId }));
      store.transaction(() => mirror.markBefore(roomId, before));
    }
    catchUp.follow(link.rooms.map((room) => room.roomId));
    this.#options.onChange();
    await this.#untilAgreed(id);
    store.transaction(() => {
      const agreed = store.links.get(id);
      if (agreed !== null && !isTold(agreed, store)) this.oweNotices(agreed, "start", agreed.rooms);
    });
    this.#options.onChange();
    while (!store.outbox.noticesSent(id)) await this.#change();
    for (const { roomId } of link.rooms) await this.#untilNoticeSeen(id, roomId);
    // Again: a link that goes on meanwhile must not end for one that is stopped.
    await this.#untilAgreed(id);
    await this.#begin(id);
    this.#options.onChange();
  }

  /** From here on a link copies, and one whose place it takes does not. */
  async #begin(id: LinkId): Promise<void> {
    const { store, logger, now, onReplaced } = this.#options;
    const link = store.links.get(id);
    if (link?.state !== "starting") return;
    const before = link.replaces === null ? null : store.links.get(link.replaces);
    if (before === null) return store.links.setState(id, "active");
    const abandoned = store.transaction(() => {
      const ended = takePlace(store, link, before, now());
      this.oweNotices(before, "end", ended.left);
      return ended.abandoned;
    });
    logger.info("link-replaced", { link: before.id, by: id });
    onReplaced(before.id);
    await this.leave(abandoned);
  }

  /** Stops following rooms that are in no link. */
  async leave(rooms: readonly RoomId[]): Promise<void> {
    for (const roomId of rooms) {
      // Without the engine nothing is watched, and at its next opening the room is in no link.
      await this.#options
        .engine()
        .unwatch({ roomId })
        .catch((error: unknown) => {
          this.#options.logger.debug("not-unwatched", { roomId, code: asFerryError(error).code });
        });
    }
  }

  async #untilAgreed(id: LinkId): Promise<void> {
    while (this.#options.store.links.get(id)?.rooms.some((room) => room.gap !== null)) await this.#change();
  }

  /** Resolves when the outbox or a consent has changed. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        resolve();
      };
      this.#waiters.add(wake);
    });
  }

  /** What is written before a room's notice is not copied: waits until the room has been read past it. */
  async #untilNoticeSeen(id: LinkId, roomId: RoomId): Promise<void> {
    const { store } = this.#options;
    const notice = store.ledger.copy({ roomId, eventId: `start:${id}` as EventId }, roomId, "notice");
    while (notice && store.links.get(id) !== null && !store.inbound.get(roomId, notice.copyEvent)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

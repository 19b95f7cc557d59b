import { destinationsOf, type Link } from "../bridge/link.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { LinkId, RoomId } from "../matrix/ids.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { Activation, ActivationOptions } from "./activation.ts";
import { roomsOf } from "./catch-up.ts";
import { connectionContent } from "./connection.ts";
import type { Consents } from "./consents.ts";
import { connectionIn } from "./gaps.ts";
import type { Negotiation } from "./negotiation.ts";

export interface LinksOptions extends ActivationOptions {
  activation: Activation;
  consents: Consents;
  negotiation: Negotiation;
}

/** The links that there are: finds them, goes on with them, pauses and ends them. */
export class Links {
  readonly #options: LinksOptions;
  readonly #activation: Activation;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#activation = options.activation;
  }

  /** Watches the rooms of every link, and goes on with links that were being made. After every opening of the engine. */
  async open(): Promise<void> {
    const engine = this.#options.engine();
    await this.#options.consents.open();
    const links = this.#options.store.links.all();
    const followed = roomsOf(links).filter((roomId) => this.#options.store.positions.has(roomId));
    for (const roomId of followed) await engine.watch({ roomId, catchUp: true });
    this.#options.catchUp.follow(followed);
    this.goOn();
  }

  /** Goes on with what was begun and could not be done, for want of the network or because Ferry had ended. */
  goOn(): void {
    this.#activation.resume();
    for (const link of this.#options.store.links.all()) {
      this.restoreState(link).catch((error: unknown) => {
        this.#options.logger.warn("state-not-restored", { link: link.id, code: asFerryError(error).code });
      });
    }
  }

  /**
   * Where an admin had revoked it, or emptied it, and the user has agreed anew since, the room's state says so still: it
   * says again what is the case. Should Ferry die in between, it is done when the engine opens.
   */
  async restoreState(link: Link): Promise<void> {
    const { store, consents, engine, account } = this.#options;
    if (link.state === "starting" || !store.outbox.noticesSent(link.id)) return;
    for (const { roomId, way, seen } of store.consents.current(link.id).values()) {
      const event = connectionIn(consents.rooms, roomId, link.id);
      if (way !== "own" || seen || event?.content["status"] === "active") continue;
      const content = connectionContent(link, roomId, account(), "active");
      const { eventId } = await engine().setState({ roomId, type: CONNECTION, stateKey: link.id, content });
      store.consents.noteEvent(link.id, roomId, eventId);
      await consents.look(roomId);
    }
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
      const isTold =
        this.#activation.isTold(link) &&
        store.outbox.noticesSent(link.id) &&
        link.rooms.every((room) => store.positions.has(room.roomId));
      store.links.setState(link.id, isTold ? "active" : "starting");
    });
    if (this.find(link.id).state === "starting") void this.#activation.activate(link.id, 0);
    this.#options.onChange();
    return this.find(link.id);
  }

  /** Ends a link and tells its rooms. The copies stay where they are; what was still owed is not sent. */
  async remove(reference: string): Promise<{ id: LinkId; dropped: number }> {
    const { store, negotiation, logger } = this.#options;
    const link = this.find(reference);
    const dropped = store.transaction(() => {
      this.#handOver(link);
      const owed = store.outbox.deleteOfLink(link.id);
      store.links.setState(link.id, "removed");
      for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
      // Rooms that were never told of a start are not told of an end.
      if (link.state !== "starting") this.#activation.oweNotices(link, "end");
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
    await negotiation.withdraw(link.id).catch((error: unknown) => {
      // The question stays in the room; an answer to it finds no link.
      logger.warn("not-withdrawn", { link: link.id, code: asFerryError(error).code });
    });
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

  /** Rooms of a link that no other link needs. */
  #abandonedRooms(link: Link): RoomId[] {
    const others = this.#options.store.links.all().filter((other) => other.id !== link.id);
    return link.rooms
      .map((room) => room.roomId)
      .filter((roomId) => !others.some((other) => other.rooms.some((room) => room.roomId === roomId)));
  }
}

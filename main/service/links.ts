import { cleanLabel } from "../bridge/attribution.ts";
import { successorOf } from "../bridge/change.ts";
import { connectionIn } from "../bridge/consent.ts";
import type { Link, LinkRoom } from "../bridge/link.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { LinkId, RoomId } from "../matrix/ids.ts";
import { changedSettings, settingsAfter, type SettingChanges } from "../matrix/link-settings.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { Activation, ActivationOptions } from "./activation.ts";
import { roomsOf } from "./catch-up.ts";
import { connectionContent } from "./connection.ts";
import type { Consents } from "./consents.ts";
import { endLink } from "./ending.ts";
import type { Negotiation } from "./negotiation.ts";
import { isTold } from "./notices.ts";

export interface LinksOptions extends Omit<ActivationOptions, "mirror" | "onReplaced"> {
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
    if (this.#options.store.settings.all.everythingPaused) return;
    for (const link of this.#options.store.links.all()) {
      this.restoreState(link).catch((error: unknown) => {
        this.#options.logger.warn("state-not-restored", { link: link.id, code: asFerryError(error).code });
      });
    }
    this.#tidyStates().catch((error: unknown) => {
      this.#options.logger.warn("state-not-tidied", { code: asFerryError(error).code });
    });
  }

  /**
   * Who is to hear of a link's end: rooms that were never told of its start are not, nor those for which the link goes on
   * that this one was to change.
   */
  #toldOf(link: Link): LinkRoom[] {
    const { store } = this.#options;
    if (link.state !== "starting") return link.rooms;
    const before = link.replaces === null ? null : store.links.get(link.replaces);
    const goesOn = (roomId: RoomId): boolean => before?.rooms.some((room) => room.roomId === roomId) ?? false;
    return isTold(link, store) ? link.rooms.filter(({ roomId }) => !goesOn(roomId)) : [];
  }

  /** Of a link whose place another one has taken, the rooms that stay are told nothing: only their state says so still. */
  async #tidyStates(): Promise<void> {
    const { store, consents, engine, account } = this.#options;
    for (const [roomId, { connections }] of consents.rooms) {
      for (const { stateKey, sender, content } of connections) {
        const id = stateKey as LinkId;
        const link = store.links.get(id) === null ? store.links.find(id) : null;
        if (link === null || sender !== account() || content["status"] !== "active") continue;
        if (store.outbox.owesEnd(id, roomId) || !consents.maySetState(roomId, id)) continue;
        const ended = connectionContent(link, roomId, account(), "ended");
        await engine().setState({ roomId, type: CONNECTION, stateKey, content: ended });
      }
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
      const event = connectionIn(consents.rooms.get(roomId), link.id);
      if (way !== "own" || seen || event?.content["status"] === "active") continue;
      const content = connectionContent(link, roomId, account(), "active");
      const { eventId } = await engine().setState({ roomId, type: CONNECTION, stateKey: link.id, content });
      store.consents.noteEvent(link.id, roomId, eventId);
      await consents.look(roomId);
    }
  }

  /** Finds a link by its id, the start of it, or its name. @throws FerryError `unknown-link` */
  find(reference: string): Link {
    const all = this.#options.store.links.all();
    // A change that waits goes by the name of the link, which is what is meant.
    const links = all.filter(({ id, replaces }) => id === reference || !all.some((link) => link.id === replaces));
    const exact = links.filter((link) => link.id === reference || link.name === reference);
    const found = exact.length > 0 ? exact : links.filter((link) => link.id.startsWith(reference));
    if (found.length === 1 && found[0]) return found[0];
    const problem = found.length === 0 ? "There is no link called" : "Several links are called";
    throw new FerryError("unknown-link", `${problem} “${reference}”.`);
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

  /**
   * Stops everything at once; what each link is set to stays. From when this is on disk nothing is sent that the engine
   * has not been handed already, over restarts too; what people say is taken in, and their answers count.
   */
  pauseAll(): void {
    this.#options.store.settings.change({ everythingPaused: true });
    this.#options.logger.info("everything-paused");
    this.#options.onChange();
  }

  /**
   * Undoes `pauseAll`. Where that was not what stopped them, goes on with every paused link; what has suspended one
   * stays.
   */
  resumeAll(): void {
    const { store, negotiation, logger, onChange } = this.#options;
    if (store.settings.all.everythingPaused) store.settings.change({ everythingPaused: false });
    else {
      store.transaction(() => {
        const paused = store.links.all().filter(({ state }) => state === "paused");
        for (const { id } of paused) store.links.setState(id, "active");
      });
    }
    logger.info("everything-resumed");
    this.goOn();
    void negotiation.ring();
    onChange();
  }

  /** Calls a link something else, here only: what its rooms have been told and have agreed to is not touched by it. */
  rename(reference: string, name: string): Link {
    const { id } = this.find(reference);
    const shown = cleanLabel(name, "");
    if (shown === "") throw new FerryError("bad-request", "A link's name needs at least one letter that can be seen.");
    this.#options.store.links.rename(id, shown);
    this.#options.onChange();
    return this.find(id);
  }

  /**
   * What the user wants of a link; of a change of it that waits, likewise. Nobody is asked or told: it copies less than was
   * agreed to, or names people otherwise.
   *
   * @throws FerryError `unknown-link`, `bad-request` where a filter is for a room that is none of its rooms
   */
  set(reference: string, changes: SettingChanges): Link {
    const { store, consents, logger, onChange } = this.#options;
    const { id, rooms } = this.find(reference);
    const stranger = changes.roomFilters?.find(({ roomId }) => !rooms.some((room) => room.roomId === roomId));
    if (stranger) throw new FerryError("bad-request", `${stranger.roomId} is no room of this link.`);
    store.transaction(() => {
      for (const link of store.links.family(id)) {
        const now = (room: RoomId): RoomId =>
          link.rooms.some(({ roomId }) => roomId === room) ? room : (successorOf(consents.rooms.get(room)) ?? room);
        store.links.set(link.id, settingsAfter(changedSettings(link.settings, changes), now));
      }
    });
    logger.info("link-set", { link: id });
    onChange();
    return this.find(id);
  }

  /** Goes on with a link that is paused or suspended: what was said meanwhile follows. */
  resume(reference: string): Link {
    const { store } = this.#options;
    const link = this.find(reference);
    store.transaction(() => {
      for (const room of link.rooms) store.links.suspend(link.id, room.roomId, null);
      if (link.state === "paused") store.links.setState(link.id, "active");
    });
    if (link.state === "starting") void this.#activation.activate(link.id, 0);
    this.#options.onChange();
    return this.find(link.id);
  }

  /**
   * Ends a link and tells its rooms; a change of it that waits goes too. The copies stay where they are; what was still
   * owed is not sent. Where nobody is to be told, the rooms' state says so all the same, for it must be true.
   */
  async remove(reference: string, tell = true): Promise<{ id: LinkId; dropped: number }> {
    const { store, negotiation, logger } = this.#options;
    const link = this.find(reference);
    for (const change of store.links.all().filter(({ replaces }) => replaces === link.id))
      await this.remove(change.id, tell);
    const { dropped, abandoned } = store.transaction(() => {
      const told = this.#toldOf(link);
      const ended = endLink(store, link);
      this.#activation.oweNotices(link, tell ? "end" : "quiet-end", told);
      return ended;
    });
    await this.#activation.leave(abandoned);
    await negotiation.withdraw(link.id).catch((error: unknown) => {
      // The question stays in the room; an answer to it finds no link.
      logger.warn("not-withdrawn", { link: link.id, code: asFerryError(error).code });
    });
    logger.info("link-removed", { link: link.id, dropped });
    this.#options.onChange();
    return { id: link.id, dropped };
  }
}

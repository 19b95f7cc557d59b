import { randomBytes } from "node:crypto";
import { gapOf } from "../bridge/gap.ts";
import { destinationsOf, termsHash, type Link, type LinkRoom } from "../bridge/link.ts";
import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { LinkId, RoomAlias, RoomId, UserId } from "../matrix/ids.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";
import { Activation } from "./activation.ts";
import { roomsOf, type CatchUp } from "./catch-up.ts";
import { connectionContent } from "./connection.ts";
import type { Consents } from "./consents.ts";
import type { Mirror } from "./mirror.ts";
import type { Negotiation } from "./negotiation.ts";
import { planOf, type LinkTerms, type Plan } from "./plan.ts";

/** How long making a link waits for its notices; after that it becomes active by itself, later. */
const ACTIVATION_MS = 60_000;

export interface LinksOptions {
  store: Store;
  mirror: Mirror;
  consents: Consents;
  negotiation: Negotiation;
  catchUp: CatchUp;
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
  readonly #activation: Activation;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#activation = new Activation(options);
  }

  /** The outbox or a consent has changed: a link that waits for it can go on. */
  wake(): void {
    this.#activation.wake();
  }

  /** What `add` would do. @throws FerryError `unknown-room`, `not-joined`, `link-needs-two-rooms` */
  async plan(terms: LinkTerms): Promise<Plan> {
    return planOf(terms, this.#options);
  }

  /**
   * Makes a link, with the user's own consent for each room that they may speak for. When every room has agreed, each is
   * told, and only then anything is copied. Answers when it is active, when it waits for others, or when it takes long.
   *
   * @throws FerryError the plan's refusal, `link-needs-exposure`, `link-needs-consent`, `asked-today`
   */
  async add(request: LinkTerms & { propose: boolean; expose: readonly (RoomId | RoomAlias)[] }): Promise<Link> {
    const plan = await this.plan(request);
    if (plan.refusal) throw new FerryError(plan.refusal.code, plan.refusal.sentence);
    await this.#checkExposures(plan, request.expose);
    const others = plan.consents.filter(({ needs, giver }) => needs.length > 0 && giver === "others");
    if (others.length > 0 && !request.propose) throw needsConsent(others[0]?.name ?? "");
    const { store, consents, negotiation, logger } = this.#options;
    const link = this.#create(plan, request.name);
    // From here on it exists: after a crash `open` goes on with it.
    store.transaction(() => {
      store.links.insert(link);
      for (const { roomId, needs, giver } of plan.consents) {
        if (needs.length > 0 && giver === "you") consents.giveOwn(link, roomId);
      }
      consents.judge([link]);
      negotiation.propose(
        link,
        others.map((room) => room.roomId),
      );
    });
    logger.info("link-added", { link: link.id, rooms: link.rooms.length, asked: others.length });
    await this.#activation.activate(link.id, others.length > 0 ? 0 : ACTIVATION_MS);
    return this.find(link.id);
  }

  #create({ terms, rooms }: Plan, name: string | undefined): Link {
    const { now } = this.#options;
    const { direction, carrier } = terms;
    return {
      id: newLinkId(),
      name: name ?? rooms.map((room) => room.name).join(direction === "two-way" ? " and " : " to "),
      direction,
      state: "starting",
      termsHash: termsHash(terms),
      carrier,
      createdTs: now(),
      rooms: rooms.map((room) => ({
        ...{ roomId: room.roomId, name: room.name, encrypted: room.encrypted },
        ...{ suspended: null, gap: gapOf("room-unread", room) },
      })),
    };
  }

  /** Each room that would take encrypted words to anybody's eyes must have been named by the user. */
  async #checkExposures({ exposures }: Plan, expose: readonly (RoomId | RoomAlias)[]): Promise<void> {
    const named = new Set<RoomId>();
    for (const room of expose) named.add((await this.#options.engine().room({ room })).roomId);
    const missing = exposures.find(({ roomId }) => !named.has(roomId));
    if (missing === undefined) return;
    const sentence = `${missing.sentence} To link it all the same, say so for this room: --expose ${missing.roomId}`;
    throw new FerryError("link-needs-exposure", sentence);
  }

  /**
   * Asks others again whose consent is wanting.
   *
   * @throws FerryError `unknown-link`, `nothing-to-ask`, `asked-today`
   */
  async propose(reference: string): Promise<Link> {
    const { negotiation, consents } = this.#options;
    const link = this.find(reference);
    for (const room of link.rooms) await consents.look(room.roomId);
    consents.judge([link]);
    const asked = negotiation.toAsk(this.find(link.id));
    if (asked.length === 0) {
      throw new FerryError(
        "nothing-to-ask",
        "No other admin has to be asked: see “ferry link show” for what is wanting.",
      );
    }
    negotiation.propose(link, asked);
    return this.find(link.id);
  }

  /**
   * The user's own consent, given again for what the link and its rooms are now.
   *
   * @throws FerryError `unknown-link`, `nothing-to-ask`, `link-needs-exposure`
   */
  async approve(reference: string, expose: readonly (RoomId | RoomAlias)[]): Promise<Link> {
    const { store, consents, onChange } = this.#options;
    const link = this.find(reference);
    const rooms = link.rooms.map((room) => room.roomId);
    await this.#checkExposures(await this.plan({ rooms, oneWay: link.direction === "one-way" }), expose);
    const given = store.transaction(() => {
      const rooms = link.rooms.filter((room) => room.gap !== null && consents.giveOwn(link, room.roomId));
      consents.judge([this.find(link.id)]);
      return rooms;
    });
    if (given.length === 0) {
      throw new FerryError("nothing-to-ask", "Your own agreement is not what is wanting: see “ferry link show”.");
    }
    onChange();
    await this.#restoreState(this.find(link.id), given);
    if (link.state === "starting") await this.#activation.activate(link.id, ACTIVATION_MS);
    return this.find(link.id);
  }

  /** Where an admin had revoked it, or emptied it, the room's state says so still: it says again what is the case. */
  async #restoreState(link: Link, rooms: readonly LinkRoom[]): Promise<void> {
    const { store, consents, engine, account } = this.#options;
    for (const { roomId } of rooms) {
      const event = consents.rooms.get(roomId)?.connections.find(({ stateKey }) => stateKey === link.id);
      if (!this.#activation.isTold(link) || event?.content["status"] === "active") continue;
      const content = connectionContent(link, roomId, account(), "active");
      const { eventId } = await engine().setState({ roomId, type: CONNECTION, stateKey: link.id, content });
      store.consents.noteEvent(link.id, roomId, eventId);
      await consents.look(roomId);
    }
  }

  /**
   * Takes back what has been asked for a link; one that has never begun is removed.
   *
   * @throws FerryError `unknown-link`, `nothing-to-withdraw`
   */
  async withdraw(reference: string): Promise<{ id: LinkId; withdrawn: number }> {
    const link = this.find(reference);
    const withdrawn = await this.#options.negotiation.withdraw(link.id);
    if (link.state === "starting") await this.remove(link.id);
    else if (withdrawn === 0) throw new FerryError("nothing-to-withdraw", "Nothing is being asked for this link.");
    return { id: link.id, withdrawn };
  }

  /** Watches the rooms of every link, and goes on with links that were being made. After every opening of the engine. */
  async open(): Promise<void> {
    const engine = this.#options.engine();
    await this.#options.consents.open();
    const links = this.#options.store.links.all();
    const followed = roomsOf(links).filter((roomId) => this.#options.store.positions.has(roomId));
    for (const roomId of followed) await engine.watch({ roomId, catchUp: true });
    this.#options.catchUp.follow(followed);
    this.resumeStarting();
  }

  /** Goes on with links that were being made and could not be, for want of the network. */
  resumeStarting(): void {
    this.#activation.resume();
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

/** Unlike any other, and never with a hyphen first: on a command line that would be an option. */
function newLinkId(): LinkId {
  return randomBytes(9).toString("base64url").replace(/^[-_]/, "x") as LinkId;
}

function needsConsent(room: string): FerryError {
  return new FerryError(
    "link-needs-consent",
    `The admins of “${room}” have to agree to this, and you are none of them. To ask them: ferry link propose`,
  );
}

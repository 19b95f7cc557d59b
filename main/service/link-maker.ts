import { randomBytes } from "node:crypto";
import { cleanLabel } from "../bridge/attribution.ts";
import { successorOf } from "../bridge/change.ts";
import { termsOf, type Terms } from "../bridge/consent.ts";
import { gapOf } from "../bridge/gap.ts";
import { termsHash, type Link } from "../bridge/link.ts";
import { FerryError } from "../matrix/errors.ts";
import type { LinkId, RoomAlias, RoomId } from "../matrix/ids.ts";
import {
  changedSettings,
  NO_LINK_SETTINGS,
  settingsAfter,
  type LinkSettings,
  type SettingChanges,
} from "../matrix/link-settings.ts";
import type { Activation } from "./activation.ts";
import type { Consents } from "./consents.ts";
import { unchangeable } from "./link-refusal.ts";
import type { Links } from "./links.ts";
import type { Negotiation } from "./negotiation.ts";
import { carriedOver, planOf, type LinkTerms, type Plan } from "./plan.ts";
import type { PartOptions } from "./part.ts";

/** What is to be linked: anew, or in place of a link, named by a reference, whose rooms may have been replaced. */
export type LinkRequest = Omit<LinkTerms, "replaces"> & { replaces?: string | undefined; follow?: boolean | undefined };

/** How long making a link waits for its notices; after that it becomes active by itself, later. */
const ACTIVATION_MS = 60_000;

/** How often and how far apart, in milliseconds, is looked whether what was agreed to shows: a moment, mostly. */
const CLOSING_TRIES = 60;
const CLOSING_POLL_MS = 50;

export interface LinkMakerOptions extends PartOptions {
  links: Links;
  activation: Activation;
  consents: Consents;
  negotiation: Negotiation;
}

/** What the user wants linked: says what it would mean, makes it, and asks those who have to agree. */
export class LinkMaker {
  readonly #options: LinkMakerOptions;

  constructor(options: LinkMakerOptions) {
    this.#options = options;
  }

  /**
   * What `add` would do. Of rooms to be followed it is the ones that have taken their place.
   *
   * @throws FerryError `unknown-room`, `not-joined`, `link-needs-two-rooms`, `unknown-link`
   */
  async plan(request: LinkRequest): Promise<Plan> {
    const { follow, replaces, ...terms } = request;
    const rooms = follow === true ? request.rooms.map((room) => this.#followed(room)) : request.rooms;
    const replaced = replaces === undefined ? {} : { replaces: this.#options.links.find(replaces).id };
    return planOf({ ...terms, ...replaced, rooms }, this.#options);
  }

  #followed(room: RoomId | RoomAlias): RoomId | RoomAlias {
    return successorOf(this.#options.consents.rooms.get(room as RoomId)) ?? room;
  }

  /**
   * Makes a link, with the user's own consent for each room that they may speak for. When every room has agreed, each is
   * told, and only then anything is copied. Answers when it is active, when it waits for others, or when it takes long.
   *
   * @throws FerryError the plan's refusal, `link-needs-exposure`, `link-needs-consent`, `asked-today`
   */
  async add(
    request: Omit<LinkRequest, "follow"> & {
      propose: boolean;
      expose: readonly (RoomId | RoomAlias)[];
      settings?: SettingChanges | undefined;
    },
  ): Promise<Link> {
    const plan = await this.plan(request);
    if (plan.refusal) throw new FerryError(plan.refusal.code, plan.refusal.sentence);
    await this.#checkExposures(plan, request.expose);
    const others = plan.consents.filter(({ needs, giver }) => needs.length > 0 && giver === "others");
    if (others.length > 0 && !request.propose) throw needsConsent(others[0]?.name ?? "");
    const { store, consents, negotiation, logger } = this.#options;
    const link = this.#create(plan, request.name, request.settings ?? {});
    // From here on it exists: after a crash `open` goes on with it.
    store.transaction(() => {
      if (plan.replaced !== null) this.#checkChangeable(plan.replaced.id, plan.terms);
      store.links.insert(link);
      if (plan.replaced !== null) this.#carryOver(plan.replaced, link);
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
    await this.#options.activation.activate(link.id, others.length > 0 ? 0 : this.#activationMs);
    return this.#options.links.find(link.id);
  }

  /** While everything is paused the rooms of a link are told of it later. */
  get #activationMs(): number {
    return this.#options.store.settings.all.everythingPaused ? 0 : ACTIVATION_MS;
  }

  /**
   * While the plan was made, the link may have ended, or been ended.
   *
   * @throws FerryError `unknown-link`, or why it cannot be changed
   */
  #checkChangeable(id: LinkId, terms: Terms): void {
    const refusal = unchangeable(this.#options.links.find(id), terms, this.#options);
    if (refusal !== null) throw new FerryError(refusal.code, refusal.sentence);
  }

  /** What was said about the link as it was holds for the link as it is to be, as far as it goes. Inside a transaction. */
  #carryOver(before: Link, link: Link): void {
    const { store, now } = this.#options;
    for (const { consent, isEnough } of carriedOver(before, link.id, termsOf(link), this.#options)) {
      store.consents.give(link.id, consent);
      // Not enough, it still says since when its room has agreed without a break, once it agrees to the rest.
      if (!isEnough) store.consents.end(link.id, consent.roomId, "replaced", now());
    }
    for (const user of store.optOuts.of(before.id)) store.optOuts.insert(link.id, user, now());
  }

  #create({ terms, rooms, replaced }: Plan, name: string | undefined, settings: SettingChanges): Link {
    const { now } = this.#options;
    const { direction, carrier, tells } = terms;
    return {
      id: newLinkId(),
      replaces: replaced?.id ?? null,
      tells,
      name: cleanLabel(name ?? "", "") || (replaced?.name ?? namedAfter(rooms, direction)),
      direction,
      settings: changedSettings(replaced === null ? NO_LINK_SETTINGS : this.#settingsAfter(replaced), settings),
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

  /** What has been set for a link that is to be changed. */
  #settingsAfter({ settings }: Link): LinkSettings {
    return settingsAfter(settings, (room) => successorOf(this.#options.consents.rooms.get(room)) ?? room);
  }

  /** Each room that would take encrypted words to anybody's eyes must have been named by the user. */
  async #checkExposures({ exposures }: Plan, expose: readonly (RoomId | RoomAlias)[]): Promise<void> {
    const named = new Set<RoomId>();
    for (const room of expose) named.add((await this.#options.engine().room({ room })).roomId);
    const missing = exposures.find(({ roomId }) => !named.has(roomId));
    if (missing === undefined) return;
    const sentence = `${missing.sentence} Ferry does so only where you confirm it for “${missing.name}”.`;
    throw new FerryError("link-needs-exposure", sentence);
  }

  /**
   * Asks others whose consent is wanting, or reminds them of a question that stands.
   *
   * @throws FerryError `unknown-link`, `nothing-to-ask`, `asked-today`, `link-needs-exposure`, and those of the homeserver
   */
  async propose(reference: string, expose: readonly (RoomId | RoomAlias)[]): Promise<Link> {
    const { negotiation, consents } = this.#options;
    const link = this.#options.links.find(reference);
    await this.#checkExposures(await this.#planOf(link), expose);
    for (const room of link.rooms) await consents.look(room.roomId);
    consents.judge([link]);
    const asked = negotiation.toAsk(this.#options.links.find(link.id));
    if (asked.length === 0) {
      throw new FerryError("nothing-to-ask", "Nobody else has to be asked for this link.");
    }
    await negotiation.remind(link, asked);
    return this.#options.links.find(link.id);
  }

  /**
   * The user's own consent, given again for what the link and its rooms are now.
   *
   * @throws FerryError `unknown-link`, `nothing-to-ask`, `link-needs-exposure`
   */
  async approve(reference: string, expose: readonly (RoomId | RoomAlias)[]): Promise<Link> {
    const { store, consents, onChange } = this.#options;
    const link = this.#options.links.find(reference);
    await this.#checkExposures(await this.#planOf(link), expose);
    const given = store.transaction(() => {
      const rooms = link.rooms.filter((room) => room.gap !== null && consents.giveOwn(link, room.roomId));
      consents.judge([this.#options.links.find(link.id)]);
      return rooms;
    });
    if (given.length === 0) {
      throw new FerryError("nothing-to-ask", "Your own agreement is not what is wanting.");
    }
    onChange();
    await this.#options.links.restoreState(this.#options.links.find(link.id));
    for (let tries = 0; consents.isClosing(link.id) && tries < CLOSING_TRIES; tries++) {
      await new Promise((resolve) => setTimeout(resolve, CLOSING_POLL_MS));
    }
    if (link.state === "starting") await this.#options.activation.activate(link.id, this.#activationMs);
    return this.#options.links.find(link.id);
  }

  /** The plan for a link's rooms as they are now. */
  #planOf({ rooms, direction, tells }: Link): Promise<Plan> {
    return this.plan({ rooms: rooms.map((room) => room.roomId), oneWay: direction === "one-way", tells });
  }

  /**
   * Takes back what has been asked for a link, or for a change of it; what has never begun is removed.
   *
   * @throws FerryError `unknown-link`, `nothing-to-withdraw`
   */
  async withdraw(reference: string): Promise<{ id: LinkId; withdrawn: number }> {
    const { store, links, negotiation } = this.#options;
    const named = links.find(reference);
    const link = store.links.all().find(({ replaces }) => replaces === named.id) ?? named;
    const withdrawn = await negotiation.withdraw(link.id);
    // It may have begun while the homeserver was asked.
    if (store.links.get(link.id)?.state === "starting") await links.remove(link.id);
    else if (withdrawn === 0) throw new FerryError("nothing-to-withdraw", "Nothing is being asked for this link.");
    return { id: link.id, withdrawn };
  }
}

function namedAfter(rooms: Plan["rooms"], direction: Link["direction"]): string {
  const names = rooms.map((room) => cleanLabel(room.name, "a room without a name"));
  return names.join(direction === "two-way" ? " and " : " to ");
}

/** Unlike any other, and never with a hyphen first: on a command line that would be an option. */
function newLinkId(): LinkId {
  return randomBytes(9).toString("base64url").replace(/^[-_]/, "x") as LinkId;
}

function needsConsent(room: string): FerryError {
  return new FerryError(
    "link-needs-consent",
    `The admins of “${room}” have to agree to this, and you are none of them.`,
  );
}

import { EVERY_LINK } from "../bridge/command.ts";
import { isApprover, requiredPower, termsOf } from "../bridge/consent.ts";
import type { Link } from "../bridge/link.ts";
import { asFerryError } from "../matrix/errors.ts";
import { powerOf } from "../matrix/power-levels.ts";
import type { ConnectionEvent } from "../matrix/room-facts.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";
import type { Examination } from "../protocol/examination.ts";
import type { Answer } from "../store/answers.ts";
import type { Proposal } from "../store/proposals.ts";
import type { Consents } from "./consents.ts";
import { oweNotice } from "./notices.ts";
import { asConnection, isSame, objectionTo } from "./objection.ts";
import { isTransient, waitAfter } from "./retry.ts";
import type { PartOptions } from "./part.ts";

export interface AnswersOptions extends PartOptions {
  consents: Consents;
}

/** So long an answer is waited for that was decrypted when it came, and cannot be just now. */
const KEY_WAIT_MS = 5 * 60_000;

/** Who has said something, with what standing. */
type Standing = Pick<Examination, "sender" | "power" | "required">;

/**
 * Looks into what rooms have answered, and takes it for what it is: whoever answers must have had the power when they
 * did and have it now, in an encrypted room by an encrypted message, from a device that is theirs.
 *
 * An answer stays in the database until it has been looked into. Dies the process in between, it is looked into again.
 */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #refused = new Set<EventId>();
  /** Answers that cannot be decrypted, each with when that was found first. */
  readonly #keyMissing = new Map<EventId, number>();
  #running: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #attempt = 0;
  /** Something could not be looked into just now. */
  #hasFailed = false;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Looks into everything that has come, one after the other. Resolves when that is done. */
  process(): Promise<void> {
    clearTimeout(this.#retry);
    this.#running = this.#running
      .then(() => this.#processAll())
      .then(() => {
        const isLeft = this.#options.consents.isReady && this.#hasFailed;
        this.#attempt = isLeft ? this.#attempt + 1 : 0;
        if (isLeft) this.#retry = setTimeout(() => void this.process(), waitAfter(this.#attempt)).unref();
      })
      .catch((error: unknown) => {
        // What the disk does not take now stays to be looked into.
        this.#options.logger.error("answers-not-read", { code: asFerryError(error).code });
      });
    return this.#running;
  }

  async #processAll(): Promise<void> {
    const { store, consents } = this.#options;
    if (!consents.isReady) return;
    this.#hasFailed = false;
    for (const answer of store.answers.all()) {
      // Of a room that has not been read nobody knows who may speak for it.
      if (!consents.rooms.has(answer.roomId)) continue;
      const examined = await this.#examine(answer.roomId, answer.eventId);
      if (examined === "later") continue;
      store.transaction(() => {
        if (examined === "unreadable") this.#takeUnreadable(answer);
        else if (examined !== null) this.#take(answer, examined);
        store.answers.delete(answer.roomId, answer.eventId);
      });
    }
    for (const link of store.links.all()) await this.#takeStateEvents(link);
  }

  /**
   * @returns null where the event is not there any more, `later` where the homeserver does not say, or its key has not
   * reached this device's store yet: then it is tried again; `unreadable` where that has lasted
   */
  async #examine(roomId: RoomId, eventId: EventId): Promise<Examination | "later" | "unreadable" | null> {
    const { engine, now } = this.#options;
    try {
      return await engine().examine({ roomId, eventId });
    } catch (error) {
      const failure = asFerryError(error);
      const isKeyMissing = failure.code === "key-missing";
      const sinceTs = this.#keyMissing.get(eventId) ?? now();
      if (isKeyMissing) this.#keyMissing.set(eventId, sinceTs);
      if (isKeyMissing && now() - sinceTs > KEY_WAIT_MS) return "unreadable";
      if (isTransient(failure) || isKeyMissing) {
        this.#hasFailed = true;
        return "later";
      }
      this.#options.logger.warn("answer-not-read", { roomId, event: eventId, code: failure.code });
      return null;
    }
  }

  #take(answer: Answer, examined: Examination): void {
    const { store, logger } = this.#options;
    // Asked for the event a second time, a homeserver may answer with another one.
    if (!isSame(answer, examined)) return logger.warn("answer-changed", { room: answer.roomId, event: answer.eventId });
    if (answer.code === EVERY_LINK) return this.#stopAll(answer, examined);
    const proposal = store.proposals.byCode(answer.code);
    const links = this.#linksOf(proposal, answer.roomId);
    if (proposal === null || links.length === 0) {
      logger.info("answer-unknown", { room: answer.roomId, event: answer.eventId });
      return;
    }
    const objection = this.#objectionTo(answer.roomId, examined, answer.verb === "approve");
    logger.info("answer", {
      room: answer.roomId,
      verb: answer.verb,
      event: answer.eventId,
      counts: objection === null,
    });
    if (objection !== null) return this.#remark(proposal, objection);
    switch (answer.verb) {
      case "approve":
        return this.#approve(links, proposal, "reply", answer.eventId, examined);
      case "decline":
        return this.#decline(links, proposal, answer, examined);
      case "stop":
        return this.#stop(links, proposal, answer, examined);
    }
  }

  /**
   * The links that a proposal's answers are about. For whoever answers, a link and a change of it are one: what ends the
   * one ends the other.
   */
  #linksOf(proposal: Proposal | null, roomId: RoomId): Link[] {
    if (proposal?.roomId !== roomId) return [];
    const family = this.#options.store.links.family(proposal.link);
    return family.filter((link) => link.rooms.some((room) => room.roomId === roomId));
  }

  /**
   * An answer that an earlier login has read, and whose key it took along. What opens a link has to be said again; what
   * closes one counts by what was noted when it came.
   */
  #takeUnreadable(answer: Answer): void {
    const { store, consents, logger } = this.#options;
    const sender = store.inbound.get(answer.roomId, answer.eventId)?.sender;
    const room = consents.rooms.get(answer.roomId);
    logger.warn("answer-unreadable", { room: answer.roomId, verb: answer.verb, event: answer.eventId });
    if (sender === undefined || room === undefined) return;
    const proposal = store.proposals.byCode(answer.code);
    const links = this.#linksOf(proposal, answer.roomId);
    if (proposal !== null && answer.verb === "approve") {
      return this.#remark(proposal, `${sender} has agreed, and Ferry cannot read it any more. Have them answer again.`);
    }
    if (!isApprover(sender, room)) return;
    const level = powerOf(sender, room.power);
    const by = { sender, power: Number.isFinite(level) ? level : null, required: requiredPower(room) };
    if (answer.code === EVERY_LINK) this.#endAll(answer, by);
    else if (proposal !== null && links.length > 0) this.#decline(links, proposal, answer, by);
  }

  /** `!ferry stop`: somebody who may speak for the room ends all that connects it, also what they were never asked. */
  #stopAll(answer: Answer, examined: Examination): void {
    const objection = this.#objectionTo(answer.roomId, examined, false);
    this.#options.logger.info("stop", { room: answer.roomId, event: answer.eventId, counts: objection === null });
    if (objection === null) this.#endAll(answer, examined);
  }

  #endAll(answer: Answer, by: Standing): void {
    const links = this.#options.store.links
      .all()
      .filter((link) => link.rooms.some((room) => room.roomId === answer.roomId));
    for (const link of links) this.#end(link, answer, by);
    if (links[0] !== undefined) this.#confirmStop(links[0], answer, "stop-all");
  }

  /** Ends a room's part in a link. Where nobody had to agree, an ended agreement says that somebody did not. */
  #end(link: Link, { roomId, eventId }: Answer, { sender: approver, power, required }: Standing): void {
    const { store, consents, now } = this.#options;
    if (!store.consents.current(link.id).has(roomId)) {
      const terms = termsOf(link);
      const said = { eventId, audience: [], power, required };
      consents.give(link, { roomId, terms, termsHash: link.termsHash, approver, way: "reply", ...said });
    }
    store.consents.end(link.id, roomId, "consent-revoked", now());
    this.#judge([link]);
  }

  #confirmStop(link: Link, { roomId, eventId }: Answer, what: "stop" | "stop-all"): void {
    oweNotice(this.#options, { linkId: link.id, roomId, name: `${what}:${eventId}` });
    this.#options.onChange();
  }

  #objectionTo(roomId: RoomId, examined: Examination, opens: boolean): string | null {
    const { store, consents } = this.#options;
    return objectionTo(examined, {
      room: consents.rooms.get(roomId),
      opens,
      unverified: store.settings.all.acceptUnverified,
    });
  }

  #remark(proposal: Proposal, sentence: string): void {
    this.#options.store.proposals.setRemark(proposal.code, sentence);
    this.#options.onChange();
  }

  #approve(
    links: readonly Link[],
    proposal: Proposal,
    way: "reply" | "state-event",
    eventId: EventId,
    by: Standing,
  ): void {
    const { store, consents, now } = this.#options;
    const link = links.find(({ id }) => id === proposal.link);
    if (
      link === undefined ||
      proposal.state !== "open" ||
      proposal.expiresTs <= now() ||
      proposal.termsHash !== link.termsHash
    ) {
      return this.#remark(proposal, `${by.sender} has answered a question that does not stand any more.`);
    }
    const { roomId, terms, termsHash, audience } = proposal;
    const { sender: approver, power, required } = by;
    consents.give(link, { roomId, terms, termsHash, approver, way, eventId, audience, power, required });
    store.proposals.setState(proposal.code, "approved");
    this.#judge([link]);
  }

  #decline(links: readonly Link[], proposal: Proposal, answer: Answer, by: Standing): void {
    // "Decline" to what has been agreed to, or needed no agreement, means "stop".
    const own = links.find(({ id }) => id === proposal.link);
    if (proposal.state === "approved" || own?.state !== "starting") {
      return this.#stop(links, proposal, answer, by);
    }
    if (proposal.state !== "open") return;
    this.#options.store.proposals.setState(proposal.code, "declined");
    this.#judge([own]);
  }

  #stop(links: readonly Link[], proposal: Proposal, answer: Answer, by: Standing): void {
    if (proposal.state === "open") this.#options.store.proposals.setState(proposal.code, "declined");
    for (const link of links) this.#end(link, answer, by);
    if (links[0] !== undefined) this.#confirmStop(links[0], answer, "stop");
  }

  #judge(links: readonly Link[]): void {
    const { consents, onChange } = this.#options;
    consents.judge(links);
    onChange();
  }

  /** Approvals that stand in the rooms' state: of this link, for what is asked now. */
  async #takeStateEvents(link: Link): Promise<void> {
    const { store, consents } = this.#options;
    for (const proposal of store.proposals.latest(link.id).values()) {
      const events = consents.rooms.get(proposal.roomId)?.connections ?? [];
      const event = events.find(({ stateKey }) => stateKey === link.id);
      if (event === undefined || proposal.state !== "open" || !this.#isApproval(event, link, proposal)) continue;
      const examined = await this.#examine(proposal.roomId, event.eventId);
      if (examined === null || examined === "later" || examined === "unreadable") continue;
      if (!this.#isApproval({ ...event, ...asConnection(examined) }, link, proposal)) continue;
      const objection = this.#objectionTo(proposal.roomId, examined, true);
      store.transaction(() => {
        if (objection === null) return this.#approve([link], proposal, "state-event", event.eventId, examined);
        this.#refused.add(event.eventId);
        this.#remark(proposal, objection);
      });
    }
  }

  #isApproval(event: ConnectionEvent, link: Link, proposal: Proposal): boolean {
    const { status, terms, proposal: asked } = event.content;
    // Each state event is looked into once: where it did not count, another one has to come.
    if (event.stateKey !== link.id) return false;
    if (this.#refused.has(event.eventId) || event.sender === this.#options.account()) return false;
    return status === "approved" && terms === link.termsHash && asked === proposal.eventId;
  }
}

import { EVERY_LINK, readCommand } from "../bridge/command.ts";
import { isApprover, requiredPower } from "../bridge/consent.ts";
import type { Link } from "../bridge/link.ts";
import { transactionIdOf } from "../bridge/origin.ts";
import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";
import type { ConnectionEvent } from "../matrix/room-facts.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { engineRequests, Examination } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Answer } from "../store/answers.ts";
import type { Proposal } from "../store/proposals.ts";
import type { Store } from "../store/store.ts";
import { termsOf, type Consents } from "./consents.ts";
import { isTransient, waitAfter } from "./retry.ts";

export interface AnswersOptions {
  store: Store;
  consents: Consents;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
  logger: Logger;
  now: () => number;
  onChange: () => void;
}

/**
 * Looks into what rooms have answered, and takes it for what it is: whoever answers must have had the power when they
 * did and have it now, in an encrypted room by an encrypted message, from a device that is theirs.
 *
 * An answer stays in the database until it has been looked into. Dies the process in between, it is looked into again.
 */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #refused = new Set<EventId>();
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
        if (examined !== null) this.#take(answer, examined);
        store.answers.delete(answer.roomId, answer.eventId);
      });
    }
    for (const link of store.links.all()) await this.#takeStateEvents(link);
  }

  /**
   * @returns null where the event is not there any more, `later` where the homeserver does not say, or its key has not
   * reached this device's store yet: then it is tried again
   */
  async #examine(roomId: RoomId, eventId: EventId): Promise<Examination | "later" | null> {
    try {
      return await this.#options.engine().examine({ roomId, eventId });
    } catch (error) {
      const failure = asFerryError(error);
      if (isTransient(failure) || failure.code === "key-missing") {
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
    const link = proposal === null ? null : store.links.get(proposal.link);
    if (proposal === null || link === null || proposal.roomId !== answer.roomId) {
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
        return this.#approve(link, proposal, "reply", answer.eventId, examined);
      case "decline":
        return this.#decline(link, proposal, answer, examined);
      case "stop":
        return this.#stop(link, proposal, answer, examined);
    }
  }

  /** `!ferry stop`: somebody who may speak for the room ends all that connects it, also what they were never asked. */
  #stopAll(answer: Answer, examined: Examination): void {
    const { store, logger } = this.#options;
    const objection = this.#objectionTo(answer.roomId, examined, false);
    logger.info("stop", { room: answer.roomId, event: answer.eventId, counts: objection === null });
    if (objection !== null) return;
    const links = store.links.all().filter((link) => link.rooms.some((room) => room.roomId === answer.roomId));
    for (const link of links) this.#end(link, answer, examined);
    if (links[0] !== undefined) this.#confirmStop(links[0], answer, "stop-all");
  }

  /** Ends a room's part in a link. Where nobody had to agree, an ended agreement says that somebody did not. */
  #end(link: Link, { roomId, eventId }: Answer, { sender: approver, power, required }: Examination): void {
    const { store, consents, now } = this.#options;
    if (!store.consents.current(link.id).has(roomId)) {
      const terms = termsOf(link);
      const said = { eventId, audience: [], power, required };
      consents.give(link, { roomId, terms, termsHash: link.termsHash, approver, way: "reply", ...said });
    }
    store.consents.end(link.id, roomId, "consent-revoked", now());
    this.#judge(link);
  }

  #confirmStop(link: Link, { roomId, eventId }: Answer, what: "stop" | "stop-all"): void {
    const { store, account, now } = this.#options;
    const sourceEvent = `${what}:${eventId}` as EventId;
    const transactionId = transactionIdOf(sourceEvent, roomId, "notice");
    const notice = { linkId: link.id, sourceRoom: roomId, sourceEvent, author: account(), destination: roomId };
    store.outbox.insert({ ...notice, kind: "notice", transactionId }, now());
    this.#options.onChange();
  }

  /** Why an answer does not count, as a sentence; null where it does. */
  #objectionTo(roomId: RoomId, examined: Examination, opens: boolean): string | null {
    const { store, consents } = this.#options;
    const room = consents.rooms.get(roomId);
    const who = examined.sender;
    if (room === undefined || examined.redacted) return `${who}'s answer has been taken back.`;
    if (room.encrypted && !examined.encrypted && examined.stateKey === null) {
      return `An answer in ${who}'s name came without encryption, so that a homeserver could have written it.`;
    }
    const hadPower = examined.membership === "join" && (examined.power ?? Infinity) >= examined.required;
    if (!hadPower || !isApprover(who, room)) {
      return `${who} has answered, and may not speak for this room: that takes power level ${requiredPower(room)} in it.`;
    }
    // Whoever pretends to be an approver in order to close a link does no harm that asking again does not mend.
    if (opens && examined.encrypted && examined.shield !== "none" && !store.settings.acceptUnverified) {
      return (
        `${who} has answered from a device that they have not confirmed as theirs (${examined.shieldReason ?? "unknown"}). ` +
        "To let such answers count: ferry settings accept-unverified on, and have them answer again."
      );
    }
    return null;
  }

  #remark(proposal: Proposal, sentence: string): void {
    this.#options.store.proposals.setRemark(proposal.code, sentence);
    this.#options.onChange();
  }

  #approve(
    link: Link,
    proposal: Proposal,
    way: "reply" | "state-event",
    eventId: EventId,
    examined: Examination,
  ): void {
    const { store, consents, now } = this.#options;
    if (proposal.state !== "open" || proposal.expiresTs <= now() || proposal.termsHash !== link.termsHash) {
      return this.#remark(proposal, `${examined.sender} has answered a question that does not stand any more.`);
    }
    const { roomId, terms, termsHash, audience } = proposal;
    const { sender: approver, power, required } = examined;
    consents.give(link, { roomId, terms, termsHash, approver, way, eventId, audience, power, required });
    store.proposals.setState(proposal.code, "approved");
    this.#judge(link);
  }

  #decline(link: Link, proposal: Proposal, answer: Answer, examined: Examination): void {
    // "Decline" to what has been agreed to, or needed no agreement, means "stop".
    if (proposal.state === "approved" || link.state !== "starting") {
      return this.#stop(link, proposal, answer, examined);
    }
    if (proposal.state !== "open") return;
    this.#options.store.proposals.setState(proposal.code, "declined");
    this.#judge(link);
  }

  #stop(link: Link, proposal: Proposal, answer: Answer, examined: Examination): void {
    if (proposal.state === "open") this.#options.store.proposals.setState(proposal.code, "declined");
    this.#end(link, answer, examined);
    this.#confirmStop(link, answer, "stop");
  }

  #judge(link: Link): void {
    const { consents, onChange } = this.#options;
    consents.judge([link]);
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
      if (examined === null || examined === "later") continue;
      if (!this.#isApproval({ ...event, ...asConnection(examined) }, link, proposal)) continue;
      const objection = this.#objectionTo(proposal.roomId, examined, true);
      store.transaction(() => {
        if (objection === null) return this.#approve(link, proposal, "state-event", event.eventId, examined);
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

/** Whether the event says, read a second time, what it was taken for when it came. */
function isSame({ roomId, eventId, verb, code }: Answer, examined: Examination): boolean {
  const { sender, type, content, encrypted, originServerTs, stateKey } = examined;
  if (stateKey !== null || examined.redacted) return examined.redacted;
  const event = { roomId, eventId, sender, senderName: sender, type, content, encrypted, originServerTs };
  // That it must be encrypted is judged by itself, and said.
  const command = readCommand({ ...event, roomEncrypted: false });
  return command?.kind === "answer" && command.verb === verb && command.code === code;
}

/** A connection event by what the homeserver says of it when it is asked for it alone. */
function asConnection({ sender, type, stateKey, content }: Examination): Omit<ConnectionEvent, "eventId"> {
  return { sender, stateKey: type === CONNECTION ? (stateKey ?? "") : "", content };
}

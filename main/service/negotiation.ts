import { randomBytes } from "node:crypto";
import { approversOf, isApprover, peersOf, termsOf } from "../bridge/consent.ts";
import { newCode } from "../bridge/code.ts";
import type { Link } from "../bridge/link.ts";
import { transactionIdOf, writeBareOrigin } from "../bridge/origin.ts";
import { writeProposal } from "../bridge/proposal.ts";
import { gainsOf } from "../bridge/audience.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { EventId, LinkId, RoomId } from "../matrix/ids.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Proposal } from "../store/proposals.ts";
import { sideOf } from "./connection.ts";
import type { Consents } from "./consents.ts";
import type { Delivery } from "./copier.ts";
import { oweNotice } from "./notices.ts";
import type { PartOptions } from "./part.ts";

const DAY_MS = 24 * 3_600_000;
/** How long a question stands. */
const VALID_MS = 14 * DAY_MS;
/** Names a proposal's message in the outbox and in the ledger, where it has no source event. */
const PREFIX = "propose:";

export interface NegotiationOptions extends PartOptions {
  consents: Consents;
}

/** What this user's Ferry asks the admins of rooms that the user may not speak for. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #isRinging = false;

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /**
   * The rooms of a link whose consent others have to give. One that stands unanswered is asked again, as a reminder, once
   * a day has gone by: until then it keeps nobody from asking the others.
   */
  toAsk(link: Link): RoomId[] {
    const { store, consents, account, now } = this.#options;
    const latest = store.proposals.latest(link.id);
    const wanting = link.rooms
      .filter((room) => room.gap !== null && room.gap.code !== "not-in-room" && room.gap.code !== "room-upgraded")
      .map((room) => room.roomId)
      .filter((roomId) => {
        const facts = consents.rooms.get(roomId);
        return facts !== undefined && !isApprover(account(), facts) && latest.get(roomId)?.state !== "sending";
      });
    const due = wanting.filter((roomId) => {
      const asked = latest.get(roomId);
      return asked?.state !== "open" || now() - asked.createdTs >= DAY_MS;
    });
    // Where all have been asked today, `remind` says so.
    return due.length > 0 ? due : wanting;
  }

  /**
   * Asks the admins of these rooms, each by a message in the room.
   *
   * @throws FerryError `asked-today` where one of them has been asked within a day, by any link
   */
  propose(link: Link, rooms: readonly RoomId[]): void {
    this.#checkDay(link, rooms);
    this.#options.store.transaction(() => {
      for (const roomId of rooms) this.#ask(link, roomId);
    });
    this.#options.onChange();
  }

  /**
   * Asks once more. What stands unanswered is taken back first, so that a link has one question in a room, with one
   * code. Ended in between, Ferry has asked nobody, and whoever looks at the link may ask at once.
   *
   * @throws FerryError `asked-today`, and those of `withdraw`
   */
  async remind(link: Link, rooms: readonly RoomId[]): Promise<void> {
    this.#checkDay(link, rooms);
    await this.withdraw(link.id, rooms);
    this.propose(link, rooms);
  }

  /** @throws FerryError `asked-today` */
  #checkDay(link: Link, rooms: readonly RoomId[]): void {
    const { store, now } = this.#options;
    for (const roomId of rooms) {
      const lastTs = store.proposals.lastAsked(roomId);
      if (lastTs === null || now() - lastTs >= DAY_MS) continue;
      const name = link.rooms.find((room) => room.roomId === roomId)?.name ?? roomId;
      throw new FerryError(
        "asked-today",
        `The admins of “${name}” have been asked within the last day. Ferry asks a room once a day at most; wait until tomorrow.`,
      );
    }
  }

  #ask(link: Link, roomId: RoomId): void {
    const { store, consents, now } = this.#options;
    const terms = termsOf(link);
    const code = newCode(randomBytes(8));
    store.proposals.insert({
      link: link.id,
      roomId,
      code,
      terms,
      termsHash: link.termsHash,
      audience: consents.audienceFor(terms, roomId),
      createdTs: now(),
      expiresTs: now() + VALID_MS,
    });
    oweNotice(this.#options, { linkId: link.id, roomId, name: `${PREFIX}${code}` });
  }

  /**
   * The message of a proposal, for the outbox; null where there is nothing to ask any more.
   *
   * @throws FerryError `consent-unread` where its room has not been read yet: a little later it will have been
   */
  message(row: OutboxRow): Delivery | null {
    const { store, consents, account } = this.#options;
    const proposal = store.proposals.byCode(row.sourceEvent.slice(PREFIX.length));
    const link = store.links.get(row.linkId);
    if (proposal === null || link === null || proposal.state !== "sending") return null;
    const room = consents.rooms.get(proposal.roomId);
    // Its answer must not be taken for something from before the link.
    if (room === undefined || !store.positions.has(proposal.roomId)) throw unread();
    const side = sideOf(link, proposal.roomId);
    const language = store.settings.all.noticeLanguage;
    const gains = peersOf(proposal.terms, proposal.roomId).to.flatMap((peer) => {
      const facts = consents.rooms.get(peer);
      return facts === undefined ? [] : gainsOf(room, facts, language).map((gain) => gain.sentence);
    });
    const content = {
      link: link.id,
      linkName: link.name,
      code: proposal.code,
      terms: proposal.termsHash,
      carrier: account(),
      direction: side.direction,
      peers: side.others.map((other) => other.name),
      tells: proposal.terms.tells,
      gains: [...new Set(gains)],
      expiresTs: proposal.expiresTs,
    };
    const day = new Date(proposal.expiresTs).toISOString().slice(0, 10);
    const approvers = approversOf(room).filter((user) => user !== account());
    const marker = writeBareOrigin(row.transactionId);
    return {
      action: "send",
      ...writeProposal(content, { thisRoom: side.room.name, approvers, day, language, marker }),
    };
  }

  /** A notice has been sent: of a proposal it is noted, in the transaction that takes it out of the outbox. */
  noteSent(row: OutboxRow, eventId: EventId): void {
    if (!row.sourceEvent.startsWith(PREFIX)) return;
    this.#options.store.proposals.sent(row.sourceEvent.slice(PREFIX.length), eventId, this.#options.now());
  }

  /**
   * Tells the approvers' devices of proposals that stand in their rooms. Told twice, they look twice, and see one.
   */
  async ring(): Promise<void> {
    if (this.#isRinging || this.#options.store.settings.all.everythingPaused) return;
    this.#isRinging = true;
    await this.#ringAll()
      // What the disk does not take, or a database that has just been closed: at the next start it is done again.
      .catch((error: unknown) => this.#options.logger.warn("not-rung", { code: asFerryError(error).code }))
      .finally(() => (this.#isRinging = false));
  }

  async #ringAll(): Promise<void> {
    const { store, consents, engine, account, logger } = this.#options;
    for (const proposal of store.proposals.open().filter(({ rung }) => !rung)) {
      const room = consents.rooms.get(proposal.roomId);
      if (room === undefined || proposal.eventId === null) continue;
      const users = approversOf(room).filter((user) => user !== account());
      try {
        await engine().ring({ roomId: proposal.roomId, eventId: proposal.eventId, users });
        store.proposals.markRung(proposal.code);
      } catch (error) {
        // At the next change, or the next opening.
        logger.warn("not-rung", { link: proposal.link, code: asFerryError(error).code });
      }
    }
  }

  /** Ends questions that nobody has answered in time. */
  expire(): void {
    const { store, now, onChange } = this.#options;
    const lapsed = store.transaction(() => store.proposals.expire(now()) + store.requests.expire(now()));
    if (lapsed > 0) onChange();
  }

  /**
   * Takes back what a link has asked, in these rooms or in all: its messages are redacted.
   *
   * @throws FerryError of the homeserver, with what it has not redacted still asked; `proposal-sending` while it may have
   *   been sent and is not known
   */
  async withdraw(link: LinkId, rooms?: readonly RoomId[]): Promise<number> {
    const { store, engine } = this.#options;
    const asked = store.proposals
      .ofLink(link)
      .filter(({ state, roomId }) => (state === "open" || state === "sending") && (rooms?.includes(roomId) ?? true));
    if (asked.some((proposal) => proposal.state === "sending" && this.#isInHand(proposal))) {
      throw new FerryError(
        "proposal-sending",
        "The question is being sent, or may have been sent already. Take it back as soon as Ferry knows: in a moment, " +
          "or when it reaches the homeserver again.",
      );
    }
    for (const { roomId, eventId, code } of asked) {
      const transactionId = transactionIdOf(`withdraw:${code}`, roomId, "redaction");
      if (eventId !== null) await engine().redact({ roomId, eventId, transactionId });
      store.transaction(() => {
        const row = this.#rowOf({ code, roomId });
        if (row !== null) store.outbox.delete(row.id);
        store.proposals.setState(code, "withdrawn");
      });
    }
    return asked.length;
  }

  #isInHand(proposal: Proposal): boolean {
    const row = this.#rowOf(proposal);
    return row !== null && row.firstAttemptTs !== null && row.state !== "failed";
  }

  /** What is owed for a proposal whose message has not been sent. */
  #rowOf({ code, roomId }: Pick<Proposal, "code" | "roomId">): OutboxRow | null {
    return this.#options.store.outbox.byTransaction(transactionIdOf(`${PREFIX}${code}`, roomId, "notice"));
  }
}

/** Before a room has been read nobody knows whom to ask, or what to say. */
export function unread(): FerryError {
  return new FerryError("consent-unread", "Ferry has not read the present state of this room yet.");
}

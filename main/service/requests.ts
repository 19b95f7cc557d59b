import { formatCode, readCode } from "../bridge/code.ts";
import { transactionIdOf, writeBareOrigin } from "../bridge/origin.ts";
import { answerContent, readProposal } from "../bridge/proposal.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { JsonObject, RoomSummary } from "../matrix/event.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import { CONNECTION, CONSENT } from "../matrix/unstable.ts";
import type { ProposalView } from "../protocol/control.ts";
import type { StoredRequest } from "../store/requests.ts";
import type { PartOptions } from "./part.ts";

/** So many that have been rung and not been looked at are kept; a flood is cut off here at the latest. */
const MOST_WAITING = 50;

/** What other people's Ferries ask this user, as somebody who may speak for a room. */
export class Requests {
  readonly #options: PartOptions;
  #waiting: { sender: UserId; roomId: RoomId; eventId: EventId }[] = [];
  #isReading = false;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  /** Somebody says that a proposal stands in a room: it is read there, one after the other. */
  rung(ring: { sender: UserId; roomId: RoomId; eventId: EventId }): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(ring);
    if (!this.#isReading) void this.#readWaiting();
  }

  async #readWaiting(): Promise<void> {
    this.#isReading = true;
    for (let ring = this.#waiting.shift(); ring !== undefined; ring = this.#waiting.shift()) {
      try {
        await this.#read(ring);
      } catch (error) {
        // Nobody has promised that there is one; the proposer's Ferry rings again where its user asks again.
        this.#options.logger.warn("proposal-not-read", { room: ring.roomId, code: asFerryError(error).code });
      }
    }
    this.#isReading = false;
  }

  async #read({ sender, roomId, eventId }: { sender: UserId; roomId: RoomId; eventId: EventId }): Promise<void> {
    const { store, engine, account, now, logger, onChange } = this.#options;
    if (store.requests.has(roomId, eventId) || sender === account()) return;
    if (!store.requests.takesFrom(sender)) return logger.warn("too-many-proposals", { sender });
    const event = await engine().fetch({ roomId, eventId });
    // Whoever rings must be the one who asks: in whose name it came is what the user will see.
    if (event.sender !== sender || event.redacted === true || (event.roomEncrypted && !event.encrypted)) return;
    const proposal = readProposal(event.content, now());
    if (proposal === null || proposal.carrier !== sender || proposal.expiresTs <= now()) return;
    // Whoever asks with the name of somebody else's link has read it there.
    const isImitation = store.requests.all().some(({ proposal: { link }, proposer }) => {
      return link === proposal.link && proposer !== sender;
    });
    if (isImitation) return logger.warn("imitated-proposal", { sender, room: roomId });
    const room = await engine().room({ room: roomId });
    // Who cannot answer is not asked: anybody in any room could otherwise call for this user's attention.
    if (!mayApprove(room)) return;
    store.requests.insert({ roomId, eventId, proposer: sender, proposal, receivedTs: now() });
    logger.info("proposal", { room: roomId, event: eventId, proposer: sender });
    onChange();
  }

  /** Everything that has been asked, newest first. */
  async list(): Promise<ProposalView[]> {
    const views: ProposalView[] = [];
    for (const request of this.#options.store.requests.all()) {
      views.push(viewOf(request, await this.#roomOf(request)));
    }
    return views;
  }

  /** Null where the user is not in the room any more. */
  async #roomOf({ roomId }: StoredRequest): Promise<RoomSummary | null> {
    try {
      return await this.#options.engine().room({ room: roomId });
    } catch (error) {
      if (asFerryError(error).code !== "not-joined") throw error;
      return null;
    }
  }

  /**
   * Agrees, by a state event in the room. Sent twice it is the same event.
   *
   * @throws FerryError `unknown-proposal`, `proposal-over`, `no-power`
   */
  async approve(reference: string): Promise<ProposalView> {
    const request = await this.#answerable(reference, ["open", "approved"]);
    const room = await this.#roomWithPower(request);
    await this.#refuseForeignLink(request);
    await this.#setState(request, "approved");
    return this.#answered(request, "approved", room);
  }

  /**
   * Declines by a message in the room; what had been agreed to is taken back by a state event.
   *
   * @throws FerryError `unknown-proposal`, `proposal-over`, `no-power`
   */
  async decline(reference: string): Promise<ProposalView> {
    const request = await this.#answerable(reference, ["open", "approved"]);
    const room = await this.#roomWithPower(request);
    if (request.state === "approved") await this.#setState(request, "revoked");
    else await this.#say(request, room);
    return this.#answered(request, "declined", room);
  }

  #answered(request: StoredRequest, state: "approved" | "declined", room: RoomSummary): ProposalView {
    const { store, onChange } = this.#options;
    store.requests.setState(request.roomId, request.eventId, state);
    onChange();
    return viewOf({ ...request, state }, room);
  }

  async #answerable(reference: string, states: StoredRequest["state"][]): Promise<StoredRequest> {
    const { store, engine, now } = this.#options;
    const code = readCode(reference);
    const found = code === null ? [] : store.requests.withCode(code);
    const standing = found.filter(({ state }) => states.includes(state));
    if (standing.length > 1) {
      const sentence =
        "Several people have asked with this code, so one of them pretends. Answer in the room itself, with your client.";
      throw new FerryError("proposal-over", sentence);
    }
    const request = standing[0] ?? found[0] ?? null;
    if (request === null) {
      throw new FerryError("unknown-proposal", "Nobody has asked with this code.");
    }
    if (!states.includes(request.state) || request.proposal.expiresTs <= now()) {
      throw new FerryError("proposal-over", `This has been answered, taken back or has lapsed.`);
    }
    const { roomId, eventId } = request;
    const event = await engine().fetch({ roomId, eventId });
    if (event.redacted === true) {
      store.requests.setState(roomId, eventId, "withdrawn");
      throw new FerryError("proposal-over", "Who asked this has taken it back.");
    }
    return request;
  }

  /** The proposer chooses the link's id: it must not be that of a link by somebody else, whose consent it would overwrite. */
  async #refuseForeignLink({ roomId, proposal }: StoredRequest): Promise<void> {
    const { store, engine } = this.#options;
    const states = await engine().state({ roomId, type: CONNECTION });
    const event = states.find(({ stateKey }) => stateKey === proposal.link);
    const carrier = event?.content["carrier"];
    if (store.links.find(proposal.link) === null && (carrier === undefined || carrier === proposal.carrier)) return;
    throw new FerryError("proposal-over", "This proposal uses the name of another link. It cannot be agreed to.");
  }

  async #roomWithPower(request: StoredRequest): Promise<RoomSummary> {
    const room = await this.#roomOf(request);
    if (room === null) throw new FerryError("not-joined", "You are not in that room any more.");
    if (mayApprove(room)) return room;
    throw new FerryError("no-power", `You may not speak for “${room.name}”: that takes an admin of the room.`);
  }

  async #setState({ roomId, eventId, proposal }: StoredRequest, status: "approved" | "revoked"): Promise<void> {
    const content = answerContent(proposal, eventId, status);
    await this.#options.engine().setState({ roomId, type: CONNECTION, stateKey: proposal.link, content });
  }

  async #say({ roomId, eventId, proposal }: StoredRequest, room: RoomSummary): Promise<void> {
    const transactionId = transactionIdOf(`decline:${eventId}`, roomId, "notice");
    const content: JsonObject = {
      ...writeBareOrigin(transactionId),
      msgtype: "m.text",
      body: `decline ${formatCode(proposal.code)}`,
      "m.mentions": {},
      "m.relates_to": { "m.in_reply_to": { event_id: eventId } },
      [CONSENT]: { version: 1, link: proposal.link, code: proposal.code, answer: "decline" },
    };
    const mustEncrypt = room.encrypted;
    await this.#options.engine().send({ roomId, transactionId, type: "m.room.message", content, mustEncrypt });
  }
}

function mayApprove(room: RoomSummary): boolean {
  return room.ownPower === null || room.ownPower >= room.requiredPower;
}

function viewOf(request: StoredRequest, room: RoomSummary | null): ProposalView {
  const { proposal } = request;
  return {
    code: proposal.code,
    roomId: request.roomId,
    roomName: room?.name ?? request.roomId,
    proposer: request.proposer,
    linkName: proposal.linkName,
    direction: proposal.direction,
    peers: proposal.peers,
    tells: proposal.tells,
    audience: proposal.gains,
    state: request.state,
    mayApprove: room !== null && mayApprove(room),
    receivedTs: request.receivedTs,
    expiresTs: proposal.expiresTs,
  };
}

import type { Terms } from "../../../../main/bridge/consent.ts";
import { termsHash, type Link } from "../../../../main/bridge/link.ts";
import { FerryError } from "../../../../main/matrix/errors.ts";
import type { SourceEvent } from "../../../../main/matrix/event.ts";
import type { DeviceId, EventId, LinkId, RoomId, UserId } from "../../../../main/matrix/ids.ts";
import type { ConnectionEvent } from "../../../../main/matrix/room-facts.ts";
import { CONNECTION } from "../../../../main/matrix/unstable.ts";
import type { engineRequests } from "../../../../main/protocol/engine.ts";
import type { Examination } from "../../../../main/protocol/examination.ts";
import type { Client } from "../../../../main/protocol/rpc.ts";
import { joinMirroring, type Mirroring } from "../../../../main/service/mirroring.ts";
import type { Store } from "../../../../main/store/store.ts";
import { factsOf } from "./facts.ts";
import { Judge, KIM, KITCHEN, mayApprove, opennessOf, WORKSHOP, type TrueRoom } from "./judge.ts";
import { SILENT } from "../../../support/silent-logger.ts";
import { linkBetween } from "../../link-support.ts";

const DAY_MS = 24 * 3_600_000;
const TERMS: Terms = { mode: "copy", direction: "two-way", carrier: KIM, rooms: [KITCHEN, WORKSHOP], tells: [] };

/** Two linked rooms, people who do what they like in them, and the real parts of Kim's Ferry between. */
export class ConsentWorld {
  readonly rooms: ReadonlyMap<RoomId, TrueRoom>;
  readonly judge = new Judge();
  readonly copied: string[] = [];
  /** After a new login nothing can be decrypted that came before. */
  keysAreGone = false;
  readonly #store: Store;
  readonly #link: LinkId;
  readonly #states = new Map<RoomId, ConnectionEvent>();
  readonly #messages = new Map<EventId, Examination>();
  readonly #asked = new Map<string, { openness: ReturnType<typeof opennessOf>; wasInside: boolean }>();
  readonly #said = new Map<EventId, { roomId: RoomId; objection: string | null }>();
  #ferry: Mirroring;
  /** Off, Ferry hears of nothing; what was written meanwhile it reads at its next start. */
  #isOff = false;
  #isFollowing = false;
  /** Why nothing might be copied from a room when Ferry went off: what was open and undone meanwhile it cannot know. */
  readonly #objections = new Map<RoomId, string | null>();
  readonly #missed: (() => void)[] = [];
  #nowTs: number;
  #count = 0;

  constructor(store: Store, number: number, rooms: readonly TrueRoom[]) {
    this.#store = store;
    this.#link = `link-${number}` as LinkId;
    // Long after the world before: a room is asked once a day, for whatever link.
    this.#nowTs = 1_700_000_000_000 + number * 100 * DAY_MS;
    this.rooms = new Map(rooms.map((room) => [room.roomId, room]));
    this.#ferry = this.#start();
    const link = linkBetween([KITCHEN, WORKSHOP], {
      ...{ id: this.#link, name: "House", carrier: KIM, createdTs: this.#nowTs },
      termsHash: termsHash(TERMS),
    });
    for (const room of link.rooms) room.gap = { code: "room-unread", sentence: "Not read." };
    store.links.insert(link);
    for (const { roomId } of link.rooms) {
      if (!store.positions.has(roomId)) store.positions.begin(roomId, null, this.#nowTs);
    }
  }

  async open(): Promise<void> {
    // First how the rooms are now, then what was written in them, then that all of it has been read.
    await this.#ferry.consents.open();
    for (const take of this.#missed.splice(0)) take();
    this.#isFollowing = true;
    await this.#ferry.online();
    await this.#settle();
  }

  /** Ferry ends and starts again: nothing is known but what is in the database. */
  async restart(): Promise<void> {
    this.#isOff = false;
    this.#isFollowing = false;
    this.judge.update(this.rooms);
    this.#ferry = this.#start();
    await this.open();
  }

  async pass(ms: number): Promise<void> {
    this.#nowTs += ms;
    await this.#settle();
  }

  /** Ferry ends. */
  turnOff(): void {
    if (this.#isOff) return;
    this.#isOff = true;
    for (const room of this.rooms.values()) {
      this.#objections.set(room.roomId, this.judge.objection(room, this.#other(room.roomId)));
    }
  }

  /** Something changes in a room, and Ferry hears of it. */
  async change(roomId: RoomId, edit: (room: TrueRoom) => void): Promise<void> {
    const room = this.room(roomId);
    edit(room);
    if (this.#isOff) return;
    this.judge.update(this.rooms);
    this.#ferry.consents.take(factsOf(this.room(roomId), this.#states.get(roomId)));
    await this.#settle();
  }

  /** Kim clicks. */
  async clickApprove(): Promise<void> {
    if (this.#isOff) return;
    const link = this.#found();
    this.#store.transaction(() => {
      for (const { roomId, gap } of link.rooms) {
        if (gap === null || !this.#ferry.consents.giveOwn(link, roomId)) continue;
        this.judge.agree(roomId, { by: KIM, ...this.#present(roomId) });
      }
      this.#ferry.consents.judge([this.#found()]);
    });
    await this.#settle();
  }

  /** Kim's Ferry asks whoever is wanting, a day later each time. */
  async propose(): Promise<void> {
    if (this.#isOff) return;
    this.#nowTs += DAY_MS;
    const link = this.#found();
    for (const roomId of this.#ferry.negotiation.toAsk(link)) {
      await this.#ferry.negotiation.remind(link, [roomId]);
      const proposal = this.#store.proposals.latest(link.id).get(roomId);
      if (!proposal) throw new Error("nothing was asked");
      this.#asked.set(proposal.code, this.#present(roomId));
      this.#count += 1;
      this.#store.proposals.sent(proposal.code, `$asked-${this.#link}-${this.#count}` as EventId, this.#nowTs);
    }
    // What was owed for it: here it has been sent.
    for (const row of this.#store.outbox.list(false, 100)) if (row.kind === "notice") this.#store.outbox.delete(row.id);
    await this.#settle();
  }

  /** Somebody writes an answer, with any code that was ever given out, into any room. */
  async answer(roomId: RoomId, user: UserId, verb: "approve" | "decline" | "stop", which: number): Promise<void> {
    const codes = this.#store.proposals.ofLink(this.#link);
    const proposal = codes.length === 0 ? undefined : codes[which % codes.length];
    if (!proposal || !this.room(roomId).joined.has(user)) return;
    const eventId = this.#write(roomId, user, { msgtype: "m.text", body: `${verb} ${proposal.code}` });
    const counts = proposal.roomId === roomId && mayApprove(this.room(roomId), user);
    const asked = this.#asked.get(proposal.code);
    if (counts && verb === "approve" && proposal.state === "open" && asked && proposal.expiresTs > this.#nowTs) {
      this.judge.agree(roomId, { by: user, otherRoom: asked.openness, wasInside: asked.wasInside });
    }
    if (counts && (verb === "stop" || (verb === "decline" && proposal.state === "approved"))) this.judge.end(roomId);
    await this.#take(roomId, user, eventId, `${verb} ${proposal.code}`);
  }

  /** Somebody writes the word that ends all links of a room. */
  async stopAll(roomId: RoomId, user: UserId): Promise<void> {
    if (!this.room(roomId).joined.has(user) || !this.room(roomId).joined.has(KIM)) return;
    const eventId = this.#write(roomId, user, { msgtype: "m.text", body: "!ferry stop" });
    if (mayApprove(this.room(roomId), user)) this.judge.end(roomId);
    await this.#take(roomId, user, eventId, "!ferry stop");
  }

  /** Somebody writes the link's state event, which the homeserver lets those do who have the power. */
  async setState(roomId: RoomId, user: UserId, status: "approved" | "revoked" | "gone"): Promise<void> {
    const room = this.room(roomId);
    if (!mayApprove(room, user)) return;
    const proposal = this.#store.proposals.latest(this.#link).get(roomId);
    const content =
      status === "gone" ? {} : { status, terms: this.#found().termsHash, proposal: proposal?.eventId ?? null };
    const eventId = this.#write(roomId, user, content, this.#link);
    this.#states.set(roomId, { stateKey: this.#link, eventId, sender: user, content });
    const asked = proposal && this.#asked.get(proposal.code);
    const isOpen = proposal?.state === "open" && proposal.expiresTs > this.#nowTs;
    const before = this.#store.consents.current(this.#link).get(roomId);
    if (status === "revoked") this.judge.end(roomId);
    if (status === "gone" && before?.seen && before.way !== "reply") this.judge.emptied.add(roomId);
    if (status === "approved") this.judge.emptied.delete(roomId);
    if (status === "approved" && isOpen && asked && user !== KIM) {
      this.judge.agree(roomId, { by: user, otherRoom: asked.openness, wasInside: asked.wasInside });
    }
    if (this.#isOff) return;
    this.#ferry.consents.take(factsOf(this.room(roomId), this.#states.get(roomId)));
    await this.#settle();
  }

  /** Somebody says something. What is owed for it stays where it is until it is delivered. */
  async say(roomId: RoomId, user: UserId): Promise<void> {
    if (!this.room(roomId).joined.has(user) || !this.room(roomId).joined.has(KIM)) return;
    const eventId = this.#write(roomId, user, { msgtype: "m.text", body: "hello" });
    this.#said.set(eventId, { roomId, objection: this.#isOff ? (this.#objections.get(roomId) ?? null) : null });
    await this.#take(roomId, user, eventId, "hello");
  }

  /** After every step: what was said and could not be copied at some time since, is not to be copied any more. */
  note(): void {
    if (this.#isOff) return;
    for (const said of this.#said.values()) {
      said.objection ??= this.judge.objection(this.room(said.roomId), this.#other(said.roomId));
    }
  }

  /** Everything is sent that may be sent now. @returns what should not have been */
  deliver(): string[] {
    const wrong: string[] = [];
    if (this.#isOff) return wrong;
    for (const destination of [KITCHEN, WORKSHOP]) {
      for (;;) {
        const row = this.#store.outbox.claimNext(destination, "DEVICE" as DeviceId, this.#nowTs);
        if (row === null) break;
        this.#store.outbox.delete(row.id);
        if (row.kind === "notice" || row.linkId !== this.#link) continue;
        this.copied.push(row.sourceEvent);
        const said = this.#said.get(row.sourceEvent);
        if (said === undefined) wrong.push(`nobody has said ${row.sourceEvent}`);
        else if (said.objection !== null) wrong.push(said.objection);
      }
    }
    return wrong;
  }

  end(): void {
    this.#store.links.setState(this.#link, "removed");
  }

  room(roomId: RoomId): TrueRoom {
    const room = this.rooms.get(roomId);
    if (!room) throw new Error(`there is no room ${roomId}`);
    return room;
  }

  #other(roomId: RoomId): TrueRoom {
    return this.room(roomId === KITCHEN ? WORKSHOP : KITCHEN);
  }

  #present(roomId: RoomId) {
    const other = this.#other(roomId);
    const wasInside = this.#ferry.consents.audienceFor(TERMS, roomId);
    return { openness: opennessOf(other), otherRoom: opennessOf(other), wasInside: wasInside.length === 0 };
  }

  #found(): Link {
    const link = this.#store.links.get(this.#link);
    if (!link) throw new Error("the link is gone");
    return link;
  }

  #write(roomId: RoomId, user: UserId, content: Examination["content"], stateKey: string | null = null): EventId {
    this.#count += 1;
    this.#nowTs += 1;
    const eventId = `$${this.#link}-${this.#count}` as EventId;
    const room = this.room(roomId);
    const isState = stateKey !== null;
    this.#messages.set(eventId, {
      ...{ sender: user, type: isState ? CONNECTION : "m.room.message", stateKey, content, redacted: false },
      ...{ encrypted: !isState, originServerTs: this.#nowTs, membership: "join", required: 50 },
      ...{ power: room.power.get(user) ?? 0, shield: "none", shieldReason: null },
    });
    return eventId;
  }

  async #take(roomId: RoomId, sender: UserId, eventId: EventId, body: string): Promise<void> {
    const event: SourceEvent = {
      ...{ roomId, eventId, sender, senderName: sender, type: "m.room.message", originServerTs: this.#nowTs },
      ...{ content: { msgtype: "m.text", body }, encrypted: true, roomEncrypted: true },
    };
    const take = (): void => this.#ferry.mirror.take(roomId, [event]);
    if (this.#isOff) return void this.#missed.push(take);
    take();
    await this.#settle();
  }

  /** Answers are looked into one after the other; nothing of it waits for a clock. */
  async #settle(): Promise<void> {
    await this.#ferry.answers.process();
    // What has been read up to now says so, and then gaps close.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #start(): Mirroring {
    const engine: Partial<Client<typeof engineRequests>> = {
      facts: async ({ roomId }) => factsOf(this.room(roomId), this.#states.get(roomId)),
      examine: async ({ eventId }) => {
        if (this.keysAreGone) throw new FerryError("key-missing", "Its key is missing.");
        const found = this.#messages.get(eventId);
        if (!found) throw new Error(`there is no event ${eventId}`);
        return found;
      },
      ring: async () => ({}),
      redact: async ({ eventId }) => ({ eventId }),
      settle: async () => {
        if (!this.#isFollowing) throw new FerryError("unknown-room", "This room is not being followed.");
        return {};
      },
    };
    return joinMirroring({
      ...{ store: this.#store, logger: SILENT, now: () => this.#nowTs, onChange: () => undefined },
      // The rest has no part in agreeing.
      engine: () => engine as Client<typeof engineRequests>,
      account: () => KIM,
      device: () => "DEVICE" as DeviceId,
    });
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import { isObject, type JsonObject, type RoomSummary, type SourceEvent } from "../../../main/matrix/event.ts";
import type { DeviceId, EventId, RoomId, TransactionId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import type { engineRequests } from "../../../main/protocol/engine.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import { Activation } from "../../../main/service/activation.ts";
import { Consents } from "../../../main/service/consents.ts";
import { CatchUp } from "../../../main/service/catch-up.ts";
import { Contents } from "../../../main/service/contents.ts";
import { Copier } from "../../../main/service/copier.ts";
import { LargeFiles } from "../../../main/service/large-files.ts";
import { LinkMaker } from "../../../main/service/link-maker.ts";
import { Links } from "../../../main/service/links.ts";
import { Mirror } from "../../../main/service/mirror.ts";
import { Negotiation } from "../../../main/service/negotiation.ts";
import { Sender } from "../../../main/service/sender.ts";
import { openStore, type Store } from "../../../main/store/store.ts";
import { linkBetween } from "../link-support.ts";
import { SILENT } from "../../support/silent-logger.ts";

export const [A, B, C] = ["!a:one.test", "!b:one.test", "!c:one.test"] as [RoomId, RoomId, RoomId];
export const ME = "@me:one.test" as UserId;
export const [ANA, BEA] = ["@ana:one.test", "@bea:two.test"] as [UserId, UserId];
const NAMES = new Map<UserId, string>([
  [ME, "Me"],
  [ANA, "Ana"],
  [BEA, "Bea"],
]);
/** When every test begins. */
export const NOW = 1_700_000_000_000;

/** What Ferry has sent into a room. */
export interface Sent {
  roomId: RoomId;
  eventId: EventId;
  transactionId: TransactionId;
  type: string;
  content: JsonObject;
  redacts?: EventId | undefined;
}

type Engine = Client<typeof engineRequests>;

const benches = new Set<Bench>();
const folders: string[] = [];

/** The real store, mirror, copier, sender and links, over an engine whose every answer a test can replace. */
export class Bench {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly sender: Sender;
  readonly links: Links;
  readonly maker: LinkMaker;
  readonly largeFiles: LargeFiles;
  readonly engine: Engine;
  readonly sent: Sent[] = [];
  /** How often something was said to have been answered. */
  answers = 0;
  /** Who may say “@room” so that it rings. */
  readonly mayNotify = new Set<UserId>();
  /** Whether the connection event of the rooms is the user's to write. */
  maySetState = true;
  readonly #file: string;
  readonly #events = new Map<EventId, SourceEvent>();
  #answers: Promise<void> = Promise.resolve();

  constructor(file: string, device: string) {
    benches.add(this);
    this.#file = file;
    const store = openStore(file);
    this.store = store;
    this.engine = this.#createEngine();
    const base = { store, logger: SILENT, now: Date.now, account: () => ME, engine: () => this.engine };
    this.largeFiles = new LargeFiles({ store, onChange: () => undefined });
    const contents = new Contents((roomId, eventId) => this.engine.fetch({ roomId, eventId }));
    const catchUp = new CatchUp({ ...base, answers: async () => undefined, onChange: () => this.sender.wake() });
    const consents = new Consents({ ...base, catchUp, onChange: () => this.sender.wake(), onRoom: () => undefined });
    const negotiation = new Negotiation({ ...base, consents, onChange: () => this.sender.wake() });
    this.sender = new Sender({
      ...base,
      copier: new Copier({
        ...{ ...base, contents },
        proposal: (row) => negotiation.message(row),
        mayNotifyRoom: (_room, user) => this.mayNotify.has(user),
        maySetState: async () => this.maySetState,
      }),
      largeFiles: this.largeFiles,
      device: () => device as DeviceId,
      mayCopy: () => true,
      onNotice: (row, eventId) => negotiation.noteSent(row, eventId),
      onChange: () => activation.wake(),
      onDone: ({ sourceRoom: roomId, sourceEvent: eventId }) => {
        if (store.outbox.owedFor({ roomId, eventId }).length === 0) contents.drop(eventId);
      },
    });
    this.mirror = new Mirror({
      ...{ ...base, contents },
      onOwed: (destinations) => this.sender.wake(destinations),
      onAnswer: () => (this.answers += 1),
    });
    const onChange = (): void => this.sender.wake();
    const parts = { ...base, mirror: this.mirror, consents, negotiation, catchUp, onChange };
    const activation = new Activation({ ...parts, onReplaced: () => undefined });
    this.links = new Links({ ...parts, activation });
    this.maker = new LinkMaker({ ...parts, links: this.links, activation });
  }

  /** Events come from the homeserver, which will say the same of them when it is asked. */
  receive(...events: SourceEvent[]): void {
    for (const event of events) {
      this.#events.set(event.eventId, event);
      this.mirror.take(event.roomId, [event]);
    }
  }

  /** The homeserver says something else of an event from now on, and Ferry is not told. */
  change(event: SourceEvent): void {
    this.#events.set(event.eventId, event);
  }

  /** The key of an event comes. */
  decrypt(event: SourceEvent): void {
    this.#events.set(event.eventId, event);
    this.mirror.takeDecrypted(event);
  }

  /** What Ferry has sent comes back to it, as the homeserver hands it to this device. */
  receiveBack(sent: Sent): void {
    const { roomId, eventId, transactionId, type, content, redacts } = sent;
    this.receive(message(roomId, eventId, "", { sender: ME, transactionId, type, content, redacts }));
  }

  /** What is sent reaches the room, but no answer comes. @returns what lets the answers come */
  holdAnswers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answers = promise;
    return resolve;
  }

  /** The newest of what Ferry has sent into a room. */
  sentInto(roomId: RoomId): Sent {
    const newest = this.sent.filter((sent) => sent.roomId === roomId).at(-1);
    if (!newest) throw new Error(`nothing has been sent into ${roomId}`);
    return newest;
  }

  /** What a room shows of the copies in it: their words, and those of their edits, oldest first. */
  wordsIn(roomId: RoomId): string[] {
    return this.sent
      .filter((sent) => sent.roomId === roomId && sent.type === "m.room.message")
      .map(({ content }) => {
        const body = (isObject(content["m.new_content"]) ? content["m.new_content"] : content)["body"];
        return typeof body === "string" ? body : "";
      });
  }

  /** Ferry ends, and another one goes on where it was; with another device, after a new login. */
  async restart(device: string): Promise<Bench> {
    await this.end();
    const next = new Bench(this.#file, device);
    for (const event of this.#events.values()) next.change(event);
    return next;
  }

  async end(): Promise<void> {
    benches.delete(this);
    await this.sender.stop();
    this.store.close();
  }

  #createEngine(): Engine {
    const engine: Partial<Engine> = {
      fetch: async ({ eventId }) => {
        const event = this.#events.get(eventId);
        if (!event) throw new FerryError("event-not-found", "There is no such event.");
        return event;
      },
      send: async (request) => this.#carryOut(request),
      redact: async ({ eventId, ...request }) =>
        this.#carryOut({ ...request, type: "m.room.redaction", content: {}, redacts: eventId }),
      encryptAhead: async () => ({}),
      setState: async () => ({ eventId: "$state" as EventId }),
      members: async () => [],
      ownEvents: async () => [],
      watch: async () => ({ before: [] }),
      settle: async () => ({}),
      unwatch: async () => ({}),
      state: async () => [],
      room: async ({ room }) => summaryOf(room as RoomId),
      facts: async ({ roomId }) => factsOf(roomId),
    };
    // The rest is no part of carrying messages.
    return engine as Engine;
  }

  async #carryOut(request: Omit<Sent, "eventId">): Promise<{ eventId: EventId }> {
    const { roomId, transactionId, type, content, redacts } = request;
    const eventId = `$sent${this.sent.length + 1}` as EventId;
    this.sent.push({ roomId, eventId, transactionId, type, content, redacts });
    await this.#answers;
    return { eventId };
  }
}

/** A Ferry with these links, whose rooms are followed; one two-way link between A and B, where nothing else is said. */
export function openBench(links: readonly Link[] = [linkBetween([A, B])]): Bench {
  const folder = mkdtempSync(join(tmpdir(), "ferry-races-"));
  folders.push(folder);
  const bench = new Bench(join(folder, "ferry.db"), "DEVICE");
  for (const link of links) {
    bench.store.links.insert(link);
    for (const { roomId } of link.rooms) bench.store.positions.begin(roomId, null, NOW);
  }
  return bench;
}

/** Time stands still, but for `pass`. */
export function stopTheClock(): void {
  vi.useFakeTimers({ now: NOW, toFake: ["setTimeout", "clearTimeout", "Date"] });
}

/** Simulated time goes by. */
export async function pass(ms = 2_000): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** Ends what the test has opened, and lets time go on. */
export async function cleanUp(): Promise<void> {
  for (const bench of benches) await bench.end();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
}

/** An encrypted message by Ana, but for what is said to be otherwise. */
export function message(roomId: RoomId, eventId: string, body: string, other: Partial<SourceEvent> = {}): SourceEvent {
  const sender = other.sender ?? ANA;
  return {
    ...{ roomId, eventId: eventId as EventId, sender, senderName: NAMES.get(sender) ?? sender, type: "m.room.message" },
    ...{ originServerTs: NOW, encrypted: true, roomEncrypted: true, content: { msgtype: "m.text", body } },
    ...other,
  };
}

/** A message whose key is missing; an edit still shows what it belongs to. */
export function undecrypted(event: SourceEvent): SourceEvent {
  const relation = event.content["m.relates_to"];
  const content: JsonObject = relation === undefined ? {} : { "m.relates_to": relation };
  return { ...event, type: "m.room.encrypted", content, undecryptable: "MEGOLM_UNKNOWN_INBOUND_SESSION_ID" };
}

/** Other words for a message. */
export function edit(target: SourceEvent, eventId: string, body: string): SourceEvent {
  const content: JsonObject = {
    ...{ msgtype: "m.text", body: `* ${body}` },
    "m.new_content": { msgtype: "m.text", body },
    "m.relates_to": { rel_type: "m.replace", event_id: target.eventId },
  };
  return message(target.roomId, eventId, "", { sender: target.sender, content });
}

/** Bea reacts. */
export function reaction(roomId: RoomId, eventId: string, target: EventId): SourceEvent {
  const content = { "m.relates_to": { rel_type: "m.annotation", event_id: target, key: "👍" } };
  return message(roomId, eventId, "", { sender: BEA, type: "m.reaction", encrypted: false, content });
}

export function redaction(roomId: RoomId, eventId: string, redacts: EventId, sender: UserId): SourceEvent {
  return message(roomId, eventId, "", { sender, redacts, type: "m.room.redaction", encrypted: false, content: {} });
}

/** The homeserver asks to be left alone for a while. */
export function rateLimited(retryAfterMs: number): FerryError {
  return new FerryError("rate-limited", "Too fast.", { retryAfterMs });
}

/** A private room that the user is alone in: nobody has to be asked. */
function factsOf(roomId: RoomId): RoomFacts {
  return {
    ...{ roomId, name: roomId, membership: "join", encrypted: true, joinRule: "invite", allowedRooms: [] },
    ...{ historyVisibility: "shared", guestsMayJoin: false, published: false, aliases: [], joined: [ME], invited: [] },
    ...{ bridges: [], tombstone: null, connections: [] },
    power: { create: { sender: ME, content: { room_version: "10" } }, powerLevels: { users: { [ME]: 100 } } },
  };
}

function summaryOf(roomId: RoomId): RoomSummary {
  return {
    ...{ roomId, name: roomId, encrypted: true, joinRule: "invite", historyVisibility: "shared" },
    ...{ hasAvatar: false, roomVersion: "10" },
    ...{ joinedMembers: 2, invitedMembers: 0, ownPower: 100, requiredPower: 50 },
  };
}

// First: it silences the SDK before that is loaded.
import "./quiet-sdk.ts";
import { randomUUID } from "node:crypto";
import { EventType, Preset, Visibility, type MatrixClient, type MatrixEvent, type Room } from "matrix-js-sdk";
import { crossSign, logIn, makeRecoverable, startClient, type LoggedIn } from "./client.ts";
import type { Synapse } from "./synapse.ts";
import { completeTimeline, describeMessage, knownEvents, seenEvents, seenMessages } from "./timeline.ts";
import type { SeenEvent, SeenMessage } from "./timeline.ts";
import { until } from "./until.ts";

export type { SeenEvent, SeenMessage } from "./timeline.ts";

type Content = Record<string, unknown>;
/** The SDK types contents by event type; here they are whatever a test wants to send. */
interface AnyContent {
  sendEvent(roomId: string, type: string, content: Content, transactionId: string): Promise<{ event_id: string }>;
  sendStateEvent(roomId: string, type: string, content: Content, stateKey: string): Promise<{ event_id: string }>;
}

export interface RoomOptions {
  name: string;
  invite?: readonly Person[];
  /** "shared" where left out. */
  historyVisibility?: "joined" | "invited" | "shared" | "world_readable";
  /** Merged into the room's power levels. */
  powerLevels?: Content;
  /** True where left out. */
  encrypted?: boolean;
  /** Local part of an alias. */
  alias?: string;
  roomVersion?: string;
}

/** A person's password on the test homeserver. */
export function passwordOf(name: string): string {
  return `${name}-password`;
}

/** Makes an account and logs a person in to it, with an ordinary client. */
export async function createPerson(
  synapse: Synapse,
  name: string,
  options: { displayName?: string } = {},
): Promise<Person> {
  await synapse.register(name, passwordOf(name));
  const person = await loginDevice(synapse, name);
  if (options.displayName !== undefined) await person.client.setDisplayName(options.displayName);
  return person;
}

/** Logs an account that exists in on one more ordinary client. */
export async function loginDevice(synapse: Synapse, name: string): Promise<Person> {
  const person = new Person(synapse, name);
  await person.start();
  return person;
}

/** Somebody with an ordinary Matrix client: one device of one account. */
export class Person {
  readonly name: string;
  readonly password: string;
  readonly #synapse: Synapse;
  readonly #seenTs = new Map<string, number>();
  readonly #relations = new Map<string, Content>();
  #session: LoggedIn | null = null;

  constructor(synapse: Synapse, name: string) {
    this.#synapse = synapse;
    this.name = name;
    this.password = passwordOf(name);
  }

  /** @param login of a device that is logged in already; without it, logs in as a new one with the password */
  async start(login?: Omit<LoggedIn, "client">): Promise<void> {
    const { url } = this.#synapse;
    const see = (event: MatrixEvent): void => this.#see(event);
    this.#session = await (login ? startClient(url, login, see) : logIn(url, this.name, this.password, see));
  }

  get #loggedIn(): LoggedIn {
    if (!this.#session) throw new Error(`${this.name} is not logged in.`);
    return this.#session;
  }

  /** The SDK's client, for what has no method here. */
  get client(): MatrixClient {
    return this.#loggedIn.client;
  }

  get isRunning(): boolean {
    return this.#session !== null;
  }

  get userId(): string {
    return this.#loggedIn.userId;
  }

  get deviceId(): string {
    return this.#loggedIn.deviceId;
  }

  get accessToken(): string {
    return this.#loggedIn.accessToken;
  }

  /** Makes this device one that other clients see as signed by its owner. Once for each account. */
  async crossSign(): Promise<void> {
    await crossSign(this.client, this.password);
  }

  /** Gives a cross-signed account secret storage and key backup. Answers with the recovery key. */
  async makeRecoverable(passphrase?: string): Promise<string> {
    return makeRecoverable(this.client, passphrase);
  }

  /** Makes a private room, encrypted unless told otherwise, and waits until the own client knows it. */
  async createRoom(options: RoomOptions): Promise<string> {
    const encrypted = options.encrypted ?? true;
    const visibility = options.historyVisibility ?? "shared";
    const { room_id: roomId } = await this.client.createRoom({
      name: options.name,
      visibility: Visibility.Private,
      preset: Preset.PrivateChat,
      invite: (options.invite ?? []).map((person) => person.userId),
      ...(options.alias === undefined ? {} : { room_alias_name: options.alias }),
      ...(options.roomVersion === undefined ? {} : { room_version: options.roomVersion }),
      ...(options.powerLevels === undefined ? {} : { power_level_content_override: options.powerLevels }),
      initial_state: [
        { type: "m.room.history_visibility", state_key: "", content: { history_visibility: visibility } },
        ...(encrypted
          ? [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }]
          : []),
      ],
    });
    await this.#untilJoined(roomId);
    return roomId;
  }

  /** The everyday case of `createRoom`. */
  async createEncryptedRoom(options: Omit<RoomOptions, "encrypted">): Promise<string> {
    return this.createRoom({ ...options, encrypted: true });
  }

  /** Joins a room that this person is invited to, and waits until the own client knows its members. */
  async join(roomId: string): Promise<void> {
    await this.client.joinRoom(roomId);
    await this.#untilJoined(roomId);
  }

  /** Sends a text. Answers with the event id once the homeserver has it. */
  async say(roomId: string, text: string, extra: Content = {}): Promise<string> {
    return this.sendContent(roomId, { msgtype: "m.text", body: text, ...extra });
  }

  /** Sends any content, encrypted where the room is; each with a transaction id of its own. */
  async sendContent(roomId: string, content: Content, type = "m.room.message"): Promise<string> {
    return (await this.#anyContent.sendEvent(roomId, type, content, randomUUID())).event_id;
  }

  /** Sends an event past the client, unencrypted also in an encrypted room: what a forging homeserver could do. */
  async sendInTheClear(roomId: string, content: Content, type = "m.room.message"): Promise<string> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${randomUUID()}`;
    const response = await fetch(`${this.#synapse.url}${path}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${this.accessToken}`, "content-type": "application/json" },
      body: JSON.stringify(content),
    });
    if (!response.ok) throw new Error(`${this.name} could not send: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { event_id: string }).event_id;
  }

  async edit(roomId: string, eventId: string, text: string): Promise<string> {
    return this.sendContent(roomId, {
      msgtype: "m.text",
      body: `* ${text}`,
      "m.new_content": { msgtype: "m.text", body: text },
      "m.relates_to": { rel_type: "m.replace", event_id: eventId },
    });
  }

  async reply(roomId: string, eventId: string, text: string): Promise<string> {
    return this.say(roomId, text, { "m.relates_to": { "m.in_reply_to": { event_id: eventId } } });
  }

  async replyInThread(roomId: string, rootId: string, text: string): Promise<string> {
    const fallback = { is_falling_back: true, "m.in_reply_to": { event_id: rootId } };
    return this.say(roomId, text, { "m.relates_to": { rel_type: "m.thread", event_id: rootId, ...fallback } });
  }

  /** Answers with the reaction's event id. */
  async react(roomId: string, eventId: string, key: string): Promise<string> {
    const relation = { rel_type: "m.annotation", event_id: eventId, key };
    return this.sendContent(roomId, { "m.relates_to": relation }, "m.reaction");
  }

  async redact(roomId: string, eventId: string): Promise<string> {
    return (await this.client.redactEvent(roomId, eventId, randomUUID())).event_id;
  }

  /** Gives people of a room the power levels named; nobody else's change. */
  async setPower(roomId: string, levels: Record<string, number>): Promise<void> {
    const before = (await this.state(roomId, "m.room.power_levels")) ?? {};
    const users = { ...(before["users"] as Record<string, number> | undefined), ...levels };
    await this.setState(roomId, "m.room.power_levels", "", { ...before, users });
  }

  async setState(roomId: string, type: string, stateKey: string, content: Content): Promise<string> {
    return (await this.#anyContent.sendStateEvent(roomId, type, content, stateKey)).event_id;
  }

  /** A state event's content as the homeserver has it now, or null. */
  async state(roomId: string, type: string, stateKey = ""): Promise<Content | null> {
    const state = await this.client.roomState(roomId);
    return state.find((event) => event.type === type && event.state_key === stateKey)?.content ?? null;
  }

  /** The room's messages in order as this person sees them: decrypted, edits and redactions applied, complete. */
  async timeline(roomId: string): Promise<SeenMessage[]> {
    const events = await completeTimeline(this.client, this.#room(roomId));
    return seenMessages(events, (event) => this.#relationOf(event), this.#seenTs);
  }

  /** The whole timeline event by event, state events included. */
  async events(roomId: string): Promise<SeenEvent[]> {
    return seenEvents(await completeTimeline(this.client, this.#room(roomId)));
  }

  /** Waits for a predicate; where it does not come true, the error shows what this person saw last in each room. */
  async waitFor<T>(predicate: () => T | Promise<T>, timeoutMs: number, what: string) {
    const explain = (): string => `${this.name} waited for ${what}, in vain.\n${this.#describeRooms()}`;
    return until(predicate, timeoutMs, explain);
  }

  /** Waits for a message that contains the text, or that the predicate accepts. */
  async waitForMessage(
    roomId: string,
    wanted: string | ((message: SeenMessage) => boolean),
    timeoutMs = 20_000,
    what = typeof wanted === "string" ? `the message "${wanted}"` : "a message",
  ): Promise<SeenMessage> {
    const fits = typeof wanted === "string" ? (message: SeenMessage) => message.body.includes(wanted) : wanted;
    return this.waitFor(async () => (await this.timeline(roomId)).find(fits), timeoutMs, what);
  }

  /** Waits until this client has heard of somebody's device: before that, what it says could not be read there. */
  async untilKnows(userId: string, deviceId: string): Promise<void> {
    const knows = async (): Promise<boolean> =>
      (await this.client.getCrypto()?.getUserDeviceInfo([userId], true))?.get(userId)?.has(deviceId) === true;
    await this.waitFor(knows, 20_000, `${userId}'s device ${deviceId}`);
  }

  /** Ends this client; the account and its device stay. */
  async stop(): Promise<void> {
    this.#session?.client.stopClient();
    this.#session = null;
  }

  get #anyContent(): AnyContent {
    return this.client;
  }

  #room(roomId: string): Room {
    const room = this.client.getRoom(roomId);
    if (room) return room;
    throw new Error(`${this.name}'s client does not know the room ${roomId}.`);
  }

  async #untilJoined(roomId: string): Promise<void> {
    const known = (): boolean => {
      const room = this.client.getRoom(roomId);
      return room?.getMyMembership() === "join" && room.currentState.getStateEvents(EventType.RoomCreate, "") !== null;
    };
    await until(known, 20_000, () => `${this.name}'s client did not hear of having joined ${roomId}.`);
  }

  /** Notes when an event was first readable, and what it relates to, which a redaction removes. */
  #see(event: MatrixEvent): void {
    const id = event.getId();
    if (id === undefined || event.isRedacted()) return;
    const relation = event.getWireContent()["m.relates_to"] as Content | undefined;
    if (relation) this.#relations.set(id, relation);
    const readable = !event.isDecryptionFailure() && event.getType() !== "m.room.encrypted";
    if (readable && !this.#seenTs.has(id)) this.#seenTs.set(id, Date.now());
  }

  #relationOf(event: MatrixEvent): Content | undefined {
    const present = event.getWireContent()["m.relates_to"] ?? event.getOriginalContent()["m.relates_to"];
    return (present as Content | undefined) ?? this.#relations.get(event.getId() ?? "");
  }

  #describeRooms(): string {
    const rooms = this.#session?.client.getRooms() ?? [];
    const described = rooms.map((room) => {
      const messages = seenMessages(knownEvents(room), (event) => this.#relationOf(event), this.#seenTs);
      const last = messages.slice(-8).map((message) => `    ${describeMessage(message)}`);
      return `  ${room.name}, ${messages.length} messages, the last ones:\n${last.join("\n")}`;
    });
    return described.join("\n");
  }
}

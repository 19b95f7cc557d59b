import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import { MatrixEvent, MatrixEventEvent } from "matrix-js-sdk/lib/models/event.js";
import type { Room } from "matrix-js-sdk/lib/models/room.js";
import { isObject, type JsonObject, type SourceEvent } from "../../main/matrix/event.ts";
import { isMxcUri } from "../../main/matrix/media.ts";
import { isEventId, isUserId, localpart, TRANSACTION_PREFIX, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import { puppetName } from "../../main/matrix/puppets.ts";
import { previousContent } from "./previous-state.ts";

/** An event as it came from the homeserver, with the SDK's object that decrypts it. */
export interface ReceivedEvent {
  raw: JsonObject;
  event: MatrixEvent;
  receivedTs: number;
}

/** Takes an event from the homeserver in; null where it is no event at all. */
export function receive(client: MatrixClient, roomId: RoomId, raw: unknown): ReceivedEvent | null {
  if (!isObject(raw) || !isEventId(raw["event_id"]) || !isUserId(raw["sender"])) return null;
  if (typeof raw["type"] !== "string" || !isObject(raw["content"])) return null;
  // The object that the SDK made of it while synchronising is being decrypted already.
  const known = client.getRoom(roomId)?.findEventById(raw["event_id"]);
  const event = known ?? new MatrixEvent({ ...raw, room_id: roomId });
  return { raw, event, receivedTs: Date.now() };
}

/** Whether this very device has sent the event as a copy: then nobody asks what is in it. */
export function isOwnCopy(client: MatrixClient, raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const transactionId = isObject(raw["unsigned"]) ? raw["unsigned"]["transaction_id"] : undefined;
  if (typeof transactionId !== "string" || !transactionId.startsWith(TRANSACTION_PREFIX)) return false;
  return raw["sender"] === client.getSafeUserId() && raw["type"] === "m.room.encrypted";
}

/** An own copy as it came, with nothing decrypted: main knows it by its id or its transaction. */
export function ownCopyEvent(client: MatrixClient, roomId: RoomId, received: ReceivedEvent): SourceEvent {
  return { ...toSourceEvent(client, roomId, received, true), content: {}, undecryptable: undefined };
}

/** Tries to decrypt, once. Afterwards the event either has its content or says why not. */
export async function decrypt(client: MatrixClient, { event }: ReceivedEvent): Promise<void> {
  if (event.isEncrypted() && !event.isRedacted()) await client.decryptEventIfNeeded(event);
}

/** Whether the event is encrypted and has not been decrypted (yet). */
export function isUndecrypted({ event }: ReceivedEvent): boolean {
  return (
    event.isEncrypted() && !event.isRedacted() && (event.getClearContent() === null || event.isDecryptionFailure())
  );
}

/** Calls back each time the event has been decrypted with success, until it says that it has seen enough. */
export function onDecrypted(received: ReceivedEvent, listener: () => void): () => void {
  const check = (): void => {
    if (!isUndecrypted(received)) listener();
  };
  received.event.on(MatrixEventEvent.Decrypted, check);
  return () => void received.event.off(MatrixEventEvent.Decrypted, check);
}

/** The display names that came with a page of older events, whose senders the room's state may not hold. */
export type Names = ReadonlyMap<string, string>;

/** The event as main takes it; never anything that the SDK has changed in it by applying edits. */
export function toSourceEvent(
  client: MatrixClient,
  roomId: RoomId,
  received: ReceivedEvent,
  roomEncrypted: boolean,
  names?: Names,
): SourceEvent {
  const { raw, event } = received;
  const sender = raw["sender"] as UserId;
  const encrypted = raw["type"] === "m.room.encrypted";
  const redacted = event.isRedacted();
  const undecrypted = isUndecrypted(received);
  const redacts = raw["redacts"] ?? (raw["content"] as JsonObject)["redacts"];
  const transactionId = isObject(raw["unsigned"]) ? raw["unsigned"]["transaction_id"] : undefined;
  const room = client.getRoom(roomId);
  const avatar = room?.getMember(sender)?.getMxcAvatarUrl();
  return {
    roomId,
    eventId: raw["event_id"] as SourceEvent["eventId"],
    sender,
    senderAvatar: isMxcUri(avatar) ? avatar : undefined,
    senderName: nameOf(room, sender) || names?.get(sender) || ownName(raw) || localpart(sender) || sender,
    type: encrypted && !undecrypted && !redacted ? event.getType() : (raw["type"] as string),
    originServerTs: typeof raw["origin_server_ts"] === "number" ? raw["origin_server_ts"] : 0,
    stateKey: typeof raw["state_key"] === "string" ? raw["state_key"] : undefined,
    ...stateBefore(room, raw, names),
    content: redacted ? {} : contentOf(received, encrypted, undecrypted),
    redacts: isEventId(redacts) ? redacts : undefined,
    transactionId: typeof transactionId === "string" ? transactionId : undefined,
    encrypted,
    roomEncrypted,
    undecryptable: undecrypted ? (event.decryptionFailureReason ?? "UNKNOWN_ERROR") : undefined,
    redacted: redacted || undefined,
  };
}

/** What a state event changes, and of a membership whose it is. */
function stateBefore(
  room: Room | null,
  raw: JsonObject,
  names?: Names,
): Pick<SourceEvent, "previousContent" | "memberName"> {
  const before = previousContent(raw);
  const member = raw["type"] === "m.room.member" ? raw["state_key"] : undefined;
  if (!isUserId(member)) return { previousContent: before };
  const memberName = nameOf(room, member) || names?.get(member) || nameIn(raw) || localpart(member) || member;
  return { previousContent: before, memberName };
}

/** The name that somebody gives themselves in their own membership, or had before. */
function ownName(raw: JsonObject): string | undefined {
  return raw["type"] === "m.room.member" && raw["state_key"] === raw["sender"] ? nameIn(raw) : undefined;
}

function nameIn(raw: JsonObject): string | undefined {
  const contents = [raw["content"], previousContent(raw)];
  return contents
    .map((content) => (isObject(content) ? content["displayname"] : undefined))
    .find((name) => typeof name === "string" && name !== "") as string | undefined;
}

/** A member's name as the specification disambiguates it, and as they have it on the network that they come from. */
function nameOf(room: Room | null, sender: UserId): string {
  const member = room?.getMember(sender);
  if (!room || !member || member.disambiguate) return member?.name ?? "";
  const isTaken = (name: string): boolean =>
    room.currentState.getUserIdsWithDisplayName(name).some((other) => other !== sender);
  return puppetName(member.name, sender, isTaken);
}

function contentOf({ raw, event }: ReceivedEvent, encrypted: boolean, undecrypted: boolean): JsonObject {
  const wire = raw["content"] as JsonObject;
  if (!encrypted) return wire;
  const clear = undecrypted ? {} : ((event.getClearContent() ?? {}) as JsonObject);
  // The relation of an encrypted event stands outside of what is encrypted (client-server API, m.room.encrypted).
  const relation = wire["m.relates_to"];
  return relation === undefined ? clear : { ...clear, "m.relates_to": relation };
}

/** Whether what is sent to a room must be encrypted: by its state, or by what the crypto store remembers of it. */
export async function isEncryptedRoom(client: MatrixClient, roomId: RoomId): Promise<boolean> {
  if (client.getRoom(roomId)?.hasEncryptionStateEvent()) return true;
  return (await client.getCrypto()?.isEncryptionEnabledInRoom(roomId)) ?? false;
}

/** The crypto layer with the methods that the SDK's own client uses. */
export function cryptoBackend(client: MatrixClient): CryptoBackend {
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("crypto is not open");
  return crypto as CryptoBackend;
}

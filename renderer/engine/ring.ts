import { ClientEvent, type MatrixClient } from "matrix-js-sdk/lib/client.js";
import type { ToDevicePayload } from "matrix-js-sdk/lib/models/ToDeviceMessage.js";
import type { ReceivedToDeviceMessage } from "matrix-js-sdk/lib/sync-accumulator.js";
import { isObject } from "../../main/matrix/event.ts";
import { isEventId, isRoomId, isUserId, type EventId, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import { RING } from "../../main/matrix/unstable.ts";
import type { engineNotifications } from "../../main/protocol/engine.ts";
import type { Client } from "../../main/protocol/rpc.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { toFailure } from "./failures.ts";
import type { Patience } from "./patience.ts";
import { cryptoBackend } from "./source-event.ts";

const MOST_USERS = 20;
const MOST_DEVICES = 50;
const MINUTE_MS = 60_000;
/** So many rings a minute are passed on, of everybody and of one sender. */
const MOST_RINGS = 30;
const MOST_OF_ONE = 10;

export interface Ring {
  sender: UserId;
  roomId: RoomId;
  eventId: EventId;
}

/**
 * See `ring` of the contract.
 *
 * @throws FerryError where the user's own homeserver cannot be reached or refuses; devices that cannot be encrypted to
 * are left out
 */
export async function ring(
  client: MatrixClient,
  request: { roomId: RoomId; eventId: EventId; users: readonly UserId[] },
): Promise<void> {
  const users = [...new Set(request.users)].slice(0, MOST_USERS);
  if (users.length === 0) return;
  const content = { room_id: request.roomId, event_id: request.eventId };
  try {
    await queryDeviceKeys(client, users);
    const devices = await cryptoBackend(client).getUserDeviceInfo([...users], true);
    for (const user of users) {
      const ids = [...(devices.get(user)?.keys() ?? [])].slice(0, MOST_DEVICES);
      const others = ids.filter((id) => user !== client.getUserId() || id !== client.getDeviceId());
      const messages = await encryptFor(client, user, others, content);
      if (messages.size > 0) await client.sendToDevice("m.room.encrypted", new Map([[user, messages]]));
    }
  } catch (error) {
    throw toFailure(error);
  }
}

/** The message for each device that it can be encrypted to: one whose keys cannot be had does not hold up the others. */
async function encryptFor(
  client: MatrixClient,
  userId: UserId,
  deviceIds: readonly string[],
  content: ToDevicePayload,
): Promise<Map<string, ToDevicePayload>> {
  const messages = new Map<string, ToDevicePayload>();
  for (const deviceId of deviceIds) {
    try {
      const { batch } = await cryptoBackend(client).encryptToDeviceMessages(RING, [{ userId, deviceId }], content);
      for (const { payload } of batch) messages.set(deviceId, payload);
    } catch (error) {
      // What the crypto library itself says is about this device; all else is about the homeserver.
      const failure = toFailure(error);
      if (failure.code !== "internal") throw failure;
    }
  }
  return messages;
}

/** A ring as it came; null for everything else. Only what came encrypted counts, and says for certain who sent it. */
export function readRing({ message, encryptionInfo }: ReceivedToDeviceMessage): Ring | null {
  const content: unknown = message.content;
  if (message.type !== RING || encryptionInfo === null || !isObject(content)) return null;
  const { sender } = encryptionInfo;
  const { room_id: roomId, event_id: eventId } = content;
  return isUserId(sender) && isRoomId(roomId) && isEventId(eventId) ? { sender, roomId, eventId } : null;
}

/** Lets through what is no flood: in each minute some of everybody's rings, and fewer of one sender's. */
export class FloodLimit {
  readonly #bySender = new Map<string, number>();
  #startTs = -Infinity;
  #passed = 0;

  /** Whether a ring passes that comes at `now`, in milliseconds. */
  take(sender: string, now: number): boolean {
    if (now - this.#startTs >= MINUTE_MS || now < this.#startTs) {
      this.#startTs = now;
      this.#passed = 0;
      this.#bySender.clear();
    }
    const ofSender = this.#bySender.get(sender) ?? 0;
    if (this.#passed >= MOST_RINGS || ofSender >= MOST_OF_ONE) return false;
    this.#passed += 1;
    this.#bySender.set(sender, ofSender + 1);
    return true;
  }
}

/** Passes on to main that somebody's Ferry has rung. */
export function listenForRings(
  client: MatrixClient,
  main: Pick<Client<typeof engineNotifications>, "rung" | "log">,
  patience: Patience,
): void {
  const limit = new FloodLimit();
  let dropped = 0;
  const report = (): void => {
    // A line of the log that main does not take has nobody else to go to.
    main.log({ level: "warn", event: "rings-dropped", fields: { dropped } }).catch(() => undefined);
    dropped = 0;
  };
  client.on(ClientEvent.ReceivedToDeviceMessage, (received) => {
    const read = readRing(received);
    if (read === null) return;
    if (limit.take(read.sender, Date.now())) return void patience.untilDone(() => main.rung(read));
    // One line a minute, however many there are.
    if (dropped === 0) setTimeout(report, MINUTE_MS);
    dropped += 1;
  });
}

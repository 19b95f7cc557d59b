import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { EventShieldColour, EventShieldReason, type EventEncryptionInfo } from "matrix-js-sdk/lib/crypto-api/index.js";
import { Method } from "matrix-js-sdk/lib/http-api/index.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import { FerryError } from "../../main/matrix/errors.ts";
import { isObject, type JsonObject } from "../../main/matrix/event.ts";
import { isUserId, type EventId, type RoomId, type UserId } from "../../main/matrix/ids.ts";
import { approverLevel, powerOf, type PowerState } from "../../main/matrix/power-levels.ts";
import { CONNECTION } from "../../main/matrix/unstable.ts";
import type { Examination } from "../../main/protocol/examination.ts";
import { queryDeviceKeys } from "./device-keys.ts";
import { toFailure } from "./failures.ts";
import { decrypt, isUndecrypted, receive, toSourceEvent, type ReceivedEvent } from "./source-event.ts";

type Shield = Pick<Examination, "shield" | "shieldReason">;
type Standing = Pick<Examination, "membership" | "power" | "required">;

const NO_SHIELD: Shield = { shield: "none", shieldReason: null };

/** Stable words for the SDK's numbers. */
const REASONS: Record<EventShieldReason, string> = {
  [EventShieldReason.UNKNOWN]: "unknown",
  [EventShieldReason.UNVERIFIED_IDENTITY]: "unverified-identity",
  [EventShieldReason.UNSIGNED_DEVICE]: "unsigned-device",
  [EventShieldReason.UNKNOWN_DEVICE]: "unknown-device",
  [EventShieldReason.AUTHENTICITY_NOT_GUARANTEED]: "authenticity-not-guaranteed",
  [EventShieldReason.MISMATCHED_SENDER_KEY]: "mismatched-sender-key",
  [EventShieldReason.SENT_IN_CLEAR]: "sent-in-clear",
  [EventShieldReason.VERIFICATION_VIOLATION]: "verification-violation",
  [EventShieldReason.MISMATCHED_SENDER]: "mismatched-sender",
};

/** See `examine` of the contract. */
export async function examine(client: MatrixClient, roomId: RoomId, eventId: EventId): Promise<Examination> {
  const context = await readContext(client, roomId, eventId, true);
  const received = receiveAfresh(client, roomId, context["event"]);
  if (received?.raw["event_id"] !== eventId) throw notFound();
  const sender = received.raw["sender"] as UserId;
  const standing =
    standingOf(sender, context["state"]) ??
    standingOf(sender, (await readContext(client, roomId, eventId, false))["state"]);
  if (!standing) {
    throw new FerryError("homeserver-error", "The homeserver did not say what the room was like at an event.");
  }
  await decrypt(client, received);
  if (isUndecrypted(received)) {
    throw new FerryError("key-missing", "This message could not be decrypted: its key has not come.");
  }
  const { type, stateKey, content, encrypted, redacted, originServerTs } = toSourceEvent(
    client,
    roomId,
    received,
    true,
  );
  return {
    ...{ sender, type, stateKey: stateKey ?? null, content, encrypted, redacted: redacted === true, originServerTs },
    ...standing,
    ...(encrypted && redacted !== true ? await readShield(client, received.event, sender) : NO_SHIELD),
  };
}

/**
 * An object of its own for the event as the homeserver gives it now: one that the SDK has from elsewhere was decrypted
 * for the sender who was named then, and this answer may name another.
 */
function receiveAfresh(client: MatrixClient, roomId: RoomId, raw: unknown): ReceivedEvent | null {
  const received = receive(client, roomId, raw);
  return received && { ...received, event: new MatrixEvent({ ...received.raw, room_id: roomId }) };
}

/** The event, with the room's state at it (client-server API, `/context`); `lazy` leaves other people's memberships out. */
async function readContext(client: MatrixClient, roomId: RoomId, eventId: EventId, lazy: boolean): Promise<JsonObject> {
  const path = `/rooms/${encodeURIComponent(roomId)}/context/${encodeURIComponent(eventId)}`;
  const filter = lazy ? { filter: JSON.stringify({ lazy_load_members: true }) } : {};
  try {
    const answer = await client.http.authedRequest<unknown>(Method.Get, path, { limit: "0", ...filter });
    return isObject(answer) ? answer : {};
  } catch (error) {
    const failure = toFailure(error);
    throw failure.code === "forbidden" || failure.code === "event-not-found" ? notFound() : failure;
  }
}

function notFound(): FerryError {
  return new FerryError("event-not-found", "The homeserver does not have this event, or does not show it any more.");
}

/** Somebody's membership and power in a room's state; null where it leaves out what that is read from. */
export function standingOf(user: UserId, state: unknown): Standing | null {
  const events = (Array.isArray(state) ? (state as unknown[]) : []).filter(isObject);
  const find = (type: string, key: string): JsonObject | undefined =>
    events.find((event) => event["type"] === type && event["state_key"] === key && isObject(event["content"]));
  const [create, member] = [find("m.room.create", ""), find("m.room.member", user)];
  if (!create || !isUserId(create["sender"]) || !member) return null;
  const levels = find("m.room.power_levels", "")?.["content"];
  const powerLevels = isObject(levels) ? levels : null;
  const power: PowerState = {
    create: { sender: create["sender"], content: create["content"] as JsonObject },
    powerLevels,
  };
  const membership = (member["content"] as JsonObject)["membership"];
  const level = powerOf(user, power);
  return {
    membership: typeof membership === "string" ? membership : "leave",
    power: level === Number.POSITIVE_INFINITY ? null : level,
    required: approverLevel(CONNECTION, powerLevels),
  };
}

async function readShield(client: MatrixClient, event: MatrixEvent, sender: UserId): Promise<Shield> {
  const ask = async (): Promise<EventEncryptionInfo | null> =>
    (await client.getCrypto()?.getEncryptionInfoForEvent(event)) ?? null;
  let info = await ask();
  if (info?.shieldReason === EventShieldReason.UNKNOWN_DEVICE) {
    // Its keys may just not have been asked for yet.
    await queryDeviceKeys(client, [sender]).catch((error: unknown) => {
      throw toFailure(error);
    });
    info = await ask();
  }
  return shieldOf(info);
}

/** What the SDK thinks of the device that sent an event; what it says nothing of is suspicious. */
export function shieldOf(info: EventEncryptionInfo | null): Shield {
  if (info === null) return { shield: "red", shieldReason: "unknown" };
  const shieldReason = info.shieldReason === null ? "unknown" : (REASONS[info.shieldReason] ?? "unknown");
  switch (info.shieldColour) {
    case EventShieldColour.NONE:
      return NO_SHIELD;
    case EventShieldColour.GREY:
      return { shield: "grey", shieldReason };
    case EventShieldColour.RED:
      return { shield: "red", shieldReason };
  }
}

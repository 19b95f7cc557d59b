import type { MatrixClient } from "matrix-js-sdk/lib/client.js";
import { MatrixEvent } from "matrix-js-sdk/lib/models/event.js";
import { FerryError } from "../../main/matrix/errors.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import type { Outgoing } from "../../main/protocol/engine.ts";
import { toFailure } from "./failures.ts";
import { encryptEvent } from "./keys-for.ts";
import { isEncryptedRoom } from "./source-event.ts";

/** What was encrypted ahead is not sent past this, in milliseconds: members may have left meanwhile. */
const AHEAD_LIMIT_MS = 2_000;

/** A message as it goes over the wire. */
interface Wire {
  type: string;
  content: object;
}

/** At most one message for each room, encrypted before its turn. */
const ahead = new Map<RoomId, { key: string; encryptedAt: number; wire: Promise<Wire> }>();

/**
 * Encrypts what will probably be sent next into its room, while the message before it is under way. Whether it will,
 * is not sure: only a `send` of just this uses it, and otherwise a step of the room's ratchet has been left out, which
 * costs nothing.
 */
export function encryptAhead(client: MatrixClient, outgoing: Outgoing): void {
  const wire = encrypt(client, outgoing);
  // Whoever wants to send it hears of the failure, by trying once more.
  wire.catch(() => undefined);
  ahead.set(outgoing.roomId, { key: keyOf(outgoing), encryptedAt: performance.now(), wire });
}

/** The message encrypted, where that has been done ahead of its turn; otherwise encrypts it now. */
export async function encryptOnce(client: MatrixClient, outgoing: Outgoing): Promise<Wire> {
  const prepared = ahead.get(outgoing.roomId);
  ahead.delete(outgoing.roomId);
  if (prepared?.key === keyOf(outgoing) && performance.now() - prepared.encryptedAt < AHEAD_LIMIT_MS) {
    const wire = await prepared.wire.catch(() => null);
    if (wire !== null) return wire;
  }
  return encrypt(client, outgoing);
}

/** What was encrypted ahead has gone to devices that may not get keys any more. */
export function forgetAhead(): void {
  ahead.clear();
}

function keyOf(outgoing: Outgoing): string {
  return JSON.stringify(outgoing);
}

async function encrypt(client: MatrixClient, outgoing: Outgoing): Promise<Wire> {
  const { roomId, type, content, transactionId, mustEncrypt } = outgoing;
  const room = client.getRoom(roomId);
  if (!room) throw notThere(client);
  const event = new MatrixEvent({
    room_id: roomId,
    sender: client.getSafeUserId(),
    event_id: `~${transactionId}`,
    type,
    content,
  });
  const isEncrypted = await requireEncryption(client, roomId, mustEncrypt);
  // Reactions stand in the clear in every client: homeservers aggregate them.
  if (type !== "m.reaction" && isEncrypted) {
    try {
      await encryptEvent(client, event, room);
    } catch (error) {
      throw encryptionFailure(error);
    }
  }
  return { type: event.getWireType(), content: event.getWireContent() };
}

/** Whether a room is encrypted. @throws FerryError `encryption-gone` where it must be, and is not */
export async function requireEncryption(client: MatrixClient, roomId: RoomId, must: boolean): Promise<boolean> {
  const isEncrypted = await isEncryptedRoom(client, roomId);
  if (isEncrypted || !must) return isEncrypted;
  throw new FerryError("encryption-gone", "the homeserver says that this room is not encrypted, and it was.");
}

/** Why a room that is sent to is not known. */
export function notThere(client: MatrixClient): FerryError {
  return client.isInitialSyncComplete()
    ? new FerryError("not-joined", "This account is not in that room any more.")
    : new FerryError("homeserver-unreachable", "Ferry has not reached the homeserver since it started.");
}

/** A failed request for keys is the network's failure; what the crypto library itself refuses is another matter. */
function encryptionFailure(error: unknown): FerryError {
  const failure = toFailure(error);
  if (failure.code !== "internal") return failure;
  return new FerryError("encryption-failed", `The message could not be encrypted (${failure.message}).`);
}

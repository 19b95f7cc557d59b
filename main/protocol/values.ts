import { z } from "zod";
import type { Json, JsonObject, RoomSummary, SourceEvent } from "../matrix/event.ts";
import { isObject } from "../matrix/event.ts";
import { isFileEncryption, isMxcUri, type FileEncryption, type MxcUri } from "../matrix/media.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { TOLD_CHANGES } from "../matrix/told-changes.ts";
import * as ids from "../matrix/ids.ts";

/** The schemas that both contracts share. */

export const roomId = z.custom<ids.RoomId>(ids.isRoomId);
export const roomAlias = z.custom<ids.RoomAlias>(ids.isRoomAlias);
export const eventId = z.custom<ids.EventId>(ids.isEventId);
export const userId = z.custom<ids.UserId>(ids.isUserId);
export const deviceId = z.custom<ids.DeviceId>(ids.isDeviceId);
export const transactionId = z.custom<ids.TransactionId>(ids.isTransactionId);
export const linkId = z.custom<ids.LinkId>(ids.isLinkId);
/** Event contents come out of `JSON.parse`, so being an object is all there is to check here. */
export const jsonObject = z.custom<JsonObject>(isObject);
export const json = z.custom<Json>((value) => value !== undefined);
export const nothing = z.object({});

/** What is told of a room besides messages. */
export const toldChanges = z.array(z.enum(TOLD_CHANGES)).max(TOLD_CHANGES.length);

export const mxcUri = z.custom<MxcUri>(isMxcUri);
/** A file of the content repository, and how it is encrypted. */
export const fileReference = z.object({
  url: mxcUri,
  encryption: z
    .custom<FileEncryption>((value) => isObject(value) && isFileEncryption(value as unknown as FileEncryption))
    .nullable(),
});
export const fileFailure = z.enum(["file-missing", "file-damaged", "file-too-large", "file-refused"]);

/**
 * Whether a server may be asked with secrets at this address: https, or plain http on this machine. Its origin has only
 * characters that mean nothing in a content security policy.
 */
export function isServerAddress(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 2000 || !URL.canParse(value)) return false;
  const { origin, protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "" || !/^https?:\/\/[A-Za-z0-9.:[\]_-]+$/.test(origin)) return false;
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
export const serverAddress = z.custom<string>(isServerAddress);

export const sourceEvent: z.ZodType<SourceEvent> = z.object({
  roomId,
  eventId,
  sender: userId,
  senderName: z.string().min(1),
  senderAvatar: mxcUri.optional(),
  type: z.string(),
  originServerTs: z.number(),
  stateKey: z.string().optional(),
  previousContent: jsonObject.nullable().optional(),
  memberName: z.string().optional(),
  content: jsonObject,
  redacts: eventId.optional(),
  transactionId: z.string().optional(),
  encrypted: z.boolean(),
  roomEncrypted: z.boolean(),
  undecryptable: z.string().optional(),
  redacted: z.boolean().optional(),
});

export const roomSummary: z.ZodType<RoomSummary> = z.object({
  roomId,
  name: z.string(),
  alias: z.string().optional(),
  hasAvatar: z.boolean(),
  encrypted: z.boolean(),
  joinRule: z.string(),
  historyVisibility: z.string(),
  joinedMembers: z.number(),
  invitedMembers: z.number(),
  roomVersion: z.string(),
  ownPower: z.number().nullable(),
  requiredPower: z.number(),
});

export const roomFacts: z.ZodType<RoomFacts> = z.object({
  roomId,
  name: z.string(),
  membership: z.string(),
  encrypted: z.boolean(),
  joinRule: z.string(),
  allowedRooms: z.array(roomId),
  historyVisibility: z.string(),
  guestsMayJoin: z.boolean(),
  published: z.boolean().nullable(),
  aliases: z.array(z.string()),
  joined: z.array(userId),
  invited: z.array(userId),
  bridges: z.array(z.string()),
  power: z.object({
    create: z.object({ sender: userId, content: jsonObject }),
    powerLevels: jsonObject.nullable(),
  }),
  tombstone: z.object({ successor: roomId.nullable() }).nullable(),
  connections: z.array(z.object({ stateKey: z.string(), eventId, sender: userId, content: jsonObject })),
});

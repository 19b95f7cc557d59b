/**
 * Matrix identifiers as types of their own, so that a room id is never passed where an event id belongs.
 *
 * Follows the specification's appendix "Identifier Grammar", tolerantly: homeservers have accepted more than the
 * grammar allows, so only the sigil, the length and that all of it can be written down again are checked.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RoomId = Branded<"RoomId">;
export type RoomAlias = Branded<"RoomAlias">;
export type EventId = Branded<"EventId">;
export type UserId = Branded<"UserId">;
export type DeviceId = Branded<"DeviceId">;
export type TransactionId = Branded<"TransactionId">;
/** Ferry's own name for a link; also the state key of its `connection` state event. */
export type LinkId = Branded<"LinkId">;

/** What Ferry's transaction ids begin with: by them the homeserver tells this device which events are its own copies. */
export const TRANSACTION_PREFIX = "ferry.";

const MAX_BYTES = 255;

function hasForm(value: unknown, sigil: string): value is string {
  if (typeof value !== "string" || value.length < 2 || !value.startsWith(sigil)) return false;
  if (!value.isWellFormed()) return false;
  // eslint-disable-next-line no-control-regex -- control characters are what this refuses
  return new TextEncoder().encode(value).length <= MAX_BYTES && !/[\u0000-\u0020\u007f]/.test(value);
}

export function isRoomId(value: unknown): value is RoomId {
  return hasForm(value, "!");
}

export function isRoomAlias(value: unknown): value is RoomAlias {
  return hasForm(value, "#") && value.includes(":");
}

export function isEventId(value: unknown): value is EventId {
  return hasForm(value, "$");
}

export function isUserId(value: unknown): value is UserId {
  return hasForm(value, "@") && value.includes(":");
}

export function isDeviceId(value: unknown): value is DeviceId {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_BYTES;
}

export function isTransactionId(value: unknown): value is TransactionId {
  return typeof value === "string" && /^[A-Za-z0-9._~-]{1,255}$/.test(value);
}

export function isLinkId(value: unknown): value is LinkId {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

/** The part of a user id between the sigil and the server name: `ana` of `@ana:example.org`. */
export function localpart(userId: UserId): string {
  return userId.slice(1, userId.indexOf(":"));
}

/** The server's name in a user id. */
export function serverOf(userId: UserId): string {
  return userId.slice(userId.indexOf(":") + 1);
}

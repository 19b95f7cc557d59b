import { createHash } from "node:crypto";
import type { GapCode } from "../matrix/codes.ts";
import type { LinkId, RoomId, UserId } from "../matrix/ids.ts";
import type { LinkSettings } from "../matrix/link-settings.ts";
import { toldChanges, type ToldChange } from "../matrix/told-changes.ts";

export type Direction = "two-way" | "one-way";

/** One room's side of a link. */
export interface LinkRoom {
  roomId: RoomId;
  /** Its name when the link was made. */
  name: string;
  /** Whether it was encrypted when the link was made: then nothing is ever sent into it in the clear. */
  encrypted: boolean;
  /** Why nothing is sent into it for this link, as a sentence; null while it is. */
  suspended: string | null;
  /** What is wanting for its consent: nothing passes into it or out of it for this link. Null where nothing is wanting. */
  gap: Gap | null;
}

export interface Gap {
  code: GapCode;
  /** For the user: what is the case, and what can be done. */
  sentence: string;
}

/** Two or more rooms that are mirrored into each other (MSC2923: a connection). */
export interface Link {
  id: LinkId;
  name: string;
  direction: Direction;
  /** `starting`: its rooms are being told; nothing is copied yet. `paused`: copies are owed but not sent. */
  state: "starting" | "active" | "paused";
  termsHash: string;
  /** The account that carries it. */
  carrier: UserId;
  createdTs: number;
  /** The link that this one is to take the place of when it begins: a change of it, in other words. */
  replaces: LinkId | null;
  /** Which changes of a room the rooms that its messages go to are told of: a part of the terms. */
  tells: ToldChange[];
  settings: LinkSettings;
  /** Of a one-way link the first room is the source. */
  rooms: LinkRoom[];
}

/** The rooms that a link copies a room's events to; none where the room is no source of it. */
export function destinationsOf(link: Link, source: RoomId): RoomId[] {
  if (!link.rooms.some((room) => room.roomId === source)) return [];
  if (link.direction === "one-way" && link.rooms[0]?.roomId !== source) return [];
  return link.rooms.map((room) => room.roomId).filter((room) => room !== source);
}

/** Whether nothing is wanting for the consent of two of its rooms. */
export function isOpen(link: Link, source: RoomId, destination: RoomId): boolean {
  return link.rooms.every((room) => room.gap === null || (room.roomId !== source && room.roomId !== destination));
}

/** What a link does, in one canonical form, hashed: a consent names this hash. */
export function termsHash(terms: {
  rooms: RoomId[];
  direction: Direction;
  carrier: string;
  tells: ToldChange[];
}): string {
  // The order of the rooms matters only to say which one is the source of a one-way link.
  const [first, ...rest] = terms.rooms;
  const rooms = terms.direction === "two-way" ? terms.rooms.toSorted() : [first, ...rest.sort()];
  const tells = toldChanges(terms.tells);
  // As it was before anything but messages could be told: what was agreed to then still counts.
  const more = tells.length === 0 ? [] : [tells];
  const canonical = JSON.stringify(["copy", terms.direction, terms.carrier, rooms, ...more]);
  return createHash("sha256").update(canonical).digest("base64url");
}

/** The same for everybody who links the same rooms: tells two Ferries that they would carry the same messages. */
export function roomsHash(rooms: readonly RoomId[]): string {
  return createHash("sha256").update(JSON.stringify(rooms.toSorted())).digest("base64url");
}

import type { RoomId, UserId } from "../../../../main/matrix/ids.ts";

/**
 * What the test itself holds to be allowed, kept apart from how Ferry works it out: who has agreed for which room, to
 * which readers of the other one, and what has become of that since.
 */

export const [KIM, ANA, JO, LU] = ["@kim:one.test", "@ana:one.test", "@jo:one.test", "@lu:one.test"] as [
  UserId,
  UserId,
  UserId,
  UserId,
];
export const [KITCHEN, WORKSHOP] = ["!kitchen:one.test", "!workshop:one.test"] as [RoomId, RoomId];
export const PEOPLE: readonly UserId[] = [KIM, ANA, JO, LU];

/** A room as it really is, on the homeserver. */
export interface TrueRoom {
  roomId: RoomId;
  joined: Set<UserId>;
  power: Map<UserId, number>;
  joinRule: "invite" | "public";
  history: "shared" | "world_readable";
  tombstone: boolean;
}

export function mayApprove(room: TrueRoom, user: UserId): boolean {
  return room.joined.has(user) && (room.power.get(user) ?? 0) >= 50;
}

/** How open a room is in kind. */
export interface Openness {
  joinRule: TrueRoom["joinRule"];
  history: TrueRoom["history"];
}

export function opennessOf({ joinRule, history }: TrueRoom): Openness {
  return { joinRule, history };
}

function isWider(before: Openness, now: Openness): boolean {
  return (
    (before.joinRule === "invite" && now.joinRule === "public") ||
    (before.history === "shared" && now.history === "world_readable")
  );
}

/** Whether every reader of the one room is in the other, which nobody else can get into. */
function isInside(inner: TrueRoom, outer: TrueRoom): boolean {
  if (inner.history === "world_readable" && outer.history !== "world_readable") return false;
  if (inner.joinRule === "public" && outer.joinRule !== "public") return false;
  return [...inner.joined].every((user) => outer.joined.has(user));
}

/** One agreement, as the test saw it given. */
export interface Agreement {
  by: UserId;
  /** How open the other room was when it was asked for. */
  otherRoom: Openness;
  /** Nobody asked about the readers of the other room, because they were all in this one. */
  wasInside: boolean;
}

/** Keeps what has been agreed; ended agreements are gone for good. */
export class Judge {
  readonly agreements = new Map<RoomId, Agreement>();
  readonly ended = new Set<RoomId>();
  /** Rooms where the state event that says it has been emptied; whoever may writes it again. */
  readonly emptied = new Set<RoomId>();

  agree(room: RoomId, agreement: Agreement): void {
    this.agreements.set(room, agreement);
    this.ended.delete(room);
    this.emptied.delete(room);
  }

  end(room: RoomId): void {
    this.agreements.delete(room);
    this.ended.add(room);
  }

  /** To be called after every change: who has lost the power to agree has not agreed any more. */
  update(rooms: ReadonlyMap<RoomId, TrueRoom>): void {
    for (const [roomId, { by }] of this.agreements) {
      const room = rooms.get(roomId);
      if (room?.joined.has(KIM) && !room.tombstone && !mayApprove(room, by)) this.agreements.delete(roomId);
    }
  }

  /** Why a copy from one room into the other must not be made now; null where it may. */
  objection(source: TrueRoom, destination: TrueRoom): string | null {
    for (const [room, other] of [
      [source, destination],
      [destination, source],
    ] as const) {
      const found = this.#objectionOf(room, other);
      if (found !== null) return `${room.roomId}: ${found}`;
    }
    return null;
  }

  #objectionOf(room: TrueRoom, other: TrueRoom): string | null {
    if (!room.joined.has(KIM)) return "the user is not in it";
    if (room.tombstone) return "it has been replaced";
    if (this.ended.has(room.roomId)) return "its admins have ended it";
    if (this.emptied.has(room.roomId)) return "its admins have emptied what says it";
    const isAlone = [...room.joined].every((user) => user === KIM);
    if (isAlone && isInside(other, room)) return null;
    const agreement = this.agreements.get(room.roomId);
    if (agreement === undefined)
      return isAlone || !isInside(other, room) || room.joined.size > 1 ? "nobody agreed" : null;
    if (!mayApprove(room, agreement.by)) return "who agreed may not any more";
    if (isInside(other, room)) return null;
    if (agreement.wasInside) return "the other room has readers that nobody was asked about";
    return isWider(agreement.otherRoom, opennessOf(other)) ? "the other room is wider open than was agreed to" : null;
  }
}

import type { GapCode } from "../matrix/codes.ts";
import type { ConnectionEvent, RoomFacts } from "../matrix/room-facts.ts";
import { approverLevel, powerOf } from "../matrix/power-levels.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { EventId, LinkId, RoomId, UserId } from "../matrix/ids.ts";
import type { ToldChange } from "../matrix/told-changes.ts";
import { gainsOf, wideningsOf, type AudienceRecord } from "./audience.ts";
import { gapOf } from "./gap.ts";
import { listed } from "./text.ts";
import type { Direction, Gap, Link } from "./link.ts";

/**
 * Whether the rooms of a link have agreed to it (MSC2923, "Security considerations"): pure, from the rooms' present
 * state and from what was agreed to. Called anew whenever any of it changes.
 */

/** What a link does, as far as a consent is about it. Of a one-way link the first room is the source. */
export interface Terms {
  mode: "copy";
  direction: Direction;
  carrier: UserId;
  rooms: RoomId[];
  /** Which changes of a room the rooms that its messages go to are told of: it says more than messages do. */
  tells: ToldChange[];
}

/** One room's agreement. */
export interface Consent {
  /** The link that it was given for: the key of its state event. */
  link: LinkId;
  roomId: RoomId;
  terms: Terms;
  termsHash: string;
  approver: UserId;
  way: "own" | "state-event" | "reply";
  /** What says it: for `reply` a message, otherwise a state event (of an own consent once that has been sent). */
  eventId: EventId | null;
  /** Its state event has stood in the room's state. */
  seen: boolean;
  /** A `revoked` state event that stood there already when the consent was given: it is answered by it. */
  overrules: EventId | null;
  /** Who could read the other rooms when it was asked for. */
  audience: AudienceRecord[];
}

/** Why a room has to agree. */
export interface Need {
  kind: "disclosure" | "receiving";
  reason: string;
}

export interface ConsentFacts {
  link: LinkId;
  /** The links whose place it has taken, or is to take: what was said under their names about a room still counts. */
  replaced: readonly LinkId[];
  terms: Terms;
  account: UserId;
  /** The rooms as they are now; a room that is missing is one that the user is not in any more. */
  rooms: ReadonlyMap<RoomId, RoomFacts>;
  /** The consents that are in force. */
  consents: ReadonlyMap<RoomId, Consent>;
  /** Why a room that has no consent has none, where that is more than that nobody has answered. */
  lacking: ReadonlyMap<RoomId, GapCode>;
}

/** The terms of a link, as a consent is about them. */
export function termsOf(link: Pick<Link, "direction" | "carrier" | "rooms" | "tells">): Terms {
  const { direction, carrier, rooms, tells } = link;
  return { mode: "copy", direction, carrier, rooms: rooms.map((room) => room.roomId), tells };
}

/** The rooms that a room's messages go to, and those that messages come to it from. */
export function peersOf({ direction, rooms }: Terms, room: RoomId): { to: RoomId[]; from: RoomId[] } {
  const others = rooms.filter((other) => other !== room);
  if (direction === "two-way") return { to: others, from: others };
  const source = rooms[0];
  if (room === source) return { to: others, from: [] };
  return { to: [], from: source === undefined ? [] : [source] };
}

/** Whether what a room agreed to includes, for that room, what is done now: narrowing a link needs nobody's leave. */
export function covers(agreed: Terms, now: Terms, room: RoomId): boolean {
  if (agreed.carrier !== now.carrier || agreed.mode !== now.mode) return false;
  const before = peersOf(agreed, room);
  const after = peersOf(now, room);
  const isTold = after.to.length === 0 || now.tells.every((change) => agreed.tells.includes(change));
  if (!isTold) return false;
  return after.to.every((peer) => before.to.includes(peer)) && after.from.every((peer) => before.from.includes(peer));
}

/** Why a room has to agree to these terms; empty where it need not be asked. */
export function needsOf(terms: Terms, room: RoomFacts, rooms: ReadonlyMap<RoomId, RoomFacts>, account: UserId): Need[] {
  const { to, from } = peersOf(terms, room.roomId);
  const gains = to.flatMap((peer) => {
    const destination = rooms.get(peer);
    return destination === undefined ? [] : gainsOf(room, destination);
  });
  const needs: Need[] = [];
  const sentences = [...new Set(gains.map((gain) => gain.sentence))];
  if (sentences.length > 0) {
    needs.push({ kind: "disclosure", reason: `Its messages could also be read by ${listed(sentences)}.` });
  }
  const others = new Set([...room.joined, ...room.invited].filter((user) => user !== account)).size;
  if (from.length > 0 && others > 0) {
    const people = others === 1 ? "One person besides you is" : `${others} people besides you are`;
    needs.push({ kind: "receiving", reason: `${people} in it, and would get the copies.` });
  }
  return needs;
}

/** Whether somebody may agree for a room now: a member with the power for the connection state event, at least 50. */
export function isApprover(user: UserId, room: RoomFacts): boolean {
  return room.joined.includes(user) && powerOf(user, room.power) >= requiredPower(room);
}

/** The power level that agreeing for a room takes. */
export function requiredPower(room: RoomFacts): number {
  return approverLevel(CONNECTION, room.power.powerLevels);
}

/** Everybody who may agree for a room. */
export function approversOf(room: RoomFacts): UserId[] {
  return room.joined.filter((user) => isApprover(user, room));
}

/** What is wanting in each room of a link; null where nothing is. While anything is, nothing passes in or out. */
export function gapsOf(facts: ConsentFacts): Map<RoomId, Gap | null> {
  return new Map(
    facts.terms.rooms.map((roomId) => {
      const room = facts.rooms.get(roomId);
      if (room === undefined) return [roomId, gapOf("not-in-room", { name: roomId })];
      const found = gapIn(room, facts);
      return [roomId, found && gapOf(found.code, { name: room.name, ...found })];
    }),
  );
}

interface Found {
  code: GapCode;
  details?: string[];
  approver?: UserId;
}

function gapIn(room: RoomFacts, facts: ConsentFacts): Found | null {
  if (room.membership === "unknown") return { code: "room-unread" };
  if (room.membership !== "join") return { code: "not-in-room" };
  if (room.tombstone !== null) return { code: "room-upgraded" };
  const consent = facts.consents.get(room.roomId);
  // An admin's word against it counts, also where nobody has to be asked.
  if (isRevoked(room, facts, consent)) return { code: "consent-revoked" };
  const refusal = consent === undefined ? facts.lacking.get(room.roomId) : undefined;
  if (refusal === "consent-revoked" || refusal === "consent-declined") return { code: refusal };
  const { to, from } = peersOf(facts.terms, room.roomId);
  // Nobody can say then who would read the copies: not that nobody has agreed to it.
  const isUnclear = [...to, ...from].some((peer) => facts.rooms.get(peer)?.membership === "unknown");
  if (isUnclear) return { code: "room-unread" };
  const needs = needsOf(facts.terms, room, facts.rooms, facts.account);
  if (needs.length === 0) return null;
  if (consent === undefined || !covers(consent.terms, facts.terms, room.roomId)) {
    return { code: facts.lacking.get(room.roomId) ?? "consent-missing" };
  }
  if (!isApprover(consent.approver, room)) return { code: "approver-lost-power", approver: consent.approver };
  const widenings = widenedSince(consent, room, facts);
  return widenings.length === 0 ? null : { code: "audience-widened", details: widenings };
}

function isRevoked(room: RoomFacts, { link, replaced }: ConsentFacts, consent: Consent | undefined): boolean {
  if (revocationIn(room, [link, ...replaced], consent?.overrules ?? null) !== null) return true;
  const event = connectionIn(room, consent?.link ?? link);
  const status = event?.content["status"];
  if (status === "revoked") return false;
  if (consent === undefined || consent.way === "reply") return false;
  // Written anew, by whomever: in between it may have been taken back, unseen.
  if (consent.way === "state-event") return event?.eventId !== consent.eventId;
  // Gone, redacted, or something else: whoever may write it there has taken the agreement away.
  return consent.seen && status !== "active" && status !== "approved";
}

/** A link's state event in a room. */
export function connectionIn(room: RoomFacts | undefined, link: LinkId): ConnectionEvent | undefined {
  return room?.connections.find(({ stateKey }) => stateKey === link);
}

/** What says in a room's state under one of these keys that it was ended, but for what has been answered since. */
export function revocationIn(
  room: RoomFacts,
  keys: readonly LinkId[],
  answered: EventId | null = null,
): EventId | null {
  const found = room.connections.find(
    ({ stateKey, eventId, content }) =>
      keys.some((key) => key === stateKey) && content["status"] === "revoked" && eventId !== answered,
  );
  return found?.eventId ?? null;
}

/** Who can read a room's copies by now and could not when it agreed, a sentence each. */
function widenedSince(consent: Consent, room: RoomFacts, facts: ConsentFacts): string[] {
  return peersOf(facts.terms, room.roomId).to.flatMap((peer) => {
    const now = facts.rooms.get(peer);
    if (now === undefined || gainsOf(room, now).length === 0) return [];
    const before = consent.audience.find((record) => record.roomId === peer);
    if (before === undefined) return gainsOf(room, now).map((gain) => gain.sentence);
    // The room itself may have been encrypted since: then homeservers gain, though the other one is as it was. Of people
    // only kinds count: whoever joins under the same rules was agreed to.
    const others = gainsOf(room, now).filter(({ code }) => code === "homeserver" && !before.gains?.includes(code));
    return [...new Set([...wideningsOf(before, now), ...others].map((gain) => gain.sentence))];
  });
}

import type { GainCode } from "../matrix/codes.ts";
import type { RoomId } from "../matrix/ids.ts";
import { powerOf, type PowerState } from "../matrix/power-levels.ts";
import type { RoomFacts } from "../matrix/room-facts.ts";
import { cleanLabel } from "./attribution.ts";
import * as text from "./audience-text.ts";
import type { Language } from "./texts/texts.ts";

export { describeAudience } from "./audience-text.ts";

/** Who could read a room, as it is recorded with a consent (JSON). Names in it are cleaned; rules are as they came. */
export interface AudienceRecord {
  /** In what kinds they gained access over the readers of the room that agreed. */
  gains?: GainCode[];
  roomId: RoomId;
  name: string;
  joinRule: string;
  allowedRooms: RoomId[];
  historyVisibility: string;
  guestsMayJoin: boolean;
  encrypted: boolean;
  /** Null where the directory could not be asked. */
  published: boolean | null;
  joined: number;
  invited: number;
  /** One name for each bridge, so that a second bridge to the same network is seen. */
  bridges: string[];
}

/** One group of readers that a copy gains. */
export interface Gain {
  code: GainCode;
  /** Who it is, for the user, to stand in a list: it begins in lower case and has no full stop. */
  sentence: string;
}

/** Join rules under which nobody comes in but by invitation. */
const BY_INVITATION = new Set(["invite", "private"]);
const BY_KNOCKING = new Set(["knock", "knock_restricted"]);
const BY_MEMBERSHIP = new Set(["restricted", "knock_restricted"]);

/** From the narrowest to the widest (client-server API, "Room history visibility"). */
const VISIBILITIES = ["joined", "invited", "shared", "world_readable"];

/** Records who can read a room now. */
export function recordOf(facts: RoomFacts): AudienceRecord {
  return {
    roomId: facts.roomId,
    name: cleanLabel(facts.name, text.NAMELESS),
    joinRule: facts.joinRule,
    allowedRooms: [...new Set(facts.allowedRooms)].sort(),
    historyVisibility: facts.historyVisibility,
    guestsMayJoin: facts.guestsMayJoin,
    encrypted: facts.encrypted,
    published: facts.published,
    joined: facts.joined.length,
    invited: facts.invited.length,
    bridges: facts.bridges.map((network) => cleanLabel(network, text.NAMELESS_NETWORK)).sort(),
  };
}

/**
 * Who can read what is copied from `source` into `destination` and cannot read the source. Empty only where no
 * disclosure consent is needed: every reader of the destination is in the source and nobody else can join or read it
 * (the subset exemption), or the source is as open itself. To be computed anew whenever the facts of either room
 * change: somebody who leaves the source is a gain as much as somebody who joins the destination.
 *
 * Under the exemption only people of the source can invite, who have seen the text anyway; whom they have invited
 * counts from the invitation on.
 *
 * @param language of the sentences: the user is told in English, a room in the language of its notices
 */
export function gainsOf(source: RoomFacts, destination: RoomFacts, language: Language = "en"): Gain[] {
  const say = text.gainsIn(language);
  if (source.roomId === destination.roomId) return [];
  // Of a room that is not joined the lists may be out of date, and nothing may be concluded from them.
  const unseen = [source, destination].filter((room) => room.membership !== "join" || room.joined.length === 0);
  const seen = unseen.length === 0;
  if (seen && isReadableByAnyone(source)) return [];
  const isOpenSource = seen && isOpenToJoiners(source);
  const gains = unseen.map((room): Gain => ({ code: "people", sentence: say.unseenPeople(room) }));
  gains.push(...gainsWithoutJoining(destination, say));
  if (!isReadableByAnyone(destination)) {
    if (!isOpenSource) gains.push(...gainsByJoining(source, destination, say));
    gains.push(...gainsOfGuests(destination, isOpenSource && source.guestsMayJoin, say));
  }
  // Everybody could join an open source. Elsewhere only its members count: an invited person has seen nothing yet.
  if (seen && !isOpenSource) gains.push(...gainsOfPeople(source, destination, say));
  if (source.encrypted && !destination.encrypted) {
    gains.push({ code: "homeserver", sentence: say.homeservers(destination) });
  }
  // A bridge to the same network on both sides says little: it may lead to other people there.
  if (destination.bridges.length > 0) {
    gains.push({ code: "bridge", sentence: say.bridged(destination, destination.bridges) });
  }
  if (destination.published === true && source.published !== true && gains.some(canBeFound)) {
    gains.push({ code: "directory", sentence: say.directory(destination) });
  }
  return gains;
}

/**
 * In what kind an audience is wider than when a consent was given; empty where it is not. More members under the same
 * rules are none. What could not be asked of the directory is none either, but being found listed after that is.
 */
export function wideningsOf(before: AudienceRecord, now: RoomFacts): Gain[] {
  const say = text.gainsIn("en");
  const gains = [...visibilityWidening(before, now, say), ...joinWidening(before, now, say)];
  if (now.guestsMayJoin && !before.guestsMayJoin) gains.push({ code: "guests", sentence: say.guests(now) });
  if (before.encrypted && !now.encrypted) gains.push({ code: "homeserver", sentence: say.homeservers(now) });
  const bridges = addedTo(before.bridges, recordOf(now).bridges);
  if (bridges.length > 0) gains.push({ code: "bridge", sentence: say.bridged(now, bridges) });
  if (now.published === true && before.published !== true) {
    gains.push({ code: "directory", sentence: say.directory(now) });
  }
  return gains;
}

/**
 * Why copying from an encrypted source into this destination needs a second, explicit yes naming the room: it is not
 * encrypted, or can be read without joining. One sentence; null where it needs none.
 */
export function exposureOf(source: RoomFacts, destination: RoomFacts): string | null {
  if (!source.encrypted || source.roomId === destination.roomId) return null;
  const withoutJoining = !isReadByMembersOnly(destination.historyVisibility);
  if (destination.encrypted && !withoutJoining) return null;
  return text.exposure(source, destination, withoutJoining);
}

/** A visibility that is not known counts as the widest, though the specification would read it as `shared`. */
function isReadByMembersOnly(visibility: string): boolean {
  return visibility !== "world_readable" && VISIBILITIES.includes(visibility);
}

function isReadableByAnyone(room: RoomFacts): boolean {
  return room.historyVisibility === "world_readable" && !room.encrypted;
}

/** Whether everybody can read all of the messages of a room by joining at any time, and not without (`isReadableByAnyone`). */
function isOpenToJoiners(room: RoomFacts): boolean {
  return room.joinRule === "public" && room.historyVisibility === "shared" && !room.encrypted;
}

/** Of a rule other than `public`: whether Ferry knows whom it lets in. */
function isKnownRule(joinRule: string): boolean {
  return BY_INVITATION.has(joinRule) || BY_KNOCKING.has(joinRule) || BY_MEMBERSHIP.has(joinRule);
}

function canBeFound({ code }: Gain): boolean {
  return code === "anyone" || code === "whoever-joins" || code === "whoever-knocks";
}

function gainsWithoutJoining(room: RoomFacts, say: text.Gains): Gain[] {
  if (isReadByMembersOnly(room.historyVisibility)) return [];
  return [{ code: "anyone", sentence: say.withoutJoining(room) }];
}

function gainsByJoining(source: RoomFacts, destination: RoomFacts, say: text.Gains): Gain[] {
  const { joinRule } = destination;
  if (joinRule === "public") return [{ code: "whoever-joins", sentence: say.joiners(destination) }];
  if (!isKnownRule(joinRule)) return [{ code: "whoever-joins", sentence: say.byUnknownRule(destination) }];
  const gains: Gain[] = [];
  if (BY_KNOCKING.has(joinRule)) gains.push({ code: "whoever-knocks", sentence: say.knockers(destination) });
  if (!BY_MEMBERSHIP.has(joinRule)) return gains;
  const others = new Set(destination.allowedRooms);
  const admitsSource = others.delete(source.roomId);
  if (others.size > 0) {
    gains.push({ code: "members-of-other-rooms", sentence: say.membersElsewhere(destination, others.size) });
  }
  if (admitsSource && !isAsWide(source.historyVisibility, destination.historyVisibility)) {
    gains.push({ code: "earlier-messages", sentence: say.laterMembers(source, destination) });
  }
  return gains;
}

function gainsOfGuests(destination: RoomFacts, haveAccess: boolean, say: text.Gains): Gain[] {
  // Where an invitation is needed guests need one as well, whatever the guest access says.
  const mayComeIn = destination.joinRule === "public" || !isKnownRule(destination.joinRule);
  if (!destination.guestsMayJoin || !mayComeIn || haveAccess) return [];
  return [{ code: "guests", sentence: say.guests(destination) }];
}

function gainsOfPeople(source: RoomFacts, destination: RoomFacts, say: text.Gains): Gain[] {
  const inSource = new Set(source.joined);
  const joined = new Set(destination.joined.filter((user) => !inSource.has(user)));
  const invited = new Set(destination.invited.filter((user) => !inSource.has(user) && !joined.has(user)));
  if (joined.size + invited.size === 0) return [];
  const gains: Gain[] = [
    { code: "people", sentence: say.people(source, destination, { joined: joined.size, invited: invited.size }) },
  ];
  const everybodyComesIn = destination.joinRule === "public" || isReadableByAnyone(destination);
  const level = inviteLevel(destination.power);
  const inviters = [...joined].filter((user) => powerOf(user, destination.power) >= level);
  if (inviters.length > 0 && !everybodyComesIn) {
    const sentence = say.whoeverIsInvited(destination, inviters.length === joined.size);
    gains.push({ code: "whoever-is-invited", sentence });
  }
  return gains;
}

/** The level that inviting needs; only the wording depends on it, as whoever could invite is a gain already. */
function inviteLevel({ powerLevels }: PowerState): number {
  const level = Number(powerLevels?.["invite"] ?? 0);
  return Number.isInteger(level) ? level : 0;
}

/** Whether one history visibility shows at least what the other does; of one that is not known the least is assumed. */
function isAsWide(visibility: string, other: string): boolean {
  if (visibility === other || visibility === "world_readable") return true;
  return VISIBILITIES.includes(other) && Math.max(0, VISIBILITIES.indexOf(visibility)) >= VISIBILITIES.indexOf(other);
}

function visibilityWidening(before: AudienceRecord, now: RoomFacts, say: text.Gains): Gain[] {
  if (isAsWide(before.historyVisibility, now.historyVisibility)) return [];
  const withoutJoining = gainsWithoutJoining(now, say);
  return withoutJoining.length > 0 ? withoutJoining : [{ code: "earlier-messages", sentence: say.newcomers(now) }];
}

function joinWidening(before: AudienceRecord, now: RoomFacts, say: text.Gains): Gain[] {
  if (before.joinRule === "public") return [];
  if (now.joinRule === "public") return [{ code: "whoever-joins", sentence: say.joiners(now) }];
  const isKnown = isKnownRule(now.joinRule);
  if (!isKnown && now.joinRule !== before.joinRule) {
    return [{ code: "whoever-joins", sentence: say.byUnknownRule(now) }];
  }
  const gains: Gain[] = [];
  if (BY_KNOCKING.has(now.joinRule) && !BY_KNOCKING.has(before.joinRule)) {
    gains.push({ code: "whoever-knocks", sentence: say.knockers(now) });
  }
  // A rule that is not known may admit the members of other rooms as well.
  const admits = (joinRule: string): boolean => BY_MEMBERSHIP.has(joinRule) || !isKnownRule(joinRule);
  const allowedBefore = new Set(admits(before.joinRule) ? before.allowedRooms : []);
  const added = new Set(admits(now.joinRule) ? now.allowedRooms.filter((room) => !allowedBefore.has(room)) : []);
  if (added.size > 0) {
    gains.push({ code: "members-of-other-rooms", sentence: say.membersElsewhere(now, added.size) });
  }
  return gains;
}

/** What is in a list more often than it was before. */
function addedTo(before: readonly string[], now: readonly string[]): string[] {
  const left = [...before];
  return now.filter((name) => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

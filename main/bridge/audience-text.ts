import { cleanLabel } from "./attribution.ts";
import type { AudienceRecord } from "./audience.ts";

/** How audiences are told to people. Room and network names are hostile: each one goes through `quoted`. */

export const NAMELESS = "a room without a name";
export const NAMELESS_NETWORK = "another network";

/** How many networks are named; the rest is counted. */
const NETWORK_LIMIT = 5;

/** What a sentence about a room is made of; both `RoomFacts` and `AudienceRecord` have it. */
interface Room {
  name: string;
  encrypted: boolean;
  historyVisibility: string;
}

/** A sentence for evidence and proposals: who can read this room. */
export function describeAudience(record: AudienceRecord): string {
  const members = count(record.joined, "member", "members");
  const invited = record.invited === 0 ? "" : ` and ${count(record.invited, "person", "people")} invited`;
  const parts = [
    `${quoted(record.name)} has ${members}${invited}`,
    joinPhrase(record),
    historyPhrase(record.historyVisibility),
    record.encrypted ? "it is encrypted" : "it is not encrypted",
  ];
  if (record.guestsMayJoin) parts.push("guests without an account are admitted like others");
  if (record.published === true) parts.push("it is listed in a public directory");
  if (record.bridges.length > 0) parts.push(`it is bridged to ${networks(record.bridges)}`);
  return `${parts.join("; ")}.`;
}

/** Those who can read without joining. */
export function withoutJoining(room: Room): string {
  const reason = isWorldReadable(room)
    ? `the history of ${quoted(room.name)} is open to everybody`
    : `who may read the history of ${quoted(room.name)} is set by a rule that Ferry does not know`;
  // What is encrypted can be fetched by everybody as well, and read with its keys.
  const who = room.encrypted
    ? "anyone on Matrix who comes by its keys, now and later"
    : "anyone on Matrix, now and later";
  return `${who}, even without joining: ${reason}`;
}

/** Those who can join a public room. */
export function joiners(room: Room): string {
  return `anyone on Matrix, now and later: everybody may join ${quoted(room.name)}`;
}

/** Those who can join by a rule that is not known, which may be everybody. */
export function byUnknownRule(room: Room): string {
  return `possibly anyone on Matrix, now and later: who may join ${quoted(room.name)} is set by a rule that Ferry does not know`;
}

/** Those who can ask to be let in. */
export function knockers(room: Room): string {
  return `whoever asks to join ${quoted(room.name)} and is let in, now and later`;
}

/** Those who can join because they are in one of a number of other rooms. */
export function membersElsewhere(room: Room, rooms: number): string {
  const others = rooms === 1 ? "another room" : `${rooms} other rooms`;
  return `the members of ${others}, who may join ${quoted(room.name)}, now and later`;
}

/** Those who come into the source later and find its past in the destination. */
export function laterMembers(source: Room, destination: Room): string {
  return (
    `whoever joins ${quoted(source.name)} later, for what was written before: ` +
    `they may join ${quoted(destination.name)} and read it there`
  );
}

/** Those who come into a room later, since its history has been opened to them. */
export function newcomers(room: Room): string {
  return room.historyVisibility === "invited"
    ? `whoever is invited to ${quoted(room.name)}, for what is written before they join`
    : `whoever joins ${quoted(room.name)} later, for what was written before`;
}

/** Guests. */
export function guests(room: Room): string {
  return `guests, who need no account to join ${quoted(room.name)}`;
}

/** People who are in the destination now and not in the source; at least one of them. */
export function people(source: Room, destination: Room, outside: { joined: number; invited: number }): string {
  const { joined, invited } = outside;
  const all = joined + invited;
  const who = `${count(all, "person", "people")} who ${all === 1 ? "is" : "are"}`;
  if (joined === 0) return `${who} invited to ${quoted(destination.name)} and not in ${quoted(source.name)}`;
  const rest = invited === 0 ? "" : `, ${invited} of them only invited so far`;
  return `${who} not in ${quoted(source.name)}${rest}`;
}

/** People of a room whose members Ferry does not see. */
export function unseenPeople(room: Room): string {
  return `people whom Ferry cannot compare: it does not see who is in ${quoted(room.name)}`;
}

/** Those whom people from outside the source can bring into the destination. */
export function whoeverIsInvited(room: Room, allMayInvite: boolean): string {
  return `whoever the ${allMayInvite ? "members" : "admins"} of ${quoted(room.name)} invite`;
}

/** Operators of homeservers. */
export function homeservers(room: Room): string {
  return `whoever runs the homeservers of the people in ${quoted(room.name)}: it is not encrypted`;
}

/** People on other networks; at least one network. */
export function bridged(room: Room, names: readonly string[]): string {
  return `whoever is connected to ${quoted(room.name)} from ${networks(names)} by a bridge`;
}

/** Those who find a room in a directory. */
export function directory(room: Room): string {
  return `whoever finds ${quoted(room.name)} in the public directory, where it is listed`;
}

/** Why what is encrypted would not stay among those it was written for. */
export function exposure(source: Room, destination: Room, isReadWithoutJoining: boolean): string {
  const [from, to] = [quoted(source.name), quoted(destination.name)];
  const reader = isWorldReadable(destination) ? "anyone can read" : "perhaps anyone can read";
  if (!destination.encrypted) {
    const others = isReadWithoutJoining ? `, and ${reader} them without joining` : "";
    return `${from} is encrypted and ${to} is not: whoever runs its homeservers can read the copies${others}.`;
  }
  const history = isWorldReadable(destination)
    ? "is open to everybody"
    : "is open to people by a rule that Ferry does not know";
  return `${from} is encrypted, and the history of ${to} ${history}: whoever comes by its keys can read the copies without joining.`;
}

function joinPhrase({ joinRule, allowedRooms }: AudienceRecord): string {
  const others = allowedRooms.length === 1 ? "another room" : `${allowedRooms.length} other rooms`;
  const byMembership = allowedRooms.length === 0 ? "" : `the members of ${others}`;
  switch (joinRule) {
    case "invite":
    case "private":
      return "nobody may join without an invitation";
    case "public":
      return "anyone on Matrix may join";
    case "knock":
      return "anyone may ask to join";
    case "restricted":
      return byMembership === "" ? "nobody may join without an invitation" : `${byMembership} may join`;
    case "knock_restricted":
      return byMembership === "" ? "anyone may ask to join" : `${byMembership} may join and anyone else may ask to`;
    default:
      return "who may join is set by a rule that Ferry does not know";
  }
}

function historyPhrase(visibility: string): string {
  switch (visibility) {
    case "joined":
      return "newcomers cannot read what was written before they joined";
    case "invited":
      return "newcomers can read what was written since they were invited";
    case "shared":
      return "newcomers can read what was written before";
    case "world_readable":
      return "anyone can read it without joining";
    default:
      return "who may read what was written before is set by a rule that Ferry does not know";
  }
}

function isWorldReadable(room: Room): boolean {
  return room.historyVisibility === "world_readable";
}

function networks(names: readonly string[]): string {
  const distinct = [...new Set(names.map((name) => quoted(name, NAMELESS_NETWORK)))];
  const named = distinct.slice(0, NETWORK_LIMIT);
  const rest = distinct.length - named.length;
  if (rest > 0) named.push(count(rest, "other network", "other networks"));
  const last = named.pop() ?? NAMELESS_NETWORK;
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}

/** A name between quotation marks of which it can have none itself: it must not look like the sentence around it. */
function quoted(name: string, otherwise = NAMELESS): string {
  return `“${cleanLabel(name, otherwise).replace(/[“”„‟]/g, '"')}”`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

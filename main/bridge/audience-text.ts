import type { AudienceRecord } from "./audience.ts";
import { networkList, quotedRoom } from "./texts/names.ts";
import { textsIn, type Language } from "./texts/texts.ts";

/**
 * How audiences are told to people: who gains access also in rooms, in each language; the rest only to the user, in
 * English. Room and network names are hostile: each goes through `quotedRoom` or `networkList`.
 */

const ENGLISH = textsIn("en");

export const NAMELESS = ENGLISH.namelessRoom;
export const NAMELESS_NETWORK = ENGLISH.namelessNetwork;

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
  if (record.bridges.length > 0) parts.push(`it is connected to ${networkList(record.bridges, ENGLISH)}`);
  return `${parts.join("; ")}.`;
}

/** Who gains access to a room's messages by another room, a part of a sentence each, in a language. */
export function gainsIn(language: Language) {
  const texts = textsIn(language);
  const { gains } = texts;
  const named = ({ name }: Room): string => quotedRoom(name, texts);
  return {
    withoutJoining: (room: Room) =>
      gains.withoutJoining(named(room), { isOpen: isWorldReadable(room), encrypted: room.encrypted }),
    joiners: (room: Room) => gains.joiners(named(room)),
    byUnknownRule: (room: Room) => gains.byUnknownRule(named(room)),
    knockers: (room: Room) => gains.knockers(named(room)),
    membersElsewhere: (room: Room, rooms: number) => gains.membersElsewhere(named(room), rooms),
    laterMembers: (source: Room, destination: Room) => gains.laterMembers(named(source), named(destination)),
    newcomers: (room: Room) =>
      gains.newcomers(named(room), room.historyVisibility === "invited" ? "invited" : "joined"),
    guests: (room: Room) => gains.guests(named(room)),
    people: (source: Room, destination: Room, outside: { joined: number; invited: number }) =>
      gains.people(named(source), named(destination), outside),
    unseenPeople: (room: Room) => gains.unseenPeople(named(room)),
    whoeverIsInvited: (room: Room, allMayInvite: boolean) => gains.whoeverIsInvited(named(room), allMayInvite),
    homeservers: (room: Room) => gains.homeservers(named(room)),
    bridged: (room: Room, names: readonly string[]) => gains.bridged(named(room), networkList(names, texts)),
    directory: (room: Room) => gains.directory(named(room)),
  };
}

export type Gains = ReturnType<typeof gainsIn>;

/** Why what is encrypted would not stay among those it was written for. */
export function exposure(source: Room, destination: Room, isReadWithoutJoining: boolean): string {
  const [from, to] = [quoted(source.name), quoted(destination.name)];
  const reader = isWorldReadable(destination) ? "anyone can read" : "perhaps anyone can read";
  if (!destination.encrypted) {
    const others = isReadWithoutJoining ? `, and ${reader} them without joining` : "";
    return `${from} is encrypted and ${to} is not: whoever runs its servers can read the copies${others}.`;
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

function quoted(name: string): string {
  return quotedRoom(name, ENGLISH);
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

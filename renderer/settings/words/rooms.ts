import type { RoomSummary } from "../../../main/matrix/event.ts";
import { counted } from "./numbers.ts";

/** What is said of a room at a glance. */

const JOIN_WORDS = new Map([
  ["public", "anyone can join"],
  ["invite", "by invitation"],
  ["private", "by invitation"],
  ["knock", "whoever asks and is let in"],
  ["restricted", "members of other rooms can join"],
  ["knock_restricted", "members of other rooms, or whoever asks"],
]);

/** Who can come into a room (client-server API, "Join rules"). */
export function joinWords(joinRule: string): string {
  return JOIN_WORDS.get(joinRule) ?? "by a rule that Ferry does not know";
}

/** Whether somebody can come in, or read along, without being invited. */
export function isOpen({ joinRule, historyVisibility }: Pick<RoomSummary, "joinRule" | "historyVisibility">): boolean {
  return historyVisibility === "world_readable" || (joinRule !== "invite" && joinRule !== "private");
}

/** Who can read a room without having been invited, and who can come in. */
export function opennessWords(room: Pick<RoomSummary, "joinRule" | "historyVisibility">): string {
  return room.historyVisibility === "world_readable" ? "anyone can read it" : joinWords(room.joinRule);
}

/** "3 people", and who is invited besides. */
export function peopleWords({ joinedMembers, invitedMembers }: RoomSummary): string {
  const invited = invitedMembers === 0 ? "" : `, ${invitedMembers} invited`;
  return `${counted(joinedMembers, "person", "people")}${invited}`;
}

/** Whether the user may agree for a room; null stands for a creator above all levels. */
export function mayAgreeFor({ ownPower, requiredPower }: Pick<RoomSummary, "ownPower" | "requiredPower">): boolean {
  return ownPower === null || ownPower >= requiredPower;
}

import type { Terms } from "../bridge/consent.ts";
import { listed } from "../bridge/text.ts";
import type { RoomSummary } from "../matrix/event.ts";
import { toldWords } from "../matrix/told-changes.ts";

/** What linking rooms means for who can read what, in sentences for the user to confirm. */
export function consequencesOf(
  rooms: readonly RoomSummary[],
  { direction, tells }: Pick<Terms, "direction" | "tells">,
): string[] {
  const sources = direction === "one-way" ? rooms.slice(0, 1) : rooms;
  const sentences = sources.map((source) => {
    const readers = rooms.filter((room) => room !== source).map(readersOf);
    return `What is written in “${source.name}” from now on can also be read by ${readers.join(", and by ")}.`;
  });
  const names = rooms.map((room) => `“${room.name}”`).join(", ");
  const told = toldWords(tells);
  const isTold = told.length === 0 ? [] : sources.map(({ name }) => toldSentence(name, told));
  return [...sentences, ...isTold, `Each of the rooms ${names} gets a notice that says so, sent with your account.`];
}

function readersOf(room: RoomSummary): string {
  const people = room.joinedMembers === 1 ? "the one member" : `the ${room.joinedMembers} members`;
  return `${people} of “${room.name}”${openness(room)}`;
}

/** Who else can read a room, by its history visibility and its join rule (client-server API, "Room history visibility"). */
function openness(room: RoomSummary): string {
  if (room.historyVisibility === "world_readable") return " and anyone at all, without joining";
  if (room.joinRule === "public") return " and anyone on Matrix who joins, now and later";
  return " and whoever is invited there";
}

function toldSentence(source: string, told: readonly string[]): string {
  return `The same people are told, of “${source}”, ${listed(told)}.`;
}

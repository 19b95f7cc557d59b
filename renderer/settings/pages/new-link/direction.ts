import { cleanName, shortName } from "../../words/names.ts";

/** Which way messages go between the room on the left and those on the right. */
export type Direction = "both" | "forward" | "backward";

/** What the arrow turns to next. Only one room can be copied from one way, so with several on the right it is the left. */
export function nextDirection(direction: Direction, rooms: number): Direction {
  if (direction === "both") return "forward";
  return direction === "forward" && rooms === 2 ? "backward" : "both";
}

/** What a link is asked for with: of a one-way link the first room is the one that is copied from. */
export function inOrder<Room>(rooms: readonly Room[], direction: Direction): { rooms: Room[]; oneWay: boolean } {
  const isTurned = direction === "backward" && rooms.length === 2;
  return { rooms: isTurned ? [...rooms].reverse() : [...rooms], oneWay: direction !== "both" };
}

/** Said of the rooms from left to right; null for one that is not chosen yet. */
export function directionWords(direction: Direction, names: readonly (string | null)[]): string {
  const [first, ...others] = names.map((name, index) =>
    name === null ? (index === 0 ? "the first room" : "the other room") : shortName(cleanName(name)),
  );
  const left = first ?? "the first room";
  const right = others.length === 1 ? (others[0] ?? "") : "the other rooms";
  if (direction === "both") return others.length === 1 ? `between ${left} and ${right}` : "between all of these rooms";
  return direction === "forward" ? `only from ${left} to ${right}` : `only from ${right} to ${left}`;
}

/** What stands over a room's place. */
export function captionOf(index: number, direction: Direction): string {
  if (direction === "both") return index === 0 ? "Between" : "and";
  return (index === 0) === (direction === "forward") ? "From" : "To";
}

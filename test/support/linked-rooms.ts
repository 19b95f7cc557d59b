import type { Ferry, FerryOptions } from "./ferry.ts";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

/** Two people and two encrypted rooms of Kim's, which nothing links yet. */
export interface TwoRooms {
  /** She is in Kitchen. */
  ana: Person;
  /** He is in Workshop. */
  jo: Person;
  kitchen: string;
  workshop: string;
}

/** The same rooms, with Kim's Ferry between them. */
export interface LinkedRooms extends TwoRooms {
  /** Running and logged in. */
  ferry: Ferry;
  /** The link's id. */
  link: string;
}

/** A third one besides, which is not encrypted. */
export interface ThreeRooms extends TwoRooms {
  /** She is in Square. */
  lu: Person;
  square: string;
}

/**
 * Calls Ana and Jo, and makes a room of Kim's for each of them.
 *
 * @param alsoInKitchen who is in Ana's room besides
 */
export async function twoRooms(world: World, alsoInKitchen: readonly Person[] = []): Promise<TwoRooms> {
  const ana = await world.person("ana", "Ana");
  const jo = await world.person("jo", "Jo");
  const kitchen = await world.room("Kitchen", [ana, ...alsoInKitchen]);
  const workshop = await world.room("Workshop", [jo]);
  return { ana, jo, kitchen, workshop };
}

/**
 * Makes the two rooms, starts Kim's Ferry for the first time and has it link them.
 *
 * @param alsoInKitchen who is in Ana's room besides
 */
export async function linkedRooms(
  world: World,
  alsoInKitchen: readonly Person[] = [],
  options: Partial<FerryOptions> = {},
): Promise<LinkedRooms> {
  const rooms = await twoRooms(world, alsoInKitchen);
  const ferry = await world.loggedInFerry(options);
  const { id: link } = await ferry.link([rooms.kitchen, rooms.workshop]);
  return { ...rooms, ferry, link };
}

/**
 * Makes the two rooms, and one for Lu that is not encrypted.
 *
 * @param alsoInKitchen who is in Ana's room besides
 */
export async function threeRooms(world: World, alsoInKitchen: readonly Person[] = []): Promise<ThreeRooms> {
  const rooms = await twoRooms(world, alsoInKitchen);
  const lu = await world.person("lu", "Lu");
  const square = await world.kim.createRoom({ name: "Square", invite: [lu], encrypted: false });
  await lu.join(square);
  return { ...rooms, lu, square };
}

/** Starts Kim's Ferry for the first time and has it link the three rooms, each with each. */
export async function ferryBetween(
  world: World,
  { kitchen, workshop, square }: Pick<ThreeRooms, "kitchen" | "workshop" | "square">,
): Promise<Ferry> {
  const ferry = await world.loggedInFerry();
  await ferry.link([kitchen, workshop, square], "--expose", square, "--name", "House");
  return ferry;
}

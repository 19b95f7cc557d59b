import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** A link that is changed goes on: whoever sees no difference is not asked, and nothing is lost or doubled meanwhile. */

let world: World;
let ferry: Ferry;
let lu: Person;
let bea: Person;
/** The admin of the one room that Kim may not speak for. */
let jo: Person;
let [kitchen, garden, workshop] = ["", "", ""];
let question: talk.Asked;

interface Linked {
  id: string;
  name: string;
  state: string;
  rooms: { room_id: string }[];
}

beforeAll(async () => {
  world = await createWorld();
  [lu, bea, jo] = await Promise.all([world.person("lu", "Lu"), world.person("bea", "Bea"), world.person("jo", "Jo")]);
  await jo.crossSign();
  kitchen = await world.room("Kitchen", [lu]);
  garden = await world.room("Garden", [bea]);
  workshop = await jo.createRoom({ name: "Workshop", invite: [world.kim] });
  await world.kim.join(workshop);
  ferry = await world.loggedInFerry();
  await ferry.link([kitchen, garden], "--name", "House");
});

afterAll(() => world.end());

async function change(...flags: string[]): Promise<Linked> {
  const result = await ferry.cli("link", "change", "House", ...flags, "--yes", "--json");
  return succeeded("ferry link change", result).json as Linked;
}

async function links(): Promise<Linked[]> {
  return (await ferry.cli("link", "list", "--json")).json as Linked[];
}

/** Says something, and waits until it stands in each of these rooms exactly once. */
async function crosses(text: string, from: [Person, string], ...to: [Person, string][]): Promise<void> {
  await from[0].say(from[1], text);
  for (const [person, room] of to) await person.waitForMessage(room, text);
  for (const [person, room] of to) expect(await talk.countOf(person, room, text)).toBe(1);
}

/** What the rooms' state says of a link, by room. */
async function statusOf(person: Person, room: string, link: string): Promise<unknown> {
  const content = await person.client.getStateEvent(room, talk.CONNECTION, link).catch(() => null);
  return (content as { status?: unknown } | null)?.status ?? null;
}

test("a room is added when its admin agrees; until then the link goes on as it was", async () => {
  const [before] = await links();
  const changed = await change("--add", workshop);
  expect(changed).toMatchObject({ name: "House", state: "waiting", changes: before?.id });
  expect((await links()).map(({ name, state }) => [name, state])).toEqual([
    ["House", "mirroring"],
    ["House", "waiting"],
  ]);
  expect(talk.failureOf(await ferry.cli("link", "change", "House", "--one-way", "--yes", "--json"))).toBe(
    "change-waiting",
  );
  await crosses("while it waits", [lu, kitchen], [bea, garden]);

  question = await talk.askedOf(ferry, changed.id, { own: kitchen, guest: lu, theirs: workshop, admin: jo });
  await talk.answer(jo, workshop, question, "approve");
  await talk.untilMirroring(ferry, changed.id);
  await crosses("to all", [lu, kitchen], [bea, garden], [jo, workshop]);
  await crosses("from the new one", [jo, workshop], [lu, kitchen], [bea, garden]);
  expect(await talk.countOf(jo, workshop, "while it waits")).toBe(0);
  expect((await links()).map(({ id, name }) => [id, name])).toEqual([[changed.id, "House"]]);
  await expect.poll(() => statusOf(lu, kitchen, before?.id ?? ""), { timeout: 10_000 }).toBe("ended");
  expect(await statusOf(lu, kitchen, changed.id)).toBe("active");
});

test("what leaves a room out asks nobody, and tells that room of its end", async () => {
  const changed = await change("--without", garden);
  await talk.untilMirroring(ferry, changed.id);
  await bea.waitForMessage(garden, "no longer mirrored");
  await crosses("without the garden", [jo, workshop], [lu, kitchen]);
  expect(await talk.countOf(bea, garden, "without the garden")).toBe(0);
  const { proposals, consents } = await talk.showLink(ferry, changed.id);
  expect(proposals).toEqual([]);
  const agreed = consents.filter(({ ended_ts: ended }) => ended === null);
  expect(agreed.find(({ room_id: room }) => room === workshop)).toMatchObject({ approver: jo.userId, way: "reply" });
});

test("a room that was replaced is followed, without asking those for whom it is as before", async () => {
  const { replacement_room: next } = await world.kim.client.upgradeRoom(kitchen, "12");
  await world.kim.client.invite(next, lu.userId);
  await lu.join(next);
  const [link] = await links();
  await talk.untilGap(ferry, link?.id ?? "", kitchen, "room-upgraded");
  await lu.say(next, "before it was followed");
  const changed = await change("--follow");
  await talk.untilMirroring(ferry, changed.id);
  expect(changed.rooms.map(({ room_id: room }) => room).sort()).toEqual([next, workshop].sort());
  await crosses("in the new room", [lu, next], [jo, workshop]);
  await crosses("to the new room", [jo, workshop], [lu, next]);
  expect(await talk.countOf(jo, workshop, "before it was followed")).toBe(0);
  kitchen = next;
});

test("the code of the first question still ends it, also after a restart", async () => {
  await ferry.stop();
  ferry = await world.ferry();
  const [link] = await links();
  await crosses("after the restart", [lu, kitchen], [jo, workshop]);
  await talk.answer(jo, workshop, question, "stop");
  await talk.untilGap(ferry, link?.id ?? "", workshop, "consent-revoked");
  expect(talk.failureOf(await ferry.cli("link", "change", "House", "--one-way", "--yes", "--json"))).toBe(
    "link-needs-consent",
  );
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { countOf } from "../support/negotiation.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

/** What the user reads with another app in one room is read in the other, by what the homeserver counts. */

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let kim: Person;
let kitchen: string;
let workshop: string;
let link: string;
/** Of another device of Kim's, and how often it has asked. */
let token: string | undefined;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
  ({ kim } = world);
  ({ ana, jo, kitchen, workshop, ferry, link } = await linkedRooms(world));
  // What was there before has been read.
  for (const room of [kitchen, workshop]) await read(room, (await kim.events(room)).at(-1)?.eventId ?? "");
});

afterAll(() => world.end());

test("copies: their originals are read, one by one, and nobody sees it", async () => {
  const said: string[] = [];
  for (const text of ["first", "second", "third"]) said.push(await jo.say(workshop, text));
  const copies: SeenMessage[] = [];
  for (const text of ["first", "second", "third"]) copies.push(await kim.waitForMessage(kitchen, `Jo: ${text}`));
  await untilUnread(workshop, 3);
  await read(kitchen, copies[1]?.eventId ?? "");
  await untilUnread(workshop, 1);
  await untilMarker(workshop, said[1] ?? "");
  await read(kitchen, copies[2]?.eventId ?? "");
  await untilUnread(workshop, 0);
  await untilMarker(workshop, said[2] ?? "");
  expect(receiptOf(jo, workshop)).toBeNull();
  // A receipt that is none of Ferry's, and not private, Jo does see.
  await kim.client.setRoomReadMarkersHttpRequest(workshop, said[2] ?? "", said[2]);
  await jo.waitFor(() => receiptOf(jo, workshop) === said[2], 20_000, "Kim's public receipt");
});

test.each([["m.read.private"], ["m.read"]])("an app that moves no marker, and sends receipts: %s", async (type) => {
  const said = await jo.say(workshop, `by “${type}”`);
  await jo.replyInThread(workshop, said, `in a thread, by “${type}”`);
  const root = await kim.waitForMessage(kitchen, `Jo: by “${type}”`);
  const reply = await kim.waitForMessage(kitchen, `Jo: in a thread, by “${type}”`);
  await untilUnread(workshop, 2);
  // What has been read in a thread is no sign of what stands outside.
  await receipt(type, reply.eventId, root.eventId);
  await untilFollowed();
  expect(await unreadIn(workshop)).toBe(2);
  await receipt(type, root.eventId, "main");
  await untilUnread(workshop, 1);
  await receipt(type, reply.eventId);
  await untilUnread(workshop, 0);
});

test("a copy that comes, though Kim's account sends it, does not make what is before it read", async () => {
  await jo.say(workshop, "unread");
  await untilUnread(workshop, 1);
  await ana.say(kitchen, "on its way to Workshop");
  await jo.waitForMessage(workshop, "Ana: on its way to Workshop");
  await untilFollowed();
  expect(await unreadIn(workshop)).toBe(1);
  const copy = await kim.waitForMessage(kitchen, "Jo: unread");
  await read(kitchen, copy.eventId);
  await untilUnread(workshop, 0);
});

test("originals: their copies are read", async () => {
  const said = await ana.say(kitchen, "an original");
  const copy = await kim.waitForMessage(workshop, "Ana: an original");
  await read(kitchen, said);
  await untilMarker(workshop, copy.eventId);
});

test("what is not copied stays unread, and all behind it, until it is read where it stands", async () => {
  expect((await ferry.cli("link", "set", link, "--never", "secret")).status).toBe(0);
  const before = await jo.say(workshop, "open to all");
  const secret = await jo.say(workshop, "our secret");
  const last = await jo.say(workshop, "and all the rest");
  const copy = await kim.waitForMessage(kitchen, "Jo: and all the rest");
  expect(await countOf(kim, kitchen, "our secret")).toBe(0);
  await read(kitchen, copy.eventId);
  await untilMarker(workshop, before);
  await untilUnread(workshop, 2);
  await read(workshop, secret);
  await untilUnread(workshop, 0);
  await untilMarker(workshop, last);
});

test("what is read while Ferry is dead is read when it is back", async () => {
  const said = await jo.say(workshop, "before the end");
  const copy = await kim.waitForMessage(kitchen, "Jo: before the end");
  await ferry.kill();
  await receipt("m.read", copy.eventId);
  await untilUnread(workshop, 1);
  ferry = await world.ferry();
  await untilUnread(workshop, 0);
  await untilMarker(workshop, said);
});

test("a link whose rooms are set apart leaves each room's reads to it", async () => {
  expect((await ferry.cli("link", "set", link, "--reads", "off")).stdout).toMatch(/^Read +in each room for itself$/m);
  await jo.say(workshop, "apart");
  const copy = await kim.waitForMessage(kitchen, "Jo: apart");
  await read(kitchen, copy.eventId);
  await untilMarker(kitchen, copy.eventId);
  await untilFollowed();
  expect(await unreadIn(workshop)).toBe(1);
  expect((await ferry.cli("link", "set", link, "--reads", "on")).status).toBe(0);
  await untilUnread(workshop, 0);
});

/** Waits until Ferry has heard of all that has been read so far, and done what follows from it. */
async function untilFollowed(): Promise<void> {
  const mark = randomUUID();
  await ana.say(kitchen, mark);
  await jo.waitForMessage(workshop, mark);
  await ferry.idle();
}

/** Kim's other app shows a room down to an event. */
async function read(room: string, eventId: string): Promise<void> {
  await kim.client.setRoomReadMarkersHttpRequest(room, eventId, undefined, eventId);
}

/** As above, by an app that sends a receipt for a message in Kitchen. */
async function receipt(type: string, eventId: string, thread?: string): Promise<void> {
  const path = `rooms/${encodeURIComponent(kitchen)}/receipt/${type}/${encodeURIComponent(eventId)}`;
  const body = JSON.stringify(thread === undefined ? {} : { thread_id: thread });
  const headers = { authorization: `Bearer ${kim.accessToken}` };
  expect(await ask(path, { method: "POST", headers, body })).toEqual({});
}

/** The last event that somebody is seen to have read in a room by somebody else. */
function receiptOf(seer: Person, room: string): string | null {
  return seer.client.getRoom(room)?.getEventReadUpTo(kim.userId, true) ?? null;
}

/** What the homeserver says to Kim. */
async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${world.synapse.url}/_matrix/client/v3/${path}`, init);
  return response.json();
}

/** How many messages of a room are unread, as the homeserver tells every one of Kim's apps. */
async function unreadIn(room: string): Promise<number> {
  // Asked by a device of its own: another one's keys would be taken for delivered.
  const user = { type: "m.id.user", user: kim.name };
  const login = { type: "m.login.password", identifier: user, password: kim.password };
  token ??= ((await ask("login", { method: "POST", body: JSON.stringify(login) })) as { access_token: string })
    .access_token;
  // Equal requests are answered from memory.
  const query = new URLSearchParams({
    filter: JSON.stringify({ room: { timeline: { limit: 1 } } }),
    timeout: `${count++}`,
  });
  const answer = (await ask(`sync?${query}`, { headers: { authorization: `Bearer ${token}` } })) as {
    rooms: { join: Record<string, { unread_notifications: { notification_count: number } }> };
  };
  return answer.rooms.join[room]?.unread_notifications.notification_count ?? -1;
}

async function markerIn(room: string): Promise<unknown> {
  const path = `user/${encodeURIComponent(kim.userId)}/rooms/${encodeURIComponent(room)}/account_data/m.fully_read`;
  const answer = await ask(path, { headers: { authorization: `Bearer ${kim.accessToken}` } });
  return (answer as { event_id?: unknown }).event_id;
}

async function untilUnread(room: string, wanted: number): Promise<void> {
  let seen = -1;
  const isSo = async (): Promise<boolean> => (seen = await unreadIn(room)) === wanted;
  await until(isSo, 20_000, () => `${wanted} messages should be unread, and ${seen} are`);
}

async function untilMarker(room: string, wanted: string): Promise<void> {
  await until(
    async () => (await markerIn(room)) === wanted,
    20_000,
    () => `the marker should be at ${wanted}`,
  );
}

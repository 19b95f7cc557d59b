import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RoomId, UserId } from "../../main/matrix/ids.ts";
import { imageKind } from "../../renderer/engine/image-kind.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { pause } from "../support/talking.ts";
import { openWindow, type Window } from "../support/window.ts";
import { createWorld, type World } from "../support/world.ts";

/** What the window asks of the homeserver by way of the engine page: pictures, names, rooms, and to wake up. */

const PNG = Uint8Array.from(readFileSync(join(import.meta.dirname, "../../assets/icon.png")));

let world: World;
let ana: Person;
let jo: Person;
let [kitchen, workshop] = ["", ""];
let window: Window;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop } = await linkedRooms(world));
  window = await openWindow(world.dataDir);
}, 120_000);

afterAll(async () => {
  window.close();
  await world.end();
});

async function upload(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const body = new Blob([content]);
  return (await ana.client.uploadContent(body, { type: "image/png", name: "picture.png" })).content_uri;
}

async function picture(roomId: string): Promise<string | null> {
  return (await window.client.roomAvatar({ roomId: roomId as RoomId })).image;
}

function expectOwnPng(image: string | null): void {
  const [head, data] = image?.split(",") ?? [];
  expect(head).toBe("data:image/png;base64");
  const bytes = Buffer.from(data ?? "", "base64");
  expect(imageKind(bytes)).toEqual({ type: "image/png", width: 64, height: 64 });
  // More than one colour: it has been drawn.
  expect(bytes.length).toBeGreaterThan(300);
}

test("a room's picture, or in a room of two the other one's, comes as a small PNG of Ferry's own making", async () => {
  expect(await picture(workshop)).toBeNull();
  await world.kim.setState(kitchen, "m.room.avatar", "", { url: await upload(PNG) });
  await ana.waitFor(async () => (await picture(kitchen)) !== null, 20_000, "a picture of the room");
  expectOwnPng(await picture(kitchen));
  await jo.client.setAvatarUrl(await upload(PNG));
  await jo.waitFor(async () => (await picture(workshop)) !== null, 20_000, "a picture of the other one");
  expectOwnPng(await picture(workshop));
  const rooms = await window.client.rooms({});
  expect(rooms.map(({ hasAvatar }) => hasAvatar)).toEqual([true, true]);
});

test.each([
  ["a script", () => upload('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
  ["nothing that there is", async () => "mxc://ferry.test/nothing"],
  ["something elsewhere", async () => "https://example.org/picture.png"],
  ["a path out of the media", async () => "mxc://ferry.test/../../login"],
])("a picture that is %s is none", async (_what, address) => {
  const roomId = await world.kim.createEncryptedRoom({ name: "Hostile" });
  await world.kim.setState(roomId, "m.room.avatar", "", { url: await address() });
  const known = async (): Promise<boolean> => (await window.client.rooms({})).some((room) => room.roomId === roomId);
  await world.kim.waitFor(known, 20_000, "Ferry to know the room");
  expect(await picture(roomId)).toBeNull();
});

test("people are called what they call themselves, told apart where two call themselves alike", async () => {
  const other = await world.person("otherana", "Ana");
  await ana.client.invite(kitchen, other.userId);
  await other.join(kitchen);
  const users = [ana.userId, other.userId, "@nobody:ferry.test"] as UserId[];
  const names = async (): Promise<string[]> =>
    (await window.client.memberNames({ roomId: kitchen as RoomId, users })).map(({ name }) => name);
  const told = async (): Promise<boolean> => (await names())[1] === `Ana (${other.userId})`;
  await ana.waitFor(told, 20_000, "Ferry to tell the two apart");
  expect(await names()).toEqual([`Ana (${ana.userId})`, `Ana (${other.userId})`, "nobody"]);
});

test("a space is no room to link", async () => {
  const { room_id: space } = await world.kim.client.createRoom({ name: "Town", creation_content: { type: "m.space" } });
  const after = await world.kim.createEncryptedRoom({ name: "After" });
  const listed = async (): Promise<string[]> => (await window.client.rooms({})).map(({ roomId }) => roomId);
  await world.kim.waitFor(async () => (await listed()).includes(after), 20_000, "Ferry to know the rooms");
  expect(await listed()).not.toContain(space);
  const plan = window.client.linkPlan({ rooms: [space as RoomId, kitchen as RoomId], oneWay: false });
  await expect(plan).rejects.toMatchObject({ code: "not-a-room" });
});

test("waking up asks at once, again and again, and nothing is lost or doubled", async () => {
  for (const text of ["one", "two"]) {
    // Longer than a request for events is left alone.
    await pause(3_100);
    await window.client.wake({});
    await window.untilStatus("online again", ({ connection }) => connection === "online");
    await ana.say(kitchen, `woken ${text}`);
    await jo.waitForMessage(workshop, `woken ${text}`);
  }
  const copies = (await jo.timeline(workshop)).filter(({ body }) => body.includes("woken"));
  expect(copies.map(({ body }) => body.replace(/.*woken /, ""))).toEqual(["one", "two"]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** Who comes and goes, names, topics and pins: told in the other rooms where all have agreed to that, and only there. */

let world: World;
let ferry: Ferry;
let lu: Person;
let jo: Person;
let eve: Person;
let scene: talk.Scene;
let link = "";
let faces = 0;

beforeAll(async () => {
  world = await createWorld();
  [lu, jo, eve] = await Promise.all([world.person("lu", "Lu"), world.person("jo", "Jo"), world.person("eve", "Eve")]);
  await jo.crossSign();
  ferry = await world.loggedInFerry();
});

afterAll(() => world.end());

/** What a room shows that begins so, in its order: whose it is and what it says. */
async function toldIn(person: Person, room: string): Promise<string[]> {
  const notices = (await person.timeline(room)).filter(({ content, body }) => {
    return content["msgtype"] === "m.notice" && /(?:^|: )Has /.test(body);
  });
  return notices.map(({ body }) => body);
}

async function joins(person: Person, room: string, host: Person): Promise<void> {
  await host.client.invite(room, person.userId);
  await person.join(room);
}

/** Everything that is told, once, in the room of the scene's admin or in Kim's. */
async function changeEverything(room: string, host: Person): Promise<string> {
  const pinned = await host.say(room, `to be pinned in ${room}`);
  await joins(eve, room, host);
  // A new picture is no coming and going.
  await eve.client.setAvatarUrl(`mxc://example.org/face${(faces += 1)}`);
  await host.client.setRoomName(room, "Cellar");
  await host.client.setRoomTopic(room, "Bread & butter\n<b>only</b>");
  await host.setState(room, "m.room.pinned_events", "", { pinned: [pinned] });
  await eve.client.leave(room);
  await joins(eve, room, host);
  await host.client.kick(room, eve.userId, "a secret reason");
  return pinned;
}

const everything = (here: string, host: string): string[] => [
  `Eve: Has joined “${here}”.`,
  `${host}Has changed the name of “${here}” to “Cellar”.`,
  `${host}Has changed the topic of “${here}”: “Bread & butter <b>only</b>”`,
  `${host}Has pinned this message in “${here}”.`,
  `Eve: Has left “${here}”.`,
  `Eve: Has joined “${here}”.`,
  `${host}Has removed “Eve” from “${here}”.`,
];

test("without the term nothing of it crosses", async () => {
  scene = await talk.makeScene(world, { guest: lu, admin: jo });
  const asked = await talk.propose(ferry, scene);
  expect(asked.content["body"]).not.toContain("Besides messages");
  expect(asked.content[talk.PROPOSAL]).not.toHaveProperty("tells");
  await talk.answer(jo, scene.theirs, asked, "approve");
  await talk.untilMirroring(ferry, asked.link);
  await changeEverything(scene.theirs, jo);
  await changeEverything(scene.own, world.kim);
  await talk.expectFlow(scene);
  expect([await toldIn(lu, scene.own), await toldIn(jo, scene.theirs)]).toEqual([[], []]);

  // Jo has been asked today: that more is to be told has to be asked anew, and is not told before.
  const change = ["link", "change", asked.link, "--yes", "--json", "--tell"];
  expect(talk.failureOf(await ferry.cli(...change, "members"))).toBe("asked-today");
  expect(talk.failureOf(await ferry.cli(...change, "none"))).toBe("link-exists");
  await world.kim.client.setRoomName(scene.own, "Pantry");
  await talk.expectFlow(scene);
  expect(await toldIn(jo, scene.theirs)).toEqual([]);
});

test("the other room's admin is asked, by what the question says, and nothing is told before the answer", async () => {
  scene = await talk.makeScene(world, { guest: lu, admin: jo });
  const asked = await talk.propose(ferry, scene, "--tell", "members,name,pins");
  link = asked.link;
  expect(asked.content["body"]).toContain(
    "Besides messages, people in each of the rooms would be told of the others: who joins, leaves or is removed, " +
      "also of people who never write; changes of name and topic; which messages are pinned.",
  );
  expect(asked.content[talk.PROPOSAL]).toMatchObject({ tells: ["members", "name", "pins"] });
  await joins(eve, scene.own, world.kim);
  await eve.client.leave(scene.own);
  await talk.answer(jo, scene.theirs, asked, "approve");
  await talk.untilMirroring(ferry, link);
  await talk.expectFlow(scene);
  expect(await toldIn(jo, scene.theirs)).toEqual([]);
  expect(await lu.state(scene.own, talk.CONNECTION, link)).toMatchObject({ tells: ["members", "name", "pins"] });
  await lu.waitForMessage(scene.own, "Besides messages, people in each of the rooms are told of the others");
});

test("who comes and goes, name, topic and pins are told, in order and once, and nobody else's reasons", async () => {
  const pinned = await changeEverything(scene.theirs, jo);
  await lu.waitForMessage(scene.own, "Has removed “Eve” from “Workshop”");
  expect(await toldIn(lu, scene.own)).toEqual(everything("Workshop", "Jo: "));
  const seen = await lu.timeline(scene.own);
  const pin = seen.find(({ body }) => body.includes("Has pinned this message"));
  const copy = seen.find(({ body }) => body.includes(`to be pinned in ${scene.theirs}`));
  expect(pin?.replyTo).toBe(copy?.eventId);
  expect(copy?.eventId).not.toBe(pinned);
  expect([pin?.encrypted, pin?.content["m.mentions"]]).toEqual([true, {}]);
  expect(seen.filter(({ body }) => body.includes("secret"))).toEqual([]);

  // The user's own are the user's.
  await changeEverything(scene.own, world.kim);
  await jo.waitForMessage(scene.theirs, "Has removed “Eve” from “Kitchen”");
  expect(await toldIn(jo, scene.theirs)).toEqual(everything("Kitchen", ""));
});

test("what happens while Ferry is off is told when it is back, once and in order", async () => {
  await ferry.stop();
  await joins(eve, scene.theirs, jo);
  await jo.client.setRoomName(scene.theirs, "Attic");
  await jo.say(scene.theirs, "while it was off");
  await eve.client.leave(scene.theirs);
  const before = await toldIn(lu, scene.own);
  ferry = await world.ferry();
  await expect
    .poll(() => toldIn(lu, scene.own), { timeout: 20_000 })
    .toEqual([
      ...before,
      "Eve: Has joined “Workshop”.",
      "Jo: Has changed the name of “Workshop” to “Attic”.",
      "Eve: Has left “Workshop”.",
    ]);
});

test("a change that is taken back is taken back there, too", async () => {
  const topic = await jo.setState(scene.theirs, "m.room.topic", "", { topic: "never mind" });
  const told = await lu.waitForMessage(scene.own, "never mind");
  await jo.redact(scene.theirs, topic);
  const isGone = async () => (await lu.timeline(scene.own)).find(({ eventId }) => eventId === told.eventId)?.redacted;
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
});

test("to tell less takes nobody's leave, and is kept to at once", async () => {
  const changed = succeeded(
    "ferry link change",
    await ferry.cli(...["link", "change", link, "--tell", "pins", "--yes", "--json"]),
  ).json as { id: string; tells: string[] };
  expect(changed.tells).toEqual(["pins"]);
  await talk.untilMirroring(ferry, changed.id);
  expect((await talk.showLink(ferry, changed.id)).proposals).toEqual([]);
  const before = await toldIn(lu, scene.own);
  await joins(eve, scene.theirs, jo);
  await jo.client.setRoomName(scene.theirs, "Loft");
  const text = await jo.say(scene.theirs, "the last pin");
  await lu.waitForMessage(scene.own, "the last pin");
  await jo.setState(scene.theirs, "m.room.pinned_events", "", { pinned: [text] });
  await expect
    .poll(() => toldIn(lu, scene.own), { timeout: 20_000 })
    .toEqual([...before, "Jo: Has pinned this message in “Attic”."]);
});

test("a change that tells more and joins a third room waits for that room's admin before it tells anybody", async () => {
  const garden = await world.room("Garden", [lu]);
  const kitchen = await world.room("Kitchen", [eve]);
  const workshop = await jo.createRoom({ name: "Workshop", invite: [world.kim] });
  await world.kim.join(workshop);
  const first = await ferry.link([kitchen, garden], "--name", "Trio");
  const changed = succeeded(
    "ferry link change",
    await ferry.cli(...["link", "change", first.id, "--add", workshop, "--tell", "name", "--yes", "--json"]),
  ).json as { id: string };
  const asked = await talk.askedOf(ferry, changed.id, { own: kitchen, guest: lu, theirs: workshop, admin: jo });
  expect(asked.content["body"]).toContain("Besides messages");
  await world.kim.client.setRoomName(kitchen, "Too early");
  await eve.say(kitchen, "still as it was");
  await lu.waitForMessage(garden, "still as it was");
  expect(await toldIn(lu, garden)).toEqual([]);
  await talk.answer(jo, workshop, asked, "approve");
  await talk.untilMirroring(ferry, changed.id);
  await world.kim.client.setRoomName(kitchen, "In time");
  await lu.waitForMessage(garden, "In time");
  await jo.waitForMessage(workshop, "In time");
  expect([await toldIn(lu, garden), await toldIn(jo, workshop)]).toEqual([
    ["Has changed the name of “Kitchen” to “In time”."],
    ["Has changed the name of “Kitchen” to “In time”."],
  ]);
});

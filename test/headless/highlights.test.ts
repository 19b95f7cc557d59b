import { randomUUID } from "node:crypto";
import { NotificationCountType } from "matrix-js-sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ferryBetween, threeRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** Who is pinged, by the push rules of every account that receives a copy. */

type Content = Record<string, unknown>;

let world: World;
let ana: Person;
/** She is in Kitchen and in Workshop. */
let bea: Person;
let jo: Person;
/** His room is not encrypted: there his homeserver counts, and not his client. */
let lu: Person;
let kitchen: string;
let workshop: string;
let square: string;

beforeAll(async () => {
  world = await createWorld();
  bea = await world.person("bea", "Bea");
  ({ ana, jo, lu, kitchen, workshop, square } = await threeRooms(world, [bea]));
  await world.kim.client.invite(workshop, bea.userId);
  await bea.join(workshop);
  // Ana may ping a whole room.
  await world.kim.setPower(kitchen, { [ana.userId]: 50 });
  await ferryBetween(world, { kitchen, workshop, square });
});

afterAll(() => world.end());

/** Pinged in the rooms that copies go to, since the test began. */
const before = new Map<string, number>();

beforeEach(async () => {
  for (const [name, count] of Object.entries(await highlights())) before.set(name, count);
});

/** How often each was pinged in the destinations: by the clients' push rules, and where a server can read, by its own. */
async function highlights(): Promise<Record<string, number>> {
  return {
    bea: await inEncrypted(bea),
    jo: await inEncrypted(jo),
    lu: lu.client.getRoom(square)?.getRoomUnreadNotificationCount(NotificationCountType.Highlight) ?? 0,
  };
}

async function inEncrypted(person: Person): Promise<number> {
  await person.timeline(workshop);
  const events = person.client.getRoom(workshop)?.getLiveTimeline().getEvents() ?? [];
  const pinging = events.filter((event) => {
    if (event.getSender() === person.userId) return false;
    return person.client.getPushActionsForEvent(event, true)?.tweaks?.["highlight"] === true;
  });
  return pinging.length;
}

const pill = (user: string, name: string): string => `<a href="https://matrix.to/#/${user}">${name}</a>`;
const html = (formatted: string): Content => ({ format: "org.matrix.custom.html", formatted_body: formatted });

/** What Ana writes in Kitchen, and whom its copies may ping: nobody but those whom she means, and who are in Kitchen, too. */
const CASES: [string, () => Content, string[]][] = [
  ["names in the text", () => ({ body: "jo, Jo, lu, Lu and bea: supper" }), []],
  ["the user ids in the text", () => ({ body: `${jo.userId} ${lu.userId} ${bea.userId}` }), []],
  ["a whole room in the text", () => ({ body: "@room supper" }), []],
  ["a whole room that is meant", () => ({ body: "@room supper", "m.mentions": { room: true } }), []],
  ["a link from before mentions to somebody only there", () => ({ body: "Jo", ...html(pill(jo.userId, "Jo")) }), []],
  ["a mention of people only there, by their ids", () => mention("supper, Jo", jo.userId, lu.userId), []],
  ["a mention of somebody who is nowhere", () => mention("supper", "@nobody:one.test"), []],
  ["a mention of somebody in both", () => mention("supper, Bea", bea.userId), ["bea"]],
  [
    "a link from before mentions to somebody in both",
    () => ({ body: "Bea", ...html(pill(bea.userId, "Bea")) }),
    ["bea"],
  ],
  [
    "a name in a caption and in a file's name",
    () => ({ ...file("Jo.png"), body: "Jo, Lu, @room", filename: "Jo.png" }),
    [],
  ],
  ["a file that is called like a whole room", () => file("@room.png"), []],
  ["a mention of the carrier", () => mention("Kim", world.kim.userId), []],
];

function mention(body: string, ...users: string[]): Content {
  return { body, "m.mentions": { user_ids: users } };
}

/** Nobody has it: of what cannot be carried a sentence tells, with the same names in it. */
function file(body: string): Content {
  return { msgtype: "m.image", body, url: `mxc://${world.kim.userId.split(":")[1]}/none` };
}

test.each(CASES)("%s", async (_, content, pinged) => {
  const mark = randomUUID();
  await ana.sendContent(kitchen, { msgtype: "m.text", ...content() });
  await expectPinged(mark, pinged);
});

test("edits and replies to copies ping whom they mean, and not who carries or was quoted", async () => {
  const original = await ana.say(kitchen, "who cooks?");
  const copy = await jo.waitForMessage(workshop, "who cooks?");
  await ana.edit(kitchen, original, "who cooks, Jo, Lu and @room?");
  // By the specification a reply mentions whoever sent what it answers: the carrier, who means Ana.
  const fields = { "m.mentions": { user_ids: [world.kim.userId] } };
  await jo.say(workshop, "I do", { "m.relates_to": { "m.in_reply_to": { event_id: copy.eventId } }, ...fields });
  await ana.waitForMessage(kitchen, "I do");
  await expectPinged(randomUUID(), []);
});

test("what is written there by somebody present does ping, so that these numbers mean something", async () => {
  await jo.say(workshop, "supper", { "m.mentions": { user_ids: [bea.userId] } });
  await world.kim.say(workshop, "@room", { "m.mentions": { room: true } });
  await world.kim.say(square, "supper", { "m.mentions": { user_ids: [lu.userId] } });
  // Jo's mention of Bea stands in Workshop itself; Kim's words are copied as well, and ping nobody more.
  await expectPinged(randomUUID(), ["bea", "bea", "jo", "lu"]);
});

/** Waits until everything before a mark has arrived everywhere. */
async function expectPinged(mark: string, pinged: string[]): Promise<void> {
  await ana.say(kitchen, mark);
  await jo.waitForMessage(workshop, mark, 30_000);
  await bea.waitForMessage(workshop, mark, 30_000);
  await lu.waitForMessage(square, mark, 30_000);
  const expected = { bea: 0, jo: 0, lu: 0, ...counted(pinged) };
  const newly = Object.entries(await highlights()).map(([name, count]) => [name, count - (before.get(name) ?? 0)]);
  expect(Object.fromEntries(newly)).toEqual(expected);
}

function counted(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

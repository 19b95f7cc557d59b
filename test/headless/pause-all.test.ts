import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusView } from "../../main/protocol/control.ts";
import { succeeded, type Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { countOf, showLink, untilLink } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** One switch stops everything at once, and what people say of themselves counts meanwhile. */

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let link: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop, ferry, link } = await linkedRooms(world));
  await ana.say(kitchen, "before the pause");
  await jo.waitForMessage(workshop, "before the pause");
});

afterAll(() => world.end());

test("while everything is paused nothing is sent, after a restart neither", async () => {
  expect(await everything("pause")).toMatchObject({ paused: true, everything_paused: true, summary: "Paused" });
  await ana.say(kitchen, "held back, 1");
  await untilWaiting(1);
  await ferry.stop();
  await ana.say(kitchen, "held back, 2");
  ferry = await world.ferry();
  await ana.say(kitchen, "held back, 3");
  await untilWaiting(3);
  const { state, reason } = await showLink(ferry, link);
  expect([state, reason]).toEqual(["paused", expect.stringContaining("Everything is paused")]);
  await ferry.idle();
  expect(await countOf(jo, workshop, "held back")).toBe(0);
  const owed = succeeded("ferry outbox", await ferry.cli("outbox", "--json")).json as { reason: string }[];
  expect(owed.map(({ reason }) => reason.startsWith("Everything is paused"))).toEqual([true, true, true]);
});

test("when Ferry goes on, all of it follows in order and once", async () => {
  expect(await everything("resume")).toMatchObject({ paused: false, everything_paused: false });
  await jo.waitForMessage(workshop, "held back, 3");
  const words = (await jo.timeline(workshop)).map(({ body }) => body).filter((body) => body.includes("held back"));
  expect(words.map((body) => body.replace("Ana: ", ""))).toEqual(["held back, 1", "held back, 2", "held back, 3"]);
});

test("an admin who stops the link meanwhile has stopped it, though they are told only afterwards", async () => {
  await everything("pause");
  await ana.say(kitchen, "said before the stop");
  await untilWaiting(1);
  await world.kim.say(kitchen, "!ferry stop");
  await untilLink(ferry, link, "the stop counts", ({ rooms }) => {
    return rooms.some(({ gap }) => gap?.code === "consent-revoked");
  });
  const isConfirmation = ({ body, sender }: { body: string; sender: string }): boolean =>
    sender === world.kim.userId && body.startsWith("Nothing more is copied");
  expect((await ana.timeline(kitchen)).filter(isConfirmation)).toEqual([]);
  await everything("resume");
  await ana.waitForMessage(kitchen, isConfirmation);
  expect(await countOf(jo, workshop, "said before the stop")).toBe(0);
  succeeded("ferry link approve", await ferry.cli("link", "approve", link, "--yes"));
});

test("who gives up what is owed while logging out finds it left out, and everything else as it was", async () => {
  await everything("pause");
  await ana.say(kitchen, "never to arrive");
  await untilWaiting(1);
  succeeded("ferry logout", await ferry.cli("logout", "--drop-owed", "--yes"));
  expect((await showLink(ferry, link)).waiting).toBe(0);
  await world.logIn(ferry);
  await everything("resume");
  await ana.say(kitchen, "after the new login");
  await jo.waitForMessage(workshop, "after the new login");
  expect(await countOf(jo, workshop, "never to arrive")).toBe(0);
  const dismissed = (await showLink(ferry, link)).skipped.find(({ reason }) => reason === "dismissed");
  expect(dismissed?.count).toBe(1);
});

async function everything(word: "pause" | "resume"): Promise<StatusView> {
  return succeeded(`ferry ${word}`, await ferry.cli(word, "--json")).json as StatusView;
}

function untilWaiting(count: number): Promise<unknown> {
  return untilLink(ferry, link, `${count} copies wait`, ({ waiting }) => waiting === count);
}

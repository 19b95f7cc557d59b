import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { countOf, showLink, untilLink } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** What the user keeps in its room stays there, between two encrypted rooms on a real homeserver. */

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let lu: Person;
let kitchen: string;
let workshop: string;
let link: string;

const set = async (...words: string[]): Promise<void> => {
  const { status, stderr } = await ferry.cli("link", "set", link, ...words);
  expect([status, stderr]).toEqual([0, ""]);
};

beforeAll(async () => {
  world = await createWorld();
  lu = await world.person("lu", "Lu");
  ({ ana, jo, kitchen, workshop, ferry, link } = await linkedRooms(world, [lu]));
});

afterAll(() => world.end());

test("a word that is never copied: not in a message, an edit, a quotation", async () => {
  await set("--never", "birthday present", "--never", "surprise");
  const kept = await ana.say(kitchen, "We have a SURPRISE for Jo!");
  const open = await ana.say(kitchen, "Dinner is ready");
  await jo.waitForMessage(workshop, "Ana: Dinner is ready");
  await ana.edit(kitchen, open, "The Birthday   present is ready");
  await ana.edit(kitchen, kept, "nothing to see");
  await ana.reply(kitchen, kept, "and what is it?");
  const reply = await jo.waitForMessage(workshop, "and what is it?");
  await untilSkipped("filtered-word", 2);
  await untilSkipped("target-not-copied", 1);
  expect(JSON.stringify(reply.content)).not.toMatch(/surprise/i);
  for (const text of ["SURPRISE", "Birthday", "nothing to see"]) expect(await countOf(jo, workshop, text)).toBe(0);
  expect(await countOf(jo, workshop, "Ana: Dinner is ready")).toBe(1);
  // Half a word is none.
  await ana.say(kitchen, "I am surprised");
  await jo.waitForMessage(workshop, "Ana: I am surprised");
});

test("people, kinds, bots, each for the room that it is set for; what is taken back is taken back all the same", async () => {
  const regretted = await lu.say(kitchen, "said too much");
  const copy = await jo.waitForMessage(workshop, "said too much");
  await set("--room", kitchen, "--not-from", lu.userId, "--without", "reactions", "--bots", "off");
  await lu.say(kitchen, "Lu is kept apart");
  await ana.react(kitchen, regretted, "🥚");
  await ana.sendContent(kitchen, { msgtype: "m.notice", body: "a bot speaks" });
  await untilSkipped("filtered-sender", 1);
  await untilSkipped("filtered-kind", 1);
  await untilSkipped("filtered-notice", 1);
  const seen = (await jo.timeline(workshop)).find(({ eventId }) => eventId === copy.eventId);
  expect(seen?.reactions).toEqual([]);
  for (const text of ["kept apart", "a bot speaks"]) expect(await countOf(jo, workshop, text)).toBe(0);
  // From the other room it is copied: the filter is Kitchen's.
  await jo.sendContent(workshop, { msgtype: "m.notice", body: "a bot of Workshop's" });
  await ana.waitForMessage(kitchen, "a bot of Workshop's");
  await lu.redact(kitchen, regretted);
  const isGone = async (): Promise<boolean> => (await countOf(jo, workshop, "said too much")) === 0;
  await jo.waitFor(isGone, 20_000, "the copy of what Lu took back to go");
  await set("--room", kitchen, "--like-others");
  await lu.say(kitchen, "Lu is back");
  await jo.waitForMessage(workshop, "Lu: Lu is back");
});

test("threads only, over a restart", async () => {
  const root = await ana.say(kitchen, "a root");
  await jo.waitForMessage(workshop, "a root");
  await set("--threads-only", "on");
  await ferry.stop();
  await ana.say(kitchen, "outside");
  await ana.replyInThread(kitchen, root, "inside");
  ferry = await world.ferry();
  const inside = await jo.waitForMessage(workshop, "Ana: inside");
  expect(inside.threadRoot).not.toBeNull();
  await untilSkipped("filtered-not-in-thread", 1);
  expect(await countOf(jo, workshop, "outside")).toBe(0);
  await set("--threads-only", "off");
});

test("names stand as they are set, in the text and in the profile alike", async () => {
  for (const [form, name] of [
    ["name-room", "Ana (Kitchen)"],
    ["name-id", `Ana (${ana.userId})`],
    ["name", "Ana"],
  ] as const) {
    await set("--names", form);
    await ana.say(kitchen, `named by ${form}.`);
    const copy = await jo.waitForMessage(workshop, `${name}: named by ${form}.`);
    expect(copy.content["com.beeper.per_message_profile"]).toMatchObject({ displayname: name, has_fallback: true });
    expect(copy.encrypted).toBe(true);
  }
});

test("the words are in the links' file, which is the user's, and in no log and no diagnostics", async () => {
  const saved = async (...words: string[]): Promise<string> => {
    const { json } = await ferry.cli(...words, "--json");
    return readFileSync((json as { path: string }).path, "utf8");
  };
  expect(await saved("link", "export")).toContain("birthday present");
  expect(await saved("diagnostics")).not.toMatch(/birthday|surprise/i);
  expect(readFileSync(join(world.dataDir, "logs", "ferry.log"), "utf8")).not.toMatch(/birthday|surprise/i);
});

async function untilSkipped(name: string, count: number): Promise<void> {
  const counted = (skipped: { reason: string; count: number }[]): number =>
    skipped.find(({ reason }) => reason === name)?.count ?? 0;
  await untilLink(ferry, link, `${count} × ${name}`, ({ skipped }) => counted(skipped) >= count);
  expect(counted((await showLink(ferry, link)).skipped)).toBe(count);
}

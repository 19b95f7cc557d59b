import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import { countOf, showLink, untilLink } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let lu: Person;
let kitchen: string;
let workshop: string;
let link: string;
/** Messages of Ana's from before she asked to be left out. */
let earlier: string;
let regretted: string;

beforeAll(async () => {
  world = await createWorld();
  lu = await world.person("lu", "Lu");
  ({ ana, jo, kitchen, workshop, ferry, link } = await linkedRooms(world, [lu]));
  earlier = await ana.say(kitchen, "said gladly");
  regretted = await ana.say(kitchen, "said too much");
  await jo.waitForMessage(workshop, "said too much");
});

afterAll(() => world.end());

test("a member who opts out is told so, once", async () => {
  await ana.say(kitchen, "!ferry optout");
  const confirmation = await ana.waitForMessage(kitchen, isConfirmation("!ferry optin"));
  expect(confirmation).toMatchObject({ sender: world.kim.userId, encrypted: true });
  expect(confirmation.body).toContain(ana.userId);
  expect((await showLink(ferry, link)).opted_out).toEqual([ana.userId]);

  await ana.say(kitchen, "!ferry optout");
  await lu.say(kitchen, "after the second one");
  await jo.waitForMessage(workshop, "after the second one");
  expect(await confirmations("!ferry optin")).toBe(1);
  // It is a word to Ferry, and nobody's business elsewhere.
  expect(await countOf(jo, workshop, "Ana: !ferry")).toBe(0);
});

test("nothing of theirs is copied: messages, edits, replies, reactions", async () => {
  const before = await leftOut();
  const lus = await lu.say(kitchen, "does anybody have eggs?");
  const copy = await jo.waitForMessage(workshop, "does anybody have eggs?");
  await ana.say(kitchen, "kept apart");
  await ana.edit(kitchen, earlier, "kept apart, edited");
  await ana.reply(kitchen, lus, "kept apart, in reply");
  await ana.react(kitchen, lus, "🥚");
  await untilLeftOut(before + 4);
  expect(await countOf(jo, workshop, "kept apart")).toBe(0);
  expect(await countOf(jo, workshop, "said gladly")).toBe(1);
  const seen = (await jo.timeline(workshop)).find(({ eventId }) => eventId === copy.eventId);
  expect(seen?.reactions).toEqual([]);
});

test("they are not quoted in replies to them, and everybody else is carried as before", async () => {
  const hers = await ana.say(kitchen, "a secret recipe");
  await lu.reply(kitchen, hers, "sounds delicious");
  const reply = await jo.waitForMessage(workshop, "sounds delicious");
  for (const word of ["secret recipe", ana.userId]) expect(JSON.stringify(reply.content)).not.toContain(word);
  expect(reply.body).not.toContain("Ana");
  await jo.say(workshop, "hello from Workshop");
  await ana.waitForMessage(kitchen, "hello from Workshop");
});

test("it holds after a restart, and what they take back is taken back everywhere", async () => {
  await ferry.stop();
  await ana.say(kitchen, "kept while Ferry was off");
  ferry = await world.ferry();
  const before = await leftOut();
  await ana.say(kitchen, "kept after a restart");
  await untilLeftOut(before + 1);
  await lu.say(kitchen, "Lu after a restart");
  await jo.waitForMessage(workshop, "Lu after a restart");
  for (const text of ["kept while", "kept after"]) expect(await countOf(jo, workshop, text)).toBe(0);

  expect(await countOf(jo, workshop, "said too much")).toBe(1);
  await ana.redact(kitchen, regretted);
  const isGone = async (): Promise<boolean> => (await countOf(jo, workshop, "said too much")) === 0;
  await jo.waitFor(isGone, 20_000, "the copy of what Ana took back to go");
});

test("who opts in again is carried from then on", async () => {
  await ana.say(kitchen, "!ferry optin");
  await ana.waitForMessage(kitchen, isConfirmation("!ferry optout"));
  await ana.say(kitchen, "Ana is back");
  await jo.waitForMessage(workshop, "Ana is back");
  expect((await showLink(ferry, link)).opted_out).toEqual([]);
  expect(await countOf(jo, workshop, "kept")).toBe(0);
});

test("in German, once that is set: the words to be written stay, and are obeyed", async () => {
  await ferry.cli("settings", "--notices", "de");
  await ana.say(kitchen, "!ferry optout");
  const confirmation = await ana.waitForMessage(kitchen, "Ferry lässt die Nachrichten von");
  expect(isConfirmation("!ferry optin")(confirmation)).toBe(true);
  await ferry.cli("link", "remove", link, "--yes");
  await jo.waitForMessage(workshop, "werden nicht mehr nach „Kitchen“ kopiert und die von dort nicht mehr hierher.");
});

/** Accepts what Ferry writes when somebody has opted out or in: it says how to undo that. */
function isConfirmation(undo: string): (message: { sender: string; body: string }) => boolean {
  return ({ sender, body }) => sender === world.kim.userId && body.includes(undo) && body.includes(ana.userId);
}

async function confirmations(undo: string): Promise<number> {
  return (await ana.timeline(kitchen)).filter(isConfirmation(undo)).length;
}

/** How many events of people who have opted out were left out. */
async function leftOut(): Promise<number> {
  return (await showLink(ferry, link)).skipped.find(({ reason }) => reason === "opted-out")?.count ?? 0;
}

async function untilLeftOut(count: number): Promise<void> {
  await untilLink(ferry, link, `${count} events of Ana's were left out`, ({ skipped }) => {
    return (skipped.find(({ reason }) => reason === "opted-out")?.count ?? 0) >= count;
  });
}

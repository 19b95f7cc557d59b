import { randomFillSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engineAndMain, type Memory } from "../bench/memory.ts";
import type { Ferry } from "../support/ferry.ts";
import { openedFile, uploaded } from "../support/files.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person, SeenMessage } from "../support/person.ts";
import { pause } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

const BYTES = 100_000_000;
/** What main and all processes of the engine may hold more than before, in megabytes. */
const MOST_GROWTH_MB = 300;
const SAMPLE_MS = 50;

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;
let link: { id: string };
const file = Buffer.alloc(BYTES);

beforeAll(async () => {
  world = await createWorld({ configure: async () => ({ max_upload_size: "150M" }) });
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  ferry = await world.loggedInFerry();
  link = await ferry.link([kitchen, workshop]);
  randomFillSync(file);
});

afterAll(() => world.end());

test("a file of 100 MB crosses without main and engine growing by as much", { timeout: 180_000 }, async () => {
  await ana.say(kitchen, "before it");
  await jo.waitForMessage(workshop, "before it");
  const before = total(engineAndMain(ferry));
  let highest = before;
  let isOver = false;
  const said = new Set<string | null>();
  const asking = (async () => {
    while (!isOver) {
      said.add(await carrying("status"));
      said.add(await carrying("link", "show", link.id));
    }
  })();
  const sampling = (async () => {
    for (; !isOver; await pause(SAMPLE_MS)) highest = Math.max(highest, total(engineAndMain(ferry)));
  })();
  await expectToArrive("film.mp4", await sendFile("film.mp4"));
  isOver = true;
  await sampling;
  await asking;
  said.delete(null);
  console.log(`while it was under way: ${[...said].join("; ")}`);
  expect(said.size).toBeGreaterThan(0);
  const words = /^Carrying a file of 100 MB: (?:\d+ % fetched|fetched, now being sent on)$/;
  for (const sentence of said) expect(sentence).toMatch(words);
  expect(await carrying("status")).toBeNull();
  console.log(`main and engine held ${Math.round(before)} MB before, and ${Math.round(highest)} MB at most`);
  if (before > 0) expect(highest - before).toBeLessThan(MOST_GROWTH_MB);
  else console.log("what they hold cannot be measured on this system");
});

test("goes on after Ferry is killed in the middle, and comes once", { timeout: 240_000 }, async () => {
  const sent = await sendFile("book.pdf");
  await ana.say(kitchen, "after the book");
  for (const lifeMs of [200, 500, 900]) {
    await pause(lifeMs);
    await ferry.kill();
    expect(await copiesOf("book.pdf"), "it was to be killed before the copy was sent").toHaveLength(0);
    ferry = await world.ferry();
  }
  await expectToArrive("book.pdf", sent);
  await jo.waitForMessage(workshop, "Ana: after the book");
  await ferry.idle();
  const bodies = (await jo.timeline(workshop)).map(({ body, content }) => (content["filename"] as string) ?? body);
  expect(bodies.filter((body) => /book/.test(body))).toEqual(["book.pdf", "Ana: after the book"]);
});

/** What a command says of a large file that is under way. */
async function carrying(...words: string[]): Promise<string | null> {
  const { json } = await ferry.cli(...words, "--json");
  return (json as { carrying: string | null }).carrying;
}

async function sendFile(body: string): Promise<Record<string, unknown>> {
  const named = await uploaded(ana, file, { encrypted: true });
  const content = { msgtype: "m.file", body, info: { size: BYTES }, ...named };
  await ana.sendContent(kitchen, content);
  return content;
}

async function copiesOf(name: string): Promise<SeenMessage[]> {
  return (await jo.timeline(workshop)).filter(({ content }) => content["filename"] === name);
}

async function expectToArrive(name: string, sent: Record<string, unknown>): Promise<void> {
  const copy = await jo.waitFor(async () => (await copiesOf(name))[0], 120_000, `the copy of ${name}`);
  const opened = await openedFile(jo, copy.content);
  expect(opened.bytes.equals(file)).toBe(true);
  expect(opened.uri).not.toBe((sent["file"] as { url: string }).url);
}

function total(memory: Memory | null): number {
  return memory === null ? 0 : memory.main + memory.engine;
}

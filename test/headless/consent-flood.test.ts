import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EFFORT } from "../support/effort.ts";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Asked, Scene } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** What an admin's own Ferry makes of proposals that are meant to deceive or to drown it. */

/** More than are listed. */
const FLOOD = 120 * EFFORT;

let world: World;
let ferry: Ferry;
let anasFerry: Ferry;
/** The admin, cross-signed. */
let ana: Person;
let lu: Person;
/** A member who has no power. */
let mal: Person;
let scene: Scene;
let asked: Asked;

afterAll(() => world.end());

beforeAll(async () => {
  world = await createWorld();
  [ana, lu, mal] = await Promise.all([
    world.person("ana", "Ana"),
    world.person("lu", "Lu"),
    world.person("mal", "Mal"),
  ]);
  await Promise.all([ana.crossSign(), mal.crossSign()]);
  ferry = await world.loggedInFerry();
  anasFerry = await world.ferryOf(ana);
  scene = await talk.makeScene(world, { guest: lu, admin: ana, members: [mal] }, { encrypted: false });
  await world.kim.setState(scene.own, "m.room.name", "", {
    name: `Kit\u202E\u200B\u0007chen\n${"x".repeat(10_000)}`,
  });
  asked = await talk.propose(ferry, scene, "--expose", scene.theirs);
});

test("shows a proposal with hostile names as one short harmless line", async () => {
  await talk.untilProposed(anasFerry, asked.code);
  const { stdout } = succeeded("ferry proposals", await anasFerry.cli("proposals"));
  const message = (await ana.timeline(scene.theirs)).find(({ eventId }) => eventId === asked.eventId);
  for (const text of [stdout, message?.body ?? "\u202E"]) {
    // Nothing that hides, turns around or moves what stands beside it.
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(text.length).toBeLessThan(4_000);
  }
});

test("stays usable in a flood of proposals, and takes none of them for the real one", async () => {
  const flood = await floodWithProposals(scene, asked);
  expect(flood).toHaveLength(FLOOD);
  succeeded("ferry status", await anasFerry.cli("status", "--json"));
  await anasFerry.idle();
  const listed = await talk.listProposals(anasFerry);
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.length).toBeLessThanOrEqual(100);
  expect(listed.filter(({ proposer }) => proposer === world.kim.userId)).toMatchObject([{ code: asked.code }]);
  // Whichever of the false ones she approves: it is none of Kim's.
  const imitation = listed.find(({ proposer }) => proposer === mal.userId);
  if (imitation) await anasFerry.cli("link", "approve", imitation["code"] as string, "--yes");
  await talk.expectNothing(ferry, scene, asked);
  succeeded("ferry link approve", await anasFerry.cli("link", "approve", asked.code, "--yes"));
  await talk.untilMirroring(ferry, asked.link);
  await talk.expectFlow(scene);
});

/** Mal imitates Kim's proposal many times, with codes of his own, and rings for each. Answers with the events. */
async function floodWithProposals({ theirs }: Scene, asked: Asked): Promise<string[]> {
  const real = JSON.stringify(asked.content).replaceAll(world.kim.userId, mal.userId);
  const ring = await talk.bellOf(mal, ana, theirs);
  const events: string[] = [];
  const one = async (): Promise<void> => {
    const code = [...randomBytes(8)].map((byte) => "ABCDEFGH"[byte % 8]).join("");
    const content = JSON.parse(real.replaceAll(asked.code, code)) as Record<string, unknown>;
    const event = await mal.sendInTheClear(theirs, content);
    await ring(event);
    events.push(event);
  };
  const lane = async (): Promise<void> => {
    for (let count = 0; count < FLOOD / 20; count++) await one();
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  return events;
}

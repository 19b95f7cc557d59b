import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Asked, Scene } from "../support/negotiation.ts";
import { loginDevice, type Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

const DAY_MS = 24 * 3_600_000;
const FLOOD = 1_000;

let world: World;
let ferry: Ferry;
/** The admin, cross-signed. */
let ana: Person;
let lu: Person;
/** A member who has no power and would like to have it. */
let mal: Person;
/** A member who used to be an admin. */
let old: Person;

beforeAll(async () => {
  world = await createWorld();
  [ana, lu, mal, old] = await Promise.all([
    world.person("ana", "Ana"),
    world.person("lu", "Lu"),
    world.person("mal", "Mal"),
    world.person("old", "Old"),
  ]);
  await Promise.all([ana.crossSign(), mal.crossSign(), old.crossSign()]);
  ferry = await world.loggedInFerry();
});

afterAll(() => world.end());

describe("an approval that nobody has given", () => {
  let scene: Scene;
  let asked: Asked;

  beforeAll(async () => {
    scene = await talk.makeScene(world, { guest: lu, admin: ana, members: [mal, old] });
    await ana.setPower(scene.theirs, { [old.userId]: 100 });
    await world.kim.client.invite(scene.own, ana.userId);
    await ana.join(scene.own);
    asked = await talk.propose(ferry, scene);
  });

  test("by a member without power", async () => {
    await talk.answer(mal, scene.theirs, asked, "approve");
    await expectNothing(scene, asked);
  });

  test("by somebody who was an admin when they said so, and is none any more", async () => {
    await ferry.stop();
    await talk.answer(old, scene.theirs, asked, "approve");
    await talk.setConsent(old, scene.theirs, asked, "approved");
    await ana.setPower(scene.theirs, { [old.userId]: 0 });
    ferry = await world.ferry();
    await talk.answer(old, scene.theirs, asked, "approve");
    await expectNothing(scene, asked);
  });

  test("by the right code, or a state event, in the other room only", async () => {
    await world.kim.setPower(scene.own, { [ana.userId]: 100 });
    await talk.setConsent(ana, scene.own, asked, "approved");
    await ana.say(scene.own, `approve ${asked.code}`);
    await expectNothing(scene, asked);
  });

  test("in the clear in an encrypted room, or by a reaction", async () => {
    const relation = { "m.relates_to": { "m.in_reply_to": { event_id: asked.eventId } } };
    await ana.sendInTheClear(scene.theirs, { msgtype: "m.text", body: `approve ${asked.code}`, ...relation });
    for (const key of ["👍", "✅", `approve ${asked.code}`]) await ana.react(scene.theirs, asked.eventId, key);
    await expectNothing(scene, asked);
  });

  test("by a state event that names another proposal, or other terms", async () => {
    await talk.setConsent(ana, scene.theirs, { ...asked, eventId: `$${"a".repeat(43)}` }, "approved");
    await expectNothing(scene, asked);
    await talk.setConsent(ana, scene.theirs, { ...asked, terms: "a".repeat(43) }, "approved");
    await expectNothing(scene, asked);
  });

  test("from a device that its owner has not signed, unless the user accepts that", async () => {
    const phone = await loginDevice(world.synapse, ana.name);
    await talk.answer(phone, scene.theirs, asked, "approve");
    const isNamed = (link: talk.LinkDetail): boolean =>
      /device/.test(remarkOf(link)) && remarkOf(link).includes(ana.userId);
    await talk.untilLink(ferry, asked.link, "a remark about Ana's device", isNamed);
    await expectNothing(scene, asked);

    succeeded("ferry settings", await ferry.cli("settings", "accept-unverified", "on"));
    await expectNothing(scene, asked);
    await talk.answer(phone, scene.theirs, asked, "approve");
    await talk.untilMirroring(ferry, asked.link);
    // The same question, all the time: now it is answered, and none of the others was.
    await talk.expectFlow(scene);
    succeeded("ferry settings", await ferry.cli("settings", "accept-unverified", "off"));
    await phone.stop();
  });
});

describe("an approval of something else", () => {
  test("the code of a question that was withdrawn, after a new one", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana });
    const first = await talk.propose(ferry, scene);
    succeeded("ferry link withdraw", await ferry.cli("link", "withdraw", first.link, "--yes"));
    await ferry.stop();
    dateQuestionsBack(world.dataDir, 2 * DAY_MS);
    ferry = await world.ferry();
    const second = await talk.propose(ferry, scene);
    await talk.answer(ana, scene.theirs, first, "approve");
    await talk.setConsent(ana, scene.theirs, first, "approved");
    await talk.setConsent(ana, scene.theirs, { ...first, link: second.link }, "approved");
    await expectNothing(scene, second);
  });

  test("what was approved, sent once more after it was revoked", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana });
    const asked = await talk.propose(ferry, scene);
    await talk.setConsent(ana, scene.theirs, asked, "approved");
    await talk.untilMirroring(ferry, asked.link);
    await talk.expectFlow(scene);
    await talk.setConsent(ana, scene.theirs, asked, "revoked");
    await talk.untilGap(ferry, asked.link, scene.theirs, "consent-revoked");
    await talk.setConsent(ana, scene.theirs, asked, "approved");
    await talk.answer(ana, scene.theirs, asked, "approve");
    await expectNothing(scene, asked);
  });

  test("of one room, where the proposer has no power in either", async () => {
    const garden = await lu.createEncryptedRoom({ name: "Garden", invite: [world.kim] });
    await world.kim.join(garden);
    const { theirs } = await talk.makeScene(world, { guest: lu, admin: ana });
    const scene: Scene = { own: garden, guest: lu, theirs, admin: ana };
    const asked = await talk.propose(ferry, scene);
    expect((await talk.showLink(ferry, asked.link)).proposals).toHaveLength(2);
    await talk.answer(ana, theirs, asked, "approve");
    await talk.untilGap(ferry, asked.link, theirs, null);
    await expectNothing(scene, asked);
  });
});

describe("an admin's own Ferry", () => {
  let anasFerry: Ferry;
  let scene: Scene;
  let asked: Asked;

  beforeAll(async () => {
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
    await expectNothing(scene, asked);
    succeeded("ferry link approve", await anasFerry.cli("link", "approve", asked.code, "--yes"));
    await talk.untilMirroring(ferry, asked.link);
    await talk.expectFlow(scene);
  });
});

/** Nothing passes between the two rooms, and Ferry still says that this is for want of consent. */
async function expectNothing(scene: Scene, asked: Asked): Promise<void> {
  // What was answered before it in the same room has been taken in by then, and is looked into.
  await talk.sayInVain(ferry, asked.link, scene);
  await ferry.idle();
  const text = await talk.sayInVain(ferry, asked.link, scene);
  expect(await talk.countBoth(scene, text)).toEqual([1, 1]);
  const link = await talk.showLink(ferry, asked.link);
  expect(["waiting", "suspended"]).toContain(link.state);
}

function remarkOf(link: talk.LinkDetail): string {
  return link.proposals.at(-1)?.remark ?? "";
}

/** Lets what a Ferry has asked be some time ago: it asks a room once a day at most. Ferry must not be running. */
function dateQuestionsBack(dataDir: string, byMs: number): void {
  const database = new DatabaseSync(join(dataDir, "ferry.db"));
  database.prepare("UPDATE proposals SET created_ts = created_ts - ?").run(byMs);
  database.close();
}

/** Mal imitates Kim's proposal a thousand times, with codes of his own, and rings for each. Answers with the events. */
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

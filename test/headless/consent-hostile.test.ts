import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Asked, Scene } from "../support/negotiation.ts";
import { loginDevice, type Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

const DAY_MS = 24 * 3_600_000;

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
    await talk.expectNothing(ferry, scene, asked);
  });

  test("by somebody who was an admin when they said so, and is none any more", async () => {
    await ferry.stop();
    await talk.answer(old, scene.theirs, asked, "approve");
    await talk.setConsent(old, scene.theirs, asked, "approved");
    await ana.setPower(scene.theirs, { [old.userId]: 0 });
    ferry = await world.ferry();
    await talk.answer(old, scene.theirs, asked, "approve");
    await talk.expectNothing(ferry, scene, asked);
  });

  test("by the right code, or a state event, in the other room only", async () => {
    await world.kim.setPower(scene.own, { [ana.userId]: 100 });
    await talk.setConsent(ana, scene.own, asked, "approved");
    await ana.say(scene.own, `approve ${asked.code}`);
    await talk.expectNothing(ferry, scene, asked);
  });

  test("in the clear in an encrypted room, or by a reaction", async () => {
    const relation = { "m.relates_to": { "m.in_reply_to": { event_id: asked.eventId } } };
    await ana.sendInTheClear(scene.theirs, { msgtype: "m.text", body: `approve ${asked.code}`, ...relation });
    for (const key of ["👍", "✅", `approve ${asked.code}`]) await ana.react(scene.theirs, asked.eventId, key);
    await talk.expectNothing(ferry, scene, asked);
  });

  test("by a state event that names another proposal, or other terms", async () => {
    await talk.setConsent(ana, scene.theirs, { ...asked, eventId: `$${"a".repeat(43)}` }, "approved");
    await talk.expectNothing(ferry, scene, asked);
    await talk.setConsent(ana, scene.theirs, { ...asked, terms: "a".repeat(43) }, "approved");
    await talk.expectNothing(ferry, scene, asked);
  });

  test("from a device that its owner has not signed, unless the user accepts that", async () => {
    const phone = await loginDevice(world.synapse, ana.name);
    await talk.answer(phone, scene.theirs, asked, "approve");
    const isNamed = (link: talk.LinkDetail): boolean =>
      /device/.test(remarkOf(link)) && remarkOf(link).includes(ana.userId);
    await talk.untilLink(ferry, asked.link, "a remark about Ana's device", isNamed);
    await talk.expectNothing(ferry, scene, asked);

    succeeded("ferry settings", await ferry.cli("settings", "accept-unverified", "on"));
    await talk.expectNothing(ferry, scene, asked);
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
    await talk.expectNothing(ferry, scene, second);
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
    await talk.expectNothing(ferry, scene, asked);
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
    await talk.expectNothing(ferry, scene, asked);
  });
});

function remarkOf(link: talk.LinkDetail): string {
  return link.proposals.at(-1)?.remark ?? "";
}

/** Lets what a Ferry has asked be some time ago: it asks a room once a day at most. Ferry must not be running. */
function dateQuestionsBack(dataDir: string, byMs: number): void {
  const database = new DatabaseSync(join(dataDir, "ferry.db"));
  database.prepare("UPDATE proposals SET created_ts = created_ts - ?").run(byMs);
  database.close();
}

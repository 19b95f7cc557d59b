import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeded, type Ferry } from "../support/ferry.ts";
import * as talk from "../support/negotiation.ts";
import type { Scene } from "../support/negotiation.ts";
import type { Person } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/** An ordinary room of everybody's present homeservers: in later versions a creator cannot lose power. */
const BEFORE_CREATORS = { roomVersion: "11" };

let world: World;
let ferry: Ferry;
let anasFerry: Ferry;
/** An admin with a Ferry. */
let ana: Person;
/** An admin with an ordinary client. */
let jo: Person;
let lu: Person;

beforeAll(async () => {
  world = await createWorld();
  [ana, jo, lu] = await Promise.all([world.person("ana", "Ana"), world.person("jo", "Jo"), world.person("lu", "Lu")]);
  await jo.crossSign();
  [ferry, anasFerry] = await Promise.all([world.loggedInFerry(), world.ferryOf(ana)]);
});

afterAll(() => world.end());

describe("a link with a room that somebody else speaks for", () => {
  test("begins when that admin's own Ferry has found the proposal and approved it", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana }, BEFORE_CREATORS);
    const asked = await talk.propose(ferry, scene);
    expect(await talk.untilProposed(anasFerry, asked.code)).toMatchObject({
      proposer: world.kim.userId,
      room_name: "Workshop",
      peers: ["Kitchen"],
      direction: "two-way",
      state: "open",
      may_approve: true,
    });
    expect((await talk.showLink(ferry, asked.link)).state).toBe("waiting");
    const tooEarly = await talk.sayInVain(ferry, asked.link, scene);

    succeeded("ferry link approve", await anasFerry.cli("link", "approve", asked.code, "--yes", "--json"));
    await talk.untilMirroring(ferry, asked.link);
    await talk.expectFlow(scene);
    expect(await talk.countBoth(scene, tooEarly)).toEqual([1, 1]);
    expect(await talk.untilProposed(anasFerry, asked.code)).toMatchObject({ state: "approved" });
    await expectEvidence(scene, asked);
  });

  test("begins when its admin replies with the code, in an encrypted room with an ordinary client", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: jo });
    const asked = await talk.propose(ferry, scene);
    const question = (await jo.timeline(scene.theirs)).find(({ eventId }) => eventId === asked.eventId);
    expect(question).toMatchObject({ encrypted: true, sender: world.kim.userId });
    const answer = await talk.answer(jo, scene.theirs, asked, "approve");
    const link = await talk.untilMirroring(ferry, asked.link);
    await talk.expectFlow(scene);
    expect(link.consents.find(({ room_id: room }) => room === scene.theirs)).toMatchObject({
      approver: jo.userId,
      way: "reply",
      event_id: answer,
      // Jo made the room, in a version in which that is above every level.
      power: null,
      required: 50,
    });
    // The answer is for Ferry, not for the other room.
    expect(await talk.countOf(lu, scene.own, talk.spoken(asked))).toBe(0);
  });

  test("does not begin when its admin declines, and asking again the same day is refused", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana });
    const asked = await talk.propose(ferry, scene);
    await talk.untilProposed(anasFerry, asked.code);
    succeeded("ferry link decline", await anasFerry.cli("link", "decline", asked.code, "--yes", "--json"));
    const link = await talk.untilGap(ferry, asked.link, scene.theirs, "consent-declined");
    expect(link.proposals).toMatchObject([{ code: asked.code, state: "declined" }]);
    const text = await talk.sayInVain(ferry, asked.link, scene);
    expect(await talk.countBoth(scene, text)).toEqual([1, 1]);
    const again = await ferry.cli("link", "propose", asked.link, "--yes", "--json");
    expect(talk.failureOf(again)).toBe("asked-today");
  });

  test("is given up when the user withdraws what was asked", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana });
    const asked = await talk.propose(ferry, scene);
    await talk.untilProposed(anasFerry, asked.code);
    succeeded("ferry link withdraw", await ferry.cli("link", "withdraw", asked.link, "--yes", "--json"));
    const late = await anasFerry.cli("link", "approve", asked.code, "--yes", "--json");
    expect(talk.failureOf(late)).toBe("proposal-over");
    expect(await talk.untilProposed(anasFerry, asked.code)).toMatchObject({ state: "withdrawn" });
    expect((await ana.timeline(scene.theirs)).find(({ eventId }) => eventId === asked.eventId)?.redacted).toBe(true);
    expect(talk.failureOf(await ferry.cli("link", "show", asked.link, "--json"))).toBe("unknown-link");
  });

  test("stops when its approver loses their power", async () => {
    const scene = await talk.makeScene(world, { guest: lu, admin: ana }, BEFORE_CREATORS);
    const asked = await approvedByState(scene);
    await ana.setPower(scene.theirs, { [ana.userId]: 0 });
    const text = await talk.sayInVain(ferry, asked.link, scene);
    expect(await talk.countBoth(scene, text)).toEqual([1, 1]);
    const link = await talk.showLink(ferry, asked.link);
    expect(link.state).toBe("suspended");
    expect(talk.gapOf(link, scene.theirs)).toBe("approver-lost-power");
    const ended = link.consents.find(({ room_id: room }) => room === scene.theirs);
    expect(ended).toMatchObject({ approver: ana.userId, ended_reason: "approver-lost-power" });
  });
});

describe("while Ferry is off", () => {
  test("what is revoked stays closed for all that was missed; what waits goes on waiting", async () => {
    const [byState, byWord, waiting] = await Promise.all([
      talk.makeScene(world, { guest: lu, admin: ana }),
      talk.makeScene(world, { guest: lu, admin: jo }),
      talk.makeScene(world, { guest: lu, admin: jo }),
    ]);
    const first = await approvedByState(byState);
    const second = await talk.propose(ferry, byWord);
    await talk.answer(jo, byWord.theirs, second, "approve");
    await talk.untilMirroring(ferry, second.link);
    await talk.expectFlow(byWord);
    const third = await talk.propose(ferry, waiting);

    await ferry.stop();
    await sayBoth([byState, byWord], "missed before");
    await talk.setConsent(ana, byState.theirs, first, "revoked");
    await talk.answer(jo, byWord.theirs, second, "stop");
    await sayBoth([byState, byWord], "missed after");
    ferry = await world.ferry();

    for (const [way, scene, asked] of [
      ["by its state", byState, first],
      ["by a word in the room", byWord, second],
    ] as const) {
      await talk.untilGap(ferry, asked.link, scene.theirs, "consent-revoked");
      const now = await talk.sayInVain(ferry, asked.link, scene);
      for (const text of ["missed before", "missed after", now]) {
        expect(await talk.countBoth(scene, text), `${text}, revoked ${way}`).toEqual([1, 1]);
      }
    }
    expect((await talk.showLink(ferry, third.link)).state).toBe("waiting");
    await talk.answer(jo, waiting.theirs, third, "approve");
    await talk.untilMirroring(ferry, third.link);
    await talk.expectFlow(waiting);
  });
});

describe("two rooms of the user's own", () => {
  test("a private destination that is made public stops the link until the user agrees to it", async () => {
    const scene = await ownScene();
    const { id } = await ferry.link([scene.own, scene.theirs]);
    await talk.expectFlow(scene);
    await world.kim.setState(scene.theirs, "m.room.join_rules", "", { join_rule: "public" });
    const text = await talk.sayInVain(ferry, id, scene);
    const link = await talk.showLink(ferry, id);
    expect(talk.gapOf(link, scene.own)).toBe("audience-widened");
    expect(link.rooms.find(({ room_id: room }) => room === scene.own)?.gap?.sentence).toContain("Workshop");

    succeeded("ferry link approve", await ferry.cli("link", "approve", id, "--yes", "--json"));
    await talk.untilGap(ferry, id, scene.own, null);
    await talk.expectFlow(scene);
    expect(await talk.countBoth(scene, text)).toEqual([1, 1]);
  });

  test("nothing encrypted goes where it would be in the clear unless that room is named for it", async () => {
    const kitchen = await world.room("Kitchen", [lu]);
    const board = await world.kim.createRoom({ name: "Notice board", invite: [jo], encrypted: false });
    await jo.join(board);
    const words = ["link", "add", kitchen, board, "--one-way", "--yes", "--json"];
    expect(talk.failureOf(await ferry.cli(...words))).toBe("link-needs-exposure");
    expect(talk.failureOf(await ferry.cli(...words, "--expose", kitchen))).toBe("link-needs-exposure");
    succeeded("ferry link add --expose", await ferry.cli(...words, "--expose", board));
    await lu.say(kitchen, "for everybody's eyes");
    expect(await jo.waitForMessage(board, "for everybody's eyes")).toMatchObject({ encrypted: false });
  });
});

/** Each room's agreement, and what it shows: who, with what right, by which event, to what, and when. */
async function expectEvidence(scene: Scene, asked: talk.Asked): Promise<void> {
  const link = await talk.showLink(ferry, asked.link);
  const stateEvents = await ana.events(scene.theirs);
  const own = stateEvents.findLast(({ type, stateKey, sender }) => {
    return type === talk.CONNECTION && stateKey === asked.link && sender === ana.userId;
  });
  const theirs = link.consents.find(({ room_id: room }) => room === scene.theirs);
  expect(theirs).toMatchObject({
    approver: ana.userId,
    way: "state-event",
    power: 100,
    required: 50,
    event_id: own?.eventId,
    terms: asked.terms,
    ended_ts: null,
    ended_reason: null,
  });
  // Who could read the copies then, in words.
  expect(theirs?.audience.join(" ")).toContain("Kitchen");
  expect(Math.abs(Date.now() - (theirs?.given_ts ?? 0))).toBeLessThan(60_000);
  const kims = link.consents.find(({ room_id: room }) => room === scene.own);
  expect(kims).toMatchObject({ approver: world.kim.userId, way: "own", terms: asked.terms, required: 50 });
}

/** A link that Ana has approved as her Ferry would, and that carries messages. */
async function approvedByState(scene: Scene): Promise<talk.Asked> {
  const asked = await talk.propose(ferry, scene);
  await talk.setConsent(scene.admin, scene.theirs, asked, "approved");
  await talk.untilMirroring(ferry, asked.link);
  await talk.expectFlow(scene);
  return asked;
}

/** Two rooms that are both Kim's, with Lu in the one and Ana in the other. */
async function ownScene(): Promise<Scene> {
  const own = await world.room("Kitchen", [lu]);
  return { own, guest: lu, theirs: await world.room("Workshop", [ana]), admin: ana };
}

async function sayBoth(scenes: readonly Scene[], text: string): Promise<void> {
  for (const { own, guest, theirs, admin } of scenes) {
    await guest.say(own, text);
    await admin.say(theirs, text);
  }
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import { loginDevice, type Person, type SeenMessage } from "../support/person.ts";
import { settle } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let lu: Person;
let kimsPhone: Person;
let kitchen: string;
let workshop: string;
let garden: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  lu = await world.person("lu", "Lu");
  garden = await world.room("Garden", [lu]);
  kimsPhone = await loginDevice(world.synapse, world.kim.name);
  ferry = await world.loggedInFerry();
  await ferry.link([kitchen, workshop, garden], "--name", "House");
});

afterAll(async () => {
  await kimsPhone.stop();
  await world.end();
});

describe("three linked rooms", () => {
  test("each room has its notice and its state event", async () => {
    for (const [person, room] of everywhere()) {
      const notices = (await person.timeline(room)).filter((message) => message.content["org.matrix.msc2923.notice"]);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ encrypted: true, sender: world.kim.userId });
    }
    const [link] = (await ferry.cli("link", "list", "--json")).json as { id: string }[];
    const connection = await world.kim.state(kitchen, "org.matrix.msc2923.connection", link?.id);
    expect(connection).toMatchObject({ status: "active", direction: "two-way", carrier: world.kim.userId });
    // A private room's members need not know the id of another one.
    expect(JSON.stringify(connection)).not.toContain(workshop);
  });

  test("a message in one is copied to the two others, once, and says who wrote it", async () => {
    await ana.say(kitchen, "bread is ready");
    for (const [person, room] of elsewhere(kitchen)) {
      const copy = await person.waitForMessage(room, "bread is ready");
      expect(copy.body).toBe("Ana: bread is ready");
      expect(copy.encrypted).toBe(true);
      expect(copy.content["com.beeper.per_message_profile"]).toMatchObject({ displayname: "Ana", id: ana.userId });
    }
    await settle(ferry, ...everywhere());
    expect(await count("bread is ready")).toEqual([1, 1, 1]);
  });

  test("the user's own message from another device is copied plain, and copies are not copied again", async () => {
    await kimsPhone.say(garden, "from my phone");
    for (const [person, room] of elsewhere(garden)) {
      expect((await person.waitForMessage(room, "from my phone")).body).toBe("from my phone");
    }
    await settle(ferry, ...everywhere());
    expect(await count("from my phone")).toEqual([1, 1, 1]);
  });

  // The second round is after a restart: what relates to what has outlived the process.
  for (const round of ["before a restart", "after a restart"]) {
    describe(round, () => {
      test("an edit ends in every copy, of an original and of one's own copy", async () => {
        if (round === "after a restart") await restart();
        const original = await ana.say(kitchen, `soup ${round}`);
        await everywhereSees(`soup ${round}`);
        await ana.edit(kitchen, original, `stew ${round}`);
        await everywhereSees(`stew ${round}`);
        expect(await count(`soup ${round}`)).toEqual([0, 0, 0]);
        expect(await count(`stew ${round}`)).toEqual([1, 1, 1]);

        await kimsPhone.say(kitchen, `tea ${round}`);
        const ownCopy = await jo.waitForMessage(workshop, `tea ${round}`);
        await kimsPhone.edit(workshop, ownCopy.eventId, `coffee ${round}`);
        await everywhereSees(`coffee ${round}`);
        expect(await count(`tea ${round}`)).toEqual([0, 0, 0]);
      });

      test("a reply to a copy becomes a reply to the original, and to the other copy", async () => {
        const original = await ana.say(kitchen, `question ${round}`);
        const copy = await jo.waitForMessage(workshop, `question ${round}`);
        const thirdCopy = await lu.waitForMessage(garden, `question ${round}`);
        await jo.reply(workshop, copy.eventId, `answer ${round}`);
        expect((await ana.waitForMessage(kitchen, `answer ${round}`)).replyTo).toBe(original);
        expect((await lu.waitForMessage(garden, `answer ${round}`)).replyTo).toBe(thirdCopy.eventId);
      });

      test("a thread stays a thread", async () => {
        const root = await lu.say(garden, `root ${round}`);
        const copy = await ana.waitForMessage(kitchen, `root ${round}`);
        await ana.replyInThread(kitchen, copy.eventId, `branch ${round}`);
        expect((await lu.waitForMessage(garden, `branch ${round}`)).threadRoot).toBe(root);
      });

      test("reactions are counted: the copy's goes with the last one", async () => {
        const original = await ana.say(kitchen, `cake ${round}`);
        const copy = await jo.waitForMessage(workshop, `cake ${round}`);
        await lu.waitForMessage(garden, `cake ${round}`);
        const first = await ana.react(kitchen, original, "👍");
        const second = await world.kim.react(kitchen, original, "👍");
        await jo.waitFor(async () => (await reactions(jo, workshop, copy.eventId)).length > 0, 20_000, "a reaction");
        await settle(ferry, ...everywhere());
        expect(await reactions(jo, workshop, copy.eventId)).toEqual([world.kim.userId]);
        await ana.redact(kitchen, first);
        await settle(ferry, ...everywhere());
        expect(await reactions(jo, workshop, copy.eventId)).toEqual([world.kim.userId]);
        await world.kim.redact(kitchen, second);
        const none = async (): Promise<boolean> => (await reactions(jo, workshop, copy.eventId)).length === 0;
        await jo.waitFor(none, 20_000, "the reaction to go");
      });

      test("a reaction to a copy reaches the original", async () => {
        const original = await ana.say(kitchen, `pie ${round}`);
        const copy = await jo.waitForMessage(workshop, `pie ${round}`);
        const reaction = await jo.react(workshop, copy.eventId, "🎉");
        const there = async (): Promise<boolean> => (await reactions(ana, kitchen, original)).length === 1;
        await ana.waitFor(there, 20_000, "the reaction");
        await jo.redact(workshop, reaction);
        await ana.waitFor(async () => !(await there()), 20_000, "the reaction to go");
      });

      test("redacting an original redacts its copies and their edits", async () => {
        const original = await ana.say(kitchen, `secret ${round}`);
        await ana.edit(kitchen, original, `bigger secret ${round}`);
        const copy = await jo.waitForMessage(workshop, `bigger secret ${round}`);
        await lu.waitForMessage(garden, `bigger secret ${round}`);
        await ana.redact(kitchen, original);
        await gone(jo, workshop, copy.eventId);
        // The copies of the edits are events of their own, with the words in them.
        const readable = async () =>
          (await jo.events(workshop)).filter((event) => JSON.stringify(event).includes(`secret ${round}`));
        await jo.waitFor(async () => (await readable()).length === 0, 20_000, "the edit's copy to be redacted");
      });

      test("redacting a copy of one's own message redacts the original; of another's, only that copy", async () => {
        const own = await kimsPhone.say(kitchen, `slip ${round}`);
        const ownCopy = await jo.waitForMessage(workshop, `slip ${round}`);
        const thirdCopy = await lu.waitForMessage(garden, `slip ${round}`);
        await kimsPhone.redact(workshop, ownCopy.eventId);
        await gone(ana, kitchen, own);
        await gone(lu, garden, thirdCopy.eventId);

        const theirs = await ana.say(kitchen, `stays ${round}`);
        const copy = await jo.waitForMessage(workshop, `stays ${round}`);
        await lu.waitForMessage(garden, `stays ${round}`);
        await kimsPhone.redact(workshop, copy.eventId);
        await gone(jo, workshop, copy.eventId);
        // An edit of the original must not bring it back there.
        await ana.edit(kitchen, theirs, `stays longer ${round}`);
        await lu.waitForMessage(garden, `stays longer ${round}`);
        await settle(ferry, ...everywhere());
        expect((await find(ana, kitchen, theirs)).redacted).toBe(false);
        expect(
          await jo.timeline(workshop).then((seen) => seen.filter((m) => m.body.includes(`longer ${round}`))),
        ).toEqual([]);
      });
    });
  }
});

function everywhere(): [Person, string][] {
  return [
    [ana, kitchen],
    [jo, workshop],
    [lu, garden],
  ];
}

function elsewhere(room: string): [Person, string][] {
  return everywhere().filter(([, other]) => other !== room);
}

async function everywhereSees(text: string): Promise<void> {
  for (const [person, room] of everywhere()) await person.waitForMessage(room, text);
}

/** How many messages contain a text, in each room. */
async function count(text: string): Promise<number[]> {
  return Promise.all(
    everywhere().map(
      async ([person, room]) => (await person.timeline(room)).filter((message) => message.body.includes(text)).length,
    ),
  );
}

async function find(person: Person, room: string, eventId: string): Promise<SeenMessage> {
  const message = (await person.timeline(room)).find((candidate) => candidate.eventId === eventId);
  if (!message) throw new Error(`${person.name} does not see ${eventId}.`);
  return message;
}

/** Who reacts to a message. */
async function reactions(person: Person, room: string, eventId: string): Promise<string[]> {
  return (await find(person, room, eventId)).reactions.map((reaction) => reaction.sender);
}

async function gone(person: Person, room: string, eventId: string): Promise<void> {
  await person.waitFor(async () => (await find(person, room, eventId)).redacted, 20_000, `${eventId} to be redacted`);
}

async function restart(): Promise<void> {
  await ferry.stop();
  ferry = await world.ferry();
}

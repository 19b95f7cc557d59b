import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { ferryBetween, threeRooms } from "../support/linked-rooms.ts";
import type { Person, SeenEvent, SeenMessage } from "../support/person.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Everything that needs no file, from an encrypted room into one that is and one that is not, and back. What each copy
 * is in detail, the samples say.
 */

type Content = Record<string, unknown>;

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let lu: Person;
/** Somebody on another network, as a bridge has made them. */
let bo: Person;
let kitchen: string;
let workshop: string;
let square: string;

beforeAll(async () => {
  world = await createWorld();
  bo = await world.person("whatsapp_4915550001", "Bo (WhatsApp)");
  ({ ana, jo, lu, kitchen, workshop, square } = await threeRooms(world, [bo]));
  // To share a live location takes the power to say so.
  await world.kim.setPower(kitchen, { [ana.userId]: 50 });
  ferry = await ferryBetween(world, { kitchen, workshop, square });
});

afterAll(() => world.end());

const HTML = "org.matrix.custom.html";
const NAME = "<strong data-mx-profile-fallback>Ana: </strong>";

/** What is said, with a mark in it to know it by; and what its copy has, beside the name. */
const KINDS: Record<string, (mark: string) => { said: Content; type?: string; copy: Content }> = {
  "a notice": (mark) => ({ said: { msgtype: "m.notice", body: mark }, copy: { msgtype: "m.notice" } }),
  "an emote": (mark) => ({ said: { msgtype: "m.emote", body: mark }, copy: { msgtype: "m.emote" } }),
  "code and a table": (mark) => {
    const html =
      `<pre><code class="language-rust">let ${mark.slice(0, 8)};</code></pre>` +
      "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>";
    return formatted(mark, html, NAME + html);
  },
  "lists, details, maths, a spoiler and an emoji of one's own": (mark) => {
    const html =
      '<ol start="3"><li>c</li></ol><details><summary>s</summary>d</details><span data-mx-maths="x">x</span>' +
      '<span data-mx-spoiler="why">hidden</span>' +
      '<img data-mx-emoticon src="mxc://ferry.test/emoji" alt=":a:" title=":a:" height="32" />';
    return formatted(mark, html, NAME + html);
  },
  "a script among it": (mark) => formatted(mark, '<script>x()</script><b onclick="x()">b</b>', `${NAME}<b>b</b>`),
  "links to a room and to somebody who is not there": (mark) => {
    const room = '<a href="https://matrix.to/#/%23hall%3Aferry.test?via=ferry.test">hall</a>';
    const nobody = '<a href="https://matrix.to/#/@nobody:ferry.test">Nobody</a>';
    return formatted(mark, `${room} ${nobody}`, `${NAME}${room} Nobody`);
  },
  "a place": (mark) => ({
    said: {
      ...{ msgtype: "m.location", body: mark, geo_uri: "geo:52.5,13.4;u=10" },
      "org.matrix.msc3488.asset": { type: "m.self" },
    },
    copy: { msgtype: "m.location", geo_uri: "geo:52.5,13.4;u=10", "org.matrix.msc3488.asset": { type: "m.pin" } },
  }),
  "a kind that nobody knows": (mark) => ({
    said: { msgtype: "org.example.dance", body: mark, steps: [1, 2] },
    copy: { msgtype: "m.text", body: `Ana: ${mark}` },
  }),
  "a type that nobody knows": (mark) => ({
    ...{ said: { body: mark, steps: [1, 2] }, type: "org.example.dance" },
    copy: { msgtype: "m.text", body: `Ana: ${mark}` },
  }),
  "words of somebody whom the sender speaks for": (mark) => ({
    said: {
      ...{ msgtype: "m.text", body: `Eve: ${mark}` },
      "com.beeper.per_message_profile": { id: "eve", displayname: "Eve", has_fallback: true },
    },
    copy: { body: `Eve via Ana: ${mark}` },
  }),
};

function formatted(mark: string, html: string, copied: string): { said: Content; copy: Content } {
  const said = { msgtype: "m.text", body: mark, format: HTML, formatted_body: html };
  return { said, copy: { msgtype: "m.text", body: `Ana: ${mark}`, format: HTML, formatted_body: copied } };
}

describe.each(Object.keys(KINDS))("%s", (kind) => {
  test("arrives as what it was, in an encrypted room and in one that is not", async () => {
    const mark = randomUUID();
    const { said, type, copy } = KINDS[kind]?.(mark) ?? { said: {}, copy: {} };
    await ana.sendContent(kitchen, said, type);
    for (const seen of [await jo.waitForMessage(workshop, mark), await lu.waitForMessage(square, mark)]) {
      expect(seen.content).toMatchObject(copy);
      expect(seen.content["steps"]).toBeUndefined();
    }
    expect(await ferryCopies(mark)).toBe(2);
  });
});

test("out of a room that is not encrypted it arrives likewise", async () => {
  const mark = randomUUID();
  const place = { msgtype: "m.location", body: mark, geo_uri: "geo:1,2" };
  await lu.sendContent(square, place);
  const copy = await jo.waitForMessage(workshop, mark);
  expect(copy).toMatchObject({ encrypted: true, body: `Lu: ${mark}` });
  expect(copy.content).toMatchObject({ msgtype: "m.location", geo_uri: "geo:1,2" });
});

test("somebody on another network is called as they are called there", async () => {
  await bo.say(kitchen, "hi from afar");
  for (const seen of [
    await jo.waitForMessage(workshop, "hi from afar"),
    await lu.waitForMessage(square, "hi from afar"),
  ])
    expect(seen.body).toBe("Bo: hi from afar");
});

test("a live location is told at its start and at its end, and where it is never is", async () => {
  const type = "org.matrix.msc3672.beacon_info";
  const info = { timeout: 60_000, "org.matrix.msc3488.ts": 1, "org.matrix.msc3488.asset": { type: "m.self" } };
  const start = await ana.setState(kitchen, type, ana.userId, { ...info, live: true });
  await ana.sendContent(
    kitchen,
    {
      "m.relates_to": { rel_type: "m.reference", event_id: start },
      "org.matrix.msc3488.location": { uri: "geo:51.5,7.25" },
      "org.matrix.msc3488.ts": 2,
    },
    "org.matrix.msc3672.beacon",
  );
  await ana.setState(kitchen, type, ana.userId, { ...info, live: false });
  for (const [person, room] of [
    [jo, workshop],
    [lu, square],
  ] as const) {
    await person.waitForMessage(room, "Ana: Shares a live location from now on, for 1 minute.");
    await person.waitForMessage(room, "Ana: Shares the live location no longer.");
    expect(JSON.stringify(await person.events(room))).not.toContain("51.5");
  }
});

test("a poll is one in a room that is not encrypted, and both rooms hear of each other's votes", async () => {
  const POLL = "org.matrix.msc3381.poll";
  const text = (words: string): Content => ({ "org.matrix.msc1767.text": words });
  const answers = ["Pizza", "Pasta"].map((answer) => ({ id: answer.toLowerCase(), ...text(answer) }));
  const start = { kind: `${POLL}.disclosed`, max_selections: 1, question: text("Supper?"), answers };
  const poll = await ana.sendContent(kitchen, { ...text("Supper?"), [`${POLL}.start`]: start }, `${POLL}.start`);
  const isCopy = ({ type }: SeenEvent): boolean => type === `${POLL}.start`;
  const copy = await lu.waitFor(async () => (await lu.events(square)).find(isCopy), 20_000, "the poll");
  expect(copy.encrypted).toBe(false);
  expect(copy.content[`${POLL}.start`]).toMatchObject({ question: text("Ana: Supper?"), answers });
  const vote = (person: Person, room: string, event: string, answer: string): Promise<string> => {
    const relation = { rel_type: "m.reference", event_id: event };
    return person.sendContent(
      room,
      { "m.relates_to": relation, [`${POLL}.response`]: { answers: [answer] } },
      `${POLL}.response`,
    );
  };
  await vote(lu, square, copy.eventId, "pizza");
  await ana.waitForMessage(kitchen, "Votes elsewhere: “Pizza” 1 (1 person)");
  await vote(ana, kitchen, poll, "pasta");
  await lu.waitForMessage(square, "Votes elsewhere: “Pasta” 1 (1 person)");
  await jo.waitForMessage(workshop, "Votes elsewhere: “Pizza” 1, “Pasta” 1 (2 people)");
});

test("a call and a comparison of devices stay where they are, and are counted", async () => {
  const before = await skipped("call-or-verification");
  await ana.sendContent(kitchen, { call_id: "c", party_id: "p", version: "1", lifetime: 1 }, "m.call.invite");
  await ana.sendContent(kitchen, {
    msgtype: "m.key.verification.request",
    body: "compare",
    to: jo.userId,
    methods: ["m.sas.v1"],
    from_device: ana.deviceId,
  });
  await ana.say(kitchen, "after the call");
  await jo.waitForMessage(workshop, "after the call");
  expect((await skipped("call-or-verification")) - before).toBe(2);
  expect((await jo.timeline(workshop)).filter(({ body }) => body.includes("compare"))).toEqual([]);
});

test("a comparison of devices that is malformed holds up nothing", async () => {
  const { json } = await ferry.cli("status", "--json");
  const device = (json as { device_id: string }).device_id;
  for (const transaction_id of [5, {}, ["a"], null]) {
    const content = { transaction_id, from_device: ana.deviceId, methods: ["m.sas.v1"], timestamp: Date.now() };
    const toFerry = new Map([[world.kim.userId, new Map([[device, content as never]])]]);
    await ana.client.sendToDevice("m.key.verification.request", toFerry);
  }
  await ana.say(kitchen, "after what was malformed");
  await jo.waitForMessage(workshop, "after what was malformed");
  expect(ferry.output()).not.toMatch(/engine-gone|engine-page-error/);
});

async function skipped(reason: string): Promise<number> {
  const { json } = await ferry.cli("link", "show", "House", "--json");
  const counts = (json as { skipped: { reason: string; count: number }[] }).skipped;
  return counts.find((entry) => entry.reason === reason)?.count ?? 0;
}

/** How many messages of Ferry's hold a mark, over both rooms. */
async function ferryCopies(mark: string): Promise<number> {
  const all: SeenMessage[] = [...(await jo.timeline(workshop)), ...(await lu.timeline(square))];
  return all.filter(({ body, sender }) => sender === world.kim.userId && body.includes(mark)).length;
}

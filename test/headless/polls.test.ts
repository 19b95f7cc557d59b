import { M_POLL_KIND_DISCLOSED, M_POLL_KIND_UNDISCLOSED } from "matrix-js-sdk/lib/@types/polls.js";
import type { ExtensibleEvent } from "matrix-js-sdk/lib/extensible_events_v1/ExtensibleEvent.js";
import { PollEndEvent } from "matrix-js-sdk/lib/extensible_events_v1/PollEndEvent.js";
import { PollResponseEvent } from "matrix-js-sdk/lib/extensible_events_v1/PollResponseEvent.js";
import { PollStartEvent } from "matrix-js-sdk/lib/extensible_events_v1/PollStartEvent.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { settle } from "../support/talking.ts";
import type { SeenEvent, SeenMessage } from "../support/timeline.ts";
import { createWorld, type World } from "../support/world.ts";

/** Polls as Matrix's own SDK writes and reads them, between two encrypted rooms. */

const START = "org.matrix.msc3381.poll.start";
const END = "org.matrix.msc3381.poll.end";

let world: World;
let ferry: Ferry;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop, ferry } = await linkedRooms(world));
});

afterAll(() => world.end());

/** A poll of Ana's in Kitchen, with its copy in Workshop. */
interface Asked {
  original: string;
  copy: SeenEvent;
  /** The ids of its answers. */
  ids: string[];
}

describe("a poll that everybody sees the votes of", () => {
  let poll: Asked;

  test("is a poll in the other room, with the same answers, and says who asks", async () => {
    poll = await ask(ana, "What shall we eat?", ["Pizza", "Pasta"]);
    expect(poll.copy).toMatchObject({ encrypted: true, sender: world.kim.userId });
    const read = new PollStartEvent({ type: START, content: poll.copy.content as never });
    expect(read.question.text).toBe("Ana: What shall we eat?");
    expect(read.answers.map(({ text }) => text)).toEqual(["Pizza", "Pasta"]);
    expect(read.answers.map(({ id }) => id)).toEqual(poll.ids);
    expect(read.maxSelections).toBe(1);
    expect(read.kind.name).toBe(M_POLL_KIND_DISCLOSED.name);
  });

  test("each room is told in one line how people vote in the other one", async () => {
    await vote(jo, workshop, poll.copy.eventId, poll.ids[0]);
    const line = await ana.waitForMessage(kitchen, "Votes elsewhere: “Pizza” 1 (1 person)");
    expect(line).toMatchObject({ replyTo: poll.original, encrypted: true, sender: world.kim.userId });
    await vote(ana, kitchen, poll.original, poll.ids[1]);
    expect((await jo.waitForMessage(workshop, "Votes elsewhere: “Pasta” 1 (1 person)")).replyTo).toBe(
      poll.copy.eventId,
    );
    // The user's own vote, in the copy that their account has sent.
    await vote(world.kim, workshop, poll.copy.eventId, poll.ids[1]);
    await ana.waitForMessage(kitchen, "Votes elsewhere: “Pizza” 1, “Pasta” 1 (2 people)");
    await settle(ferry, [ana, kitchen], [jo, workshop]);
    expect(await lines(ana, kitchen)).toHaveLength(1);
    expect(await lines(jo, workshop)).toHaveLength(1);
  });

  test("also after a restart it is the same line; votes that came meanwhile are in it", async () => {
    await ferry.kill();
    const spoiled = await vote(jo, workshop, poll.copy.eventId, "nothing-of-it");
    await vote(jo, workshop, poll.copy.eventId, poll.ids[1]);
    ferry = await world.ferry();
    await ana.waitForMessage(kitchen, "Votes elsewhere: “Pasta” 2 (2 people)");
    await jo.redact(workshop, spoiled);
    await settle(ferry, [ana, kitchen], [jo, workshop]);
    const [line, ...others] = await lines(ana, kitchen);
    expect(others).toEqual([]);
    expect(line?.body).toBe("Votes elsewhere: “Pasta” 2 (2 people)");
  });

  test("its end ends it everywhere, and shows the sum in both rooms", async () => {
    await send(ana, kitchen, PollEndEvent.from(poll.original, "The poll is closed"));
    const sum = "The poll has ended: “Pasta” 3 (3 people)";
    const copied = await waitForEvent(jo, workshop, (event) => event.type === END);
    expect(copied.encrypted).toBe(true);
    expect(copied.content).toMatchObject({
      "org.matrix.msc1767.text": sum,
      "m.relates_to": { rel_type: "m.reference", event_id: poll.copy.eventId },
    });
    await ana.waitForMessage(kitchen, sum);
    await jo.waitForMessage(workshop, sum);
    const room = jo.client.getRoom(workshop);
    await room?.processPollEvents(room.getLiveTimeline().getEvents());
    expect(room?.polls.get(poll.copy.eventId)?.isEnded).toBe(true);
    // Too late: nothing changes any more.
    await vote(jo, workshop, poll.copy.eventId, poll.ids[0]);
    await settle(ferry, [ana, kitchen], [jo, workshop]);
    expect((await lines(ana, kitchen)).map(({ body }) => body)).toEqual([sum]);
  });

  test("taken back, it is gone everywhere, and what was told of it with it", async () => {
    await ana.redact(kitchen, poll.original);
    const telling = async (person: Person, room: string): Promise<number> =>
      (await person.events(room)).filter(
        ({ redacted, content }) => !redacted && /Pizza|Pasta|poll has ended/.test(JSON.stringify(content)),
      ).length;
    await jo.waitFor(async () => (await telling(jo, workshop)) === 0, 20_000, "the poll's copy to go");
    await ana.waitFor(async () => (await telling(ana, kitchen)) === 0, 20_000, "the lines about the poll to go");
  });
});

test("of a poll whose votes are secret until its end, only their number is told before", async () => {
  const poll = await ask(ana, "Whom do we ask?", ["Lu", "Mo"], M_POLL_KIND_UNDISCLOSED);
  await vote(jo, workshop, poll.copy.eventId, poll.ids[0]);
  await ana.waitForMessage(kitchen, "1 person has voted elsewhere.");
  // Nobody else ends it: in Workshop alone it is over then.
  await send(jo, workshop, PollEndEvent.from(poll.copy.eventId, "over"));
  await settle(ferry, [ana, kitchen], [jo, workshop]);
  expect((await lines(ana, kitchen)).map(({ body }) => body)).toEqual(["1 person has voted elsewhere."]);
  expect((await ana.events(kitchen)).filter(({ type, redacted }) => type === END && !redacted)).toHaveLength(1);
  await send(ana, kitchen, PollEndEvent.from(poll.original, "over"));
  await ana.waitForMessage(kitchen, "The poll has ended: “Lu” 1 (1 person)");
});

async function ask(
  person: Person,
  question: string,
  answers: string[],
  kind: typeof M_POLL_KIND_DISCLOSED | typeof M_POLL_KIND_UNDISCLOSED = M_POLL_KIND_DISCLOSED,
): Promise<Asked> {
  const start = PollStartEvent.from(question, answers, kind);
  const original = await send(person, kitchen, start);
  const copy = await waitForEvent(
    jo,
    workshop,
    (event) => event.type === START && JSON.stringify(event.content).includes(question),
  );
  return { original, copy, ids: start.answers.map(({ id }) => id) };
}

/** @returns the vote's event id */
async function vote(person: Person, room: string, poll: string, answer: string | undefined): Promise<string> {
  return send(person, room, PollResponseEvent.from([answer ?? ""], poll));
}

async function send(person: Person, room: string, event: ExtensibleEvent<object>): Promise<string> {
  const { type, content } = event.serialize();
  return person.sendContent(room, content as Record<string, unknown>, type);
}

/** What Ferry tells of votes in a room. */
async function lines(person: Person, room: string): Promise<SeenMessage[]> {
  const isLine = ({ originalContent }: SeenMessage): boolean => {
    const notice = originalContent["org.matrix.msc2923.notice"] as { event?: string } | undefined;
    return notice?.event === "votes";
  };
  return (await person.timeline(room)).filter((message) => !message.redacted && isLine(message));
}

async function waitForEvent(person: Person, room: string, fits: (event: SeenEvent) => boolean): Promise<SeenEvent> {
  return person.waitFor(async () => (await person.events(room)).find(fits), 20_000, "an event of a poll");
}

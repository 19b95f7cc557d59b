import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ferry } from "../support/ferry.ts";
import { linkedRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { pause } from "../support/talking.ts";
import { createWorld, type World } from "../support/world.ts";

/** How long Ferry waits for a key here. */
const HOLD = { decryptionHoldMs: 4_000 };

let world: World;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;

beforeAll(async () => {
  world = await createWorld();
  ({ ana, jo, kitchen, workshop, ferry } = await linkedRooms(world, [], HOLD));
});

afterAll(() => world.end());

test("a message whose key is late holds the line, then a placeholder stands for it, until the key comes", async () => {
  const keys = holdKeys(ana);
  await ana.client.getCrypto()?.forceDiscardSession(kitchen);
  await ana.say(kitchen, "late");
  const placeholder = await jo.waitForMessage(workshop, "cannot read yet", 30_000);
  expect(placeholder.body).toContain("Ana");
  expect(placeholder.body).not.toContain("late");
  await keys.deliver();
  await jo.waitForMessage(workshop, "Ana: late");
  expect((await jo.timeline(workshop)).filter((message) => message.body.includes("cannot read yet"))).toEqual([]);
});

test("a key that comes within the time leaves no placeholder, and order is kept", async () => {
  const keys = holdKeys(ana);
  await ana.client.getCrypto()?.forceDiscardSession(kitchen);
  await ana.say(kitchen, "held one");
  await ana.say(kitchen, "held two");
  await pause(1_000);
  await keys.deliver();
  await jo.waitForMessage(workshop, "held two");
  const copies = await jo.timeline(workshop);
  const events = await jo.events(workshop);
  expect(copies.filter((message) => message.body.includes("held")).map((message) => message.body)).toEqual([
    "Ana: held one",
    "Ana: held two",
  ]);
  expect(copies.filter((message) => message.edited && message.body.includes("held"))).toEqual([]);
  expect(events.filter((event) => JSON.stringify(event.content).includes("cannot read yet"))).toHaveLength(1);
});

test("the key may come while Ferry is off: the placeholder is filled in after it starts", async () => {
  const keys = holdKeys(ana);
  await ana.client.getCrypto()?.forceDiscardSession(kitchen);
  await ana.say(kitchen, "much later");
  await jo.waitForMessage(workshop, "cannot read yet", 30_000);
  await ferry.kill();
  await keys.deliver();
  ferry = await world.ferry(HOLD);
  await jo.waitForMessage(workshop, "Ana: much later");
  const status = (await ferry.cli("status", "--json")).json;
  expect(status).toMatchObject({ waiting: 0, failed: 0, undecryptable: 0 });
});

interface HeldKeys {
  /** Lets the keys go that were held back, and those after them. */
  deliver(): Promise<void>;
}

/** From now on a person's room keys stay on their way: the client believes them sent. Everything else is real. */
function holdKeys(person: Person): HeldKeys {
  const http = person.client.http as unknown as { authedRequest(...request: unknown[]): Promise<unknown> };
  const send = http.authedRequest.bind(http);
  const held: unknown[][] = [];
  http.authedRequest = (...request) => {
    if (!String(request[1]).includes("/sendToDevice/")) return send(...request);
    held.push(request);
    return Promise.resolve("{}");
  };
  return {
    deliver: async () => {
      http.authedRequest = send;
      expect(held.length).toBeGreaterThan(0);
      for (const request of held.splice(0)) await send(...request);
    },
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openStore, type Store } from "../../../main/store/store.ts";
import { EFFORT } from "../../support/effort.ts";
import { ANA, JO, KIM, KITCHEN, LU, PEOPLE, WORKSHOP, type TrueRoom } from "./consent/judge.ts";
import { ConsentWorld } from "./consent/world.ts";

/**
 * Whatever people do in two linked rooms, in whatever order: nothing is copied that one of the rooms has not agreed to,
 * as it was then and as it is now. The store, the judging, the answers and the routing are the real ones.
 */

const RUNS = 1_000 * EFFORT;
/** A database is used for so many runs: its removed links make it slower. */
const RUNS_OF_A_STORE = 100;

const folder = mkdtempSync(join(tmpdir(), "ferry-consent-"));
let store: Store | null = null;
let runs = 0;
afterAll(() => {
  store?.close();
  rmSync(folder, { recursive: true, force: true });
});

function nextStore(): Store {
  if (store === null || runs % RUNS_OF_A_STORE === 0) {
    store?.close();
    store = openStore(join(folder, `${runs}.db`));
  }
  runs += 1;
  return store;
}

type Step = (world: ConsentWorld) => Promise<void>;

const anyRoom = fc.constantFrom(KITCHEN, WORKSHOP);
const anyPerson = fc.constantFrom(...PEOPLE);
const anyLevel = fc.constantFrom(0, 50, 100);

const anyStep: fc.Arbitrary<{ name: string; step: Step }> = fc.oneof(
  ...[
    fc.tuple(anyRoom, fc.constantFrom("invite" as const, "public" as const)).map(([room, rule]) => ({
      name: `${room} join rule ${rule}`,
      step: (world: ConsentWorld) => world.change(room, (found) => void (found.joinRule = rule)),
    })),
    fc.tuple(anyRoom, fc.constantFrom("shared" as const, "world_readable" as const)).map(([room, history]) => ({
      name: `${room} history ${history}`,
      step: (world: ConsentWorld) => world.change(room, (found) => void (found.history = history)),
    })),
    fc.tuple(anyRoom, anyPerson, fc.boolean()).map(([room, user, joins]) => ({
      name: `${user} ${joins ? "joins" : "leaves"} ${room}`,
      step: (world: ConsentWorld) =>
        world.change(room, (found) => void (joins ? found.joined.add(user) : found.joined.delete(user))),
    })),
    fc.tuple(anyRoom, anyPerson, anyLevel).map(([room, user, level]) => ({
      name: `${user} has ${level} in ${room}`,
      step: (world: ConsentWorld) => world.change(room, (found) => void found.power.set(user, level)),
    })),
    anyRoom.map((room) => ({
      name: `${room} is replaced`,
      step: (world: ConsentWorld) => world.change(room, (found) => void (found.tombstone = true)),
    })),
    fc.constant({ name: "Kim clicks", step: (world: ConsentWorld) => world.clickApprove() }),
    fc.constant({ name: "Kim proposes", step: (world: ConsentWorld) => world.propose() }),
    fc.constant({ name: "Ferry is off", step: async (world: ConsentWorld) => world.turnOff() }),
    fc.constant({ name: "restart", step: (world: ConsentWorld) => world.restart() }),
    fc
      .tuple(anyRoom, anyPerson, fc.constantFrom("approve" as const, "decline" as const, "stop" as const), fc.nat(3))
      .map(([room, user, verb, which]) => ({
        name: `${user} writes ${verb} ${which} in ${room}`,
        step: (world: ConsentWorld) => world.answer(room, user, verb, which),
      })),
    fc
      .tuple(anyRoom, anyPerson, fc.constantFrom("approved" as const, "revoked" as const, "gone" as const))
      .map(([room, user, status]) => ({
        name: `${user} sets ${status} in ${room}`,
        step: (world: ConsentWorld) => world.setState(room, user, status),
      })),
    fc.tuple(anyRoom, anyPerson).map(([room, user]) => ({
      name: `${user} writes !ferry stop in ${room}`,
      step: (world: ConsentWorld) => world.stopAll(room, user),
    })),
    fc.tuple(anyRoom, anyPerson).map(([room, user]) => ({
      name: `${user} speaks in ${room}`,
      step: (world: ConsentWorld) => world.say(room, user),
    })),
    // Speaking is last, and most of what people do.
  ].map((arbitrary, index, all) => ({ arbitrary, weight: index === all.length - 1 ? 6 : 1 })),
);

/** Kim is an admin of Kitchen, where Ana is, and an ordinary member of Workshop, whose admin Jo is. */
function rooms(): TrueRoom[] {
  const base = { joinRule: "invite", history: "shared", tombstone: false } as const;
  return [
    { ...base, roomId: KITCHEN, joined: new Set([KIM, ANA]), power: new Map([[KIM, 100]]) },
    { ...base, roomId: WORKSHOP, joined: new Set([KIM, JO, LU]), power: new Map([[JO, 100]]) },
  ];
}

async function agreed(world: ConsentWorld): Promise<void> {
  await world.open();
  await world.clickApprove();
  await world.propose();
  await world.answer(WORKSHOP, JO, "approve", 0);
}

test("with both rooms' consent messages pass, both ways", async () => {
  const world = new ConsentWorld(nextStore(), runs, rooms());
  await agreed(world);
  await world.say(KITCHEN, ANA);
  await world.say(WORKSHOP, LU);
  expect(world.deliver()).toEqual([]);
  expect(world.copied).toHaveLength(2);
  world.end();
});

test("any admin ends it by one word, also of a room that the user speaks for; anybody else's word is nothing", async () => {
  const world = new ConsentWorld(nextStore(), runs, rooms());
  await agreed(world);
  await world.stopAll(KITCHEN, ANA);
  await world.say(KITCHEN, ANA);
  expect(world.deliver()).toEqual([]);
  expect(world.copied).toHaveLength(1);
  await world.change(KITCHEN, (found) => void found.power.set(ANA, 50));
  await world.stopAll(KITCHEN, ANA);
  await world.say(KITCHEN, ANA);
  await world.say(WORKSHOP, LU);
  expect(world.deliver()).toEqual([]);
  expect(world.copied).toHaveLength(1);
  world.end();
});

test("an answer whose key a login took along ends a link all the same, and agrees to none", async () => {
  const world = new ConsentWorld(nextStore(), runs, rooms());
  await world.open();
  await world.clickApprove();
  await world.propose();
  world.keysAreGone = true;
  await world.answer(WORKSHOP, JO, "approve", 0);
  await world.pass(10 * 60_000);
  world.keysAreGone = false;
  await world.say(WORKSHOP, LU);
  expect(world.copied, "it has to be given again").toEqual([]);
  await world.answer(WORKSHOP, JO, "approve", 0);
  await world.say(WORKSHOP, LU);
  expect(world.deliver()).toEqual([]);
  expect(world.copied).toHaveLength(1);
  world.keysAreGone = true;
  await world.answer(WORKSHOP, LU, "stop", 0);
  await world.answer(WORKSHOP, JO, "stop", 0);
  await world.pass(10 * 60_000);
  await world.say(WORKSHOP, LU);
  expect([world.deliver(), world.copied.length]).toEqual([[], 1]);
  world.end();
});

test("what was said during a pause that ended while Ferry was off is not copied; what is said after is", async () => {
  const world = new ConsentWorld(nextStore(), runs, rooms());
  await agreed(world);
  await world.change(KITCHEN, (found) => void (found.joinRule = "public"));
  world.turnOff();
  await world.say(WORKSHOP, LU);
  await world.say(KITCHEN, ANA);
  await world.change(KITCHEN, (found) => void (found.joinRule = "invite"));
  await world.restart();
  expect([world.deliver(), world.copied]).toEqual([[], []]);
  await world.say(WORKSHOP, LU);
  expect([world.deliver(), world.copied.length]).toEqual([[], 1]);
  world.end();
});

test(
  "no sequence of changes lets a message pass without the consent that it needs",
  async () => {
    let copied = 0;
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(anyStep, { maxLength: 14 }), async (begins, steps) => {
        const world = new ConsentWorld(nextStore(), runs, rooms());
        try {
          await (begins ? agreed(world) : world.open());
          for (const { name, step } of steps) {
            await step(world);
            world.note();
            // Often something is still owed when the next thing happens.
            if (name.includes("speaks")) continue;
            expect(world.deliver(), name).toEqual([]);
          }
          expect(world.deliver(), "at the end").toEqual([]);
          copied += world.copied.length;
        } finally {
          world.end();
        }
      }),
      { numRuns: RUNS },
    );
    // It would also hold where nothing is ever copied.
    expect(copied).toBeGreaterThan(RUNS / 10);
  },
  60_000 * (1 + EFFORT),
);

import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gainsOf, recordOf } from "../../../main/bridge/audience.ts";
import { termsOf } from "../../../main/bridge/consent.ts";
import { termsHash, type Link } from "../../../main/bridge/link.ts";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import type { ToldChange } from "../../../main/matrix/told-changes.ts";
import type { engineRequests } from "../../../main/protocol/engine.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import type { Consents } from "../../../main/service/consents.ts";
import { linkDetail } from "../../../main/service/consent-views.ts";
import { planOf, type Plan } from "../../../main/service/plan.ts";
import { openStore, type Store } from "../../../main/store/store.ts";
import { temporaryFolder } from "../../support/cleanup.ts";
import { LINK, linkBetween } from "../link-support.ts";

/** Who is asked where a link is to tell other things than before: whoever sees a difference, and nobody else. */

const [KIM, JO, LU] = ["@kim:one.test", "@jo:one.test", "@lu:one.test"] as [UserId, UserId, UserId];
const [KITCHEN, WORKSHOP] = ["!kitchen:one.test", "!workshop:one.test"] as [RoomId, RoomId];

function room(roomId: RoomId, admin: UserId, joined: UserId[]): RoomFacts {
  return {
    ...{ roomId, name: roomId, membership: "join", encrypted: true, joinRule: "invite", allowedRooms: [] },
    ...{ historyVisibility: "shared", guestsMayJoin: false, published: false, aliases: [], bridges: [] },
    ...{ joined, invited: [], tombstone: null, connections: [] },
    power: { create: { sender: admin, content: { room_version: "10" } }, powerLevels: { users: { [admin]: 100 } } },
  };
}

/** Kim speaks for the kitchen, and Jo for the workshop. */
const ROOMS = new Map(
  [room(KITCHEN, KIM, [KIM, LU]), room(WORKSHOP, JO, [JO, KIM])].map((facts) => [facts.roomId, facts]),
);

let store: Store;
beforeEach(() => (store = openStore(join(temporaryFolder("ferry-told-"), "ferry.db"))));
afterEach(() => store.close());

/** A link that both rooms have agreed to as it is. */
function agreed(tells: ToldChange[], direction: Link["direction"] = "two-way"): Link {
  const link = linkBetween([KITCHEN, WORKSHOP], { carrier: KIM, direction, tells });
  link.termsHash = termsHash(termsOf(link));
  store.links.insert(link);
  for (const [here, there, approver] of [
    [KITCHEN, WORKSHOP, KIM],
    [WORKSHOP, KITCHEN, JO],
  ] as const) {
    const [facts, other] = [ROOMS.get(here), ROOMS.get(there)];
    if (!facts || !other) throw new Error("no such room");
    store.consents.give(LINK, {
      ...{ link: LINK, roomId: here, terms: termsOf(link), termsHash: link.termsHash, approver },
      ...{ way: approver === KIM ? "own" : "reply", eventId: null, seen: false, overrules: null },
      audience: [{ ...recordOf(other), gains: gainsOf(facts, other).map((gain) => gain.code) }],
      ...{ power: 100, required: 50, givenTs: 5 },
    });
  }
  return link;
}

function plan(tells: ToldChange[] | undefined, oneWay = false, replaces: Link | null = null): Promise<Plan> {
  const engine = {
    room: async ({ room: roomId }: { room: RoomId }) => ({ roomId, name: roomId, joinedMembers: 2 }),
    state: async () => [],
  };
  const consents = { rooms: ROOMS, look: async (id: RoomId) => ROOMS.get(id) ?? null, refusals: () => new Map() };
  return planOf(
    { rooms: [KITCHEN, WORKSHOP], oneWay, tells, ...(replaces === null ? {} : { replaces: replaces.id }) },
    {
      ...{ store, account: () => KIM, consents: consents as unknown as Consents },
      engine: () => engine as unknown as Client<typeof engineRequests>,
    },
  );
}

const asked = ({ consents }: Plan): RoomId[] =>
  consents.filter(({ needs }) => needs.length > 0).map(({ roomId }) => roomId);

test("to tell more takes the agreement of all rooms that messages go out of", async () => {
  const link = agreed(["name"]);
  expect(asked(await plan(["members", "name"], false, link))).toEqual([KITCHEN, WORKSHOP]);
  expect((await plan(["members", "name"], false, link)).refusal).toBeNull();
});

test("of a one-way link the room that copies come into sees no difference", async () => {
  const link = agreed([], "one-way");
  expect(asked(await plan(["pins"], true, link))).toEqual([KITCHEN]);
});

test("to tell less takes nobody's", async () => {
  const link = agreed(["members", "name"]);
  const less = await plan(["name"], false, link);
  expect([asked(less), less.refusal, less.terms.tells]).toEqual([[], null, ["name"]]);
  expect(asked(await plan([], false, link))).toEqual([]);
});

test("a change that says nothing of it tells what the link tells, and is none without another difference", async () => {
  const link = agreed(["name"]);
  const same = await plan(undefined, false, link);
  expect([same.terms.tells, same.refusal?.code]).toEqual([["name"], "link-exists"]);
  expect((await plan(undefined)).terms.tells).toEqual([]);
});

test("what would be told is among what will happen, for each room that it is told of", async () => {
  const told = (sentences: string[]): string[] => sentences.filter((sentence) => sentence.includes("are told"));
  expect(told((await plan([])).consequences)).toEqual([]);
  expect(told((await plan(["name", "pins"])).consequences)).toEqual(
    [KITCHEN, WORKSHOP].map(
      (name) => `The same people are told, of “${name}”, changes of name and topic, and which messages are pinned.`,
    ),
  );
  expect(told((await plan(["pins"], true)).consequences)).toHaveLength(1);
});

test("what was agreed to have told is part of what is shown as evidence", () => {
  const link = agreed(["members"]);
  expect(linkDetail(store, link, null)).toMatchObject({
    tells: ["members"],
    consents: [{ tells: ["members"] }, { tells: ["members"] }],
  });
});

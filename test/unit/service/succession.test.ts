import { expect, test } from "vitest";
import type { Terms } from "../../../main/bridge/consent.ts";
import type { Gap, Link } from "../../../main/bridge/link.ts";
import type { EventId, LinkId } from "../../../main/matrix/ids.ts";
import { endLink, takePlace } from "../../../main/service/ending.ts";
import type { Store } from "../../../main/store/store.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ANA, DEVICE, eventId, ROOM_A, ROOM_B, ROOM_C, taskFor, temporaryStore } from "../store/store-support.ts";

/** What becomes of everything that a link owes and knows when another one takes its place. */

const CHANGE = "change" as LinkId;
const GAP: Gap = { code: "audience-widened", sentence: "More people." };

function storeWith(change: Partial<Link> = {}, rooms = [ROOM_A, ROOM_B]): Store {
  const store = temporaryStore();
  store.links.insert(linkBetween([ROOM_A, ROOM_B, ROOM_C]));
  store.links.insert(linkBetween(rooms, { id: CHANGE, replaces: LINK, state: "starting", createdTs: 50, ...change }));
  return store;
}

function switchIn(store: Store) {
  const [before, change] = [store.links.get(LINK), store.links.get(CHANGE)];
  if (before === null || change === null) throw new Error("a link is missing");
  return store.transaction(() => takePlace(store, change, before, 100));
}

const owed = (store: Store) => store.outbox.list(false, 100).map((row) => [row.linkId, row.sourceEvent, row.kind]);
const notice = (name: string) => taskFor("0", { sourceEvent: name as EventId, kind: "notice", sourceRoom: ROOM_B });

test("what is owed goes on in its order, and what leads nowhere any more is counted", () => {
  const store = storeWith();
  for (const event of ["1", "2"]) store.outbox.insert(taskFor(event), 10);
  store.outbox.insert(taskFor("3", { destination: ROOM_C }), 10);
  store.outbox.insert(taskFor("4"), 10);
  expect(switchIn(store)).toMatchObject({ left: [{ roomId: ROOM_C }], abandoned: [ROOM_C] });
  expect(owed(store).map(([link, event]) => [link, event])).toEqual([
    [CHANGE, "$1"],
    [CHANGE, "$2"],
    [CHANGE, "$4"],
  ]);
  expect(store.links.counters(CHANGE)).toMatchObject([{ name: "no-consent", count: 1 }]);
  expect(store.links.all()).toMatchObject([{ id: CHANGE, state: "active", createdTs: 1 }]);
  expect(store.outbox.claimNext(ROOM_B, DEVICE, 100)?.sourceEvent).toBe("$1");
});

test("what was agreed to stays agreed to, though its room agrees to the change only now; the rest does not", () => {
  const store = storeWith();
  store.outbox.insert(taskFor("1"), 10);
  store.outbox.insert(taskFor("2", { sourceRoom: ROOM_B, destination: ROOM_A }), 10);
  store.links.setGap(LINK, ROOM_C, GAP);
  store.outbox.insert(taskFor("3", { sourceRoom: ROOM_C, destination: ROOM_A }), 10);
  switchIn(store);
  expect(store.outbox.list(false, 10).map(({ sourceEvent, createdTs }) => [sourceEvent, createdTs])).toEqual([
    ["$1", 100],
    ["$2", 100],
  ]);
});

test("what was set aside under an agreement that ended is not vouched for by those who agreed later", () => {
  const store = storeWith();
  const give = (link: LinkId, givenTs: number) => {
    const terms: Terms = { mode: "copy", direction: "two-way", carrier: ANA, rooms: [ROOM_A, ROOM_B], tells: [] };
    const said = { eventId: null, seen: false, overrules: null, audience: [], power: 100, required: 50 };
    store.consents.give(link, {
      ...{ link, roomId: ROOM_B, terms, termsHash: "hash", approver: ANA, way: "reply", givenTs, ...said },
    });
  };
  give(LINK, 5);
  store.outbox.insert(taskFor("1"), 10);
  store.consents.end(LINK, ROOM_B, "consent-revoked", 20);
  give(LINK, 30);
  give(CHANGE, 30);
  store.outbox.insert(taskFor("2"), 40);
  switchIn(store);
  const held = store.outbox.list(false, 10).map((row) => store.consents.heldSince(CHANGE, ROOM_B, row.createdTs));
  expect(held).toEqual([false, true]);
});

test("redactions follow the copies, also where nothing is copied any more", () => {
  const store = storeWith({ direction: "one-way" });
  const target = { roomId: ROOM_B, eventId: eventId("0") };
  store.outbox.insert(
    taskFor("1", { sourceRoom: ROOM_B, destination: ROOM_A, kind: "redaction", target, targetKind: "copy" }),
    10,
  );
  switchIn(store);
  expect(owed(store)).toEqual([[CHANGE, "$1", "redaction"]]);
  expect(store.outbox.claimNext(ROOM_A, DEVICE, 100)?.kind).toBe("redaction");
});

test("whoever has asked to be left out is told so, and is left out", () => {
  const store = storeWith();
  store.optOuts.insert(LINK, ANA, 5);
  store.outbox.insert(notice("opt-out:$1"), 10);
  store.outbox.insert(notice("stop:$2"), 10);
  switchIn(store);
  expect(store.optOuts.has(CHANGE, ANA)).toBe(true);
  expect(owed(store).map(([, name]) => name)).toEqual(["opt-out:$1", "stop:$2"]);
  expect(store.outbox.claimNext(ROOM_B, DEVICE, 100)?.sourceEvent).toBe("opt-out:$1");
});

test("a pause, a suspension and what was counted go on", () => {
  const store = storeWith();
  store.links.setState(LINK, "paused");
  store.links.suspend(LINK, ROOM_A, "They repeat each other.");
  store.links.count(LINK, "copied", 7, 3);
  store.links.count(CHANGE, "copied", 8, 1);
  switchIn(store);
  const change = store.links.get(CHANGE);
  expect([change?.state, change?.rooms[0]?.suspended]).toEqual(["paused", "They repeat each other."]);
  expect([store.links.counters(CHANGE)[0]?.count, store.links.totalCount("copied")]).toEqual([4, 4]);
});

test("a link that ends leaves nothing to one that has not begun, or that is younger than what is owed", () => {
  for (const other of [{ state: "starting" }, { state: "active", createdTs: 50 }] as const) {
    const store = storeWith({ replaces: null, ...other });
    store.outbox.insert(taskFor("1"), 10);
    expect(endLink(store, linkBetween([ROOM_A, ROOM_B, ROOM_C])).dropped).toBe(1);
  }
});

test("a link, its change, and what came before them are one family", () => {
  const store = storeWith();
  const ids = (id: LinkId) => store.links.family(id).map((link) => link.id);
  expect([ids(LINK), ids(CHANGE)]).toEqual([
    [LINK, CHANGE],
    [LINK, CHANGE],
  ]);
  switchIn(store);
  const next = "next" as LinkId;
  store.links.insert(linkBetween([ROOM_A, ROOM_C], { id: next, replaces: CHANGE, createdTs: 60 }));
  store.links.insert(linkBetween([ROOM_A, ROOM_C], { id: "stranger" as LinkId }));
  expect([ids(LINK), ids(next)]).toEqual([
    [CHANGE, next],
    [CHANGE, next],
  ]);
  expect([store.links.replacedBy(next), store.links.replacedBy(LINK)]).toEqual([[CHANGE, LINK], []]);
});

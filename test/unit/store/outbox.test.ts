import { describe, expect, test } from "vitest";
import type { EventId, LinkId } from "../../../main/matrix/ids.ts";
import type { Store } from "../../../main/store/store.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { because, DEVICE, eventId, ROOM_A, ROOM_B, ROOM_C, taskFor, temporaryStore } from "./store-support.ts";

function storeWithLink(): Store {
  const store = temporaryStore();
  store.links.insert(linkBetween([ROOM_A, ROOM_B, ROOM_C]));
  return store;
}

const START = `start:${LINK}` as EventId;

const claimed = (store: Store, nowTs = 10) => store.outbox.claimNext(ROOM_B, DEVICE, nowTs)?.sourceEvent ?? null;

describe("the outbox", () => {
  test("gives each destination its rows first in, first out", () => {
    const { outbox, ...store } = storeWithLink();
    for (const name of ["1", "2", "3"]) outbox.insert(taskFor(name), 1);
    outbox.insert(taskFor("1", { destination: ROOM_C }), 1);
    expect(outbox.destinations().sort()).toEqual([ROOM_B, ROOM_C]);
    for (const name of ["1", "2", "3"]) {
      const row = outbox.claimNext(ROOM_B, DEVICE, 10);
      expect(row?.sourceEvent).toBe(eventId(name));
      if (row) outbox.delete(row.id);
    }
    expect(outbox.claimNext(ROOM_B, DEVICE, 10)).toBeNull();
    expect(outbox.destinations()).toEqual([ROOM_C]);
    expect(store.links.all()).toHaveLength(1);
  });

  test("owes the same thing once", () => {
    const { outbox } = storeWithLink();
    outbox.insert(taskFor("1"), 1);
    outbox.insert(taskFor("1"), 2);
    expect(outbox.counts()).toEqual({ waiting: 1, failed: 0 });
    expect(outbox.byTransaction(taskFor("1").transactionId)).not.toBeNull();
    expect(outbox.byTransaction(taskFor("2").transactionId)).toBeNull();
  });

  test("a row in hand is handed out again, and remembers its first attempt", () => {
    const { outbox } = storeWithLink();
    outbox.insert(taskFor("1"), 1);
    expect(outbox.claimNext(ROOM_B, DEVICE, 10)).toMatchObject({
      state: "queued",
      firstAttemptTs: null,
      attemptDevice: null,
    });
    const again = outbox.claimNext(ROOM_B, "OTHER" as typeof DEVICE, 99);
    expect(again).toMatchObject({ state: "sending", firstAttemptTs: 10, attemptDevice: DEVICE });
  });

  test("a postponed row stays first, with its reason", () => {
    const store = storeWithLink();
    for (const name of ["1", "2"]) store.outbox.insert(taskFor(name), 1);
    const row = store.outbox.claimNext(ROOM_B, DEVICE, 10);
    store.outbox.postpone(row?.id ?? 0, because("no network"));
    expect(store.outbox.get(row?.id ?? 0)).toMatchObject({ attempts: 1, reason: "no network", state: "sending" });
    expect(claimed(store)).toBe(eventId("1"));
  });

  test("a failed row steps aside, and is retried or dismissed by hand alone", () => {
    const store = storeWithLink();
    for (const name of ["1", "2"]) store.outbox.insert(taskFor(name), 1);
    const row = store.outbox.claimNext(ROOM_B, DEVICE, 10);
    const id = row?.id ?? 0;
    expect([store.outbox.retry([id]), store.outbox.dismiss(id)]).toEqual([0, 0]);
    store.outbox.fail(id, because("too large"));
    expect(store.outbox.counts(LINK)).toEqual({ waiting: 1, failed: 1 });
    expect(store.outbox.failedIds()).toEqual([id]);
    expect(store.outbox.list(true, 10).map((failed) => failed.reason)).toEqual(["too large"]);
    expect(claimed(store)).toBe(eventId("2"));
    expect(store.outbox.retry([id, 12_345])).toBe(1);
    expect(store.outbox.claimNext(ROOM_B, DEVICE, 99)).toMatchObject({ sourceEvent: eventId("1"), firstAttemptTs: 10 });
    store.outbox.fail(id, because("again"));
    expect(store.outbox.dismiss(id)).toBe(1);
    expect(store.outbox.get(id)).toBeNull();
  });

  test("what has failed is counted and named by its link", () => {
    const store = storeWithLink();
    const other = "other" as LinkId;
    store.links.insert(linkBetween([ROOM_A, ROOM_B], { id: other }));
    store.outbox.insert(taskFor("1"), 1);
    store.outbox.insert(taskFor("2", { linkId: other }), 1);
    const [first, second] = [1, 2].map(() => {
      const id = store.outbox.claimNext(ROOM_B, DEVICE, 10)?.id ?? 0;
      store.outbox.fail(id, because("too large"));
      return id;
    });
    expect([LINK, other, undefined].map((link) => store.outbox.failedIds(link))).toEqual([
      [first],
      [second],
      [first, second],
    ]);
  });

  test("a notice is never given up: nobody may be linked unawares", () => {
    const { outbox } = storeWithLink();
    outbox.insert(taskFor("0", { sourceEvent: START, kind: "notice", sourceRoom: ROOM_B }), 1);
    const id = outbox.claimNext(ROOM_B, DEVICE, 10)?.id ?? 0;
    outbox.fail(id, because("too large"));
    expect(outbox.dismiss(id)).toBe(0);
    expect(outbox.noticesSent(LINK)).toBe(false);
  });

  test.each([
    ["paused", (store: Store) => store.links.setState(LINK, "paused")],
    ["starting", (store: Store) => store.links.setState(LINK, "starting")],
    ["removed", (store: Store) => store.links.setState(LINK, "removed")],
    ["suspended there", (store: Store) => store.links.suspend(LINK, ROOM_B, "forbidden")],
  ])("sends nothing for a link that is %s", (_name, change) => {
    const store = storeWithLink();
    store.outbox.insert(taskFor("1"), 1);
    change(store);
    expect(claimed(store)).toBeNull();
    expect(store.outbox.destinations()).toEqual([]);
    expect(store.outbox.counts()).toEqual({ waiting: 1, failed: 0 });
  });

  test("a link that is suspended in one room is not held up in the others, nor other links in that room", () => {
    const store = storeWithLink();
    const other = "other" as LinkId;
    store.links.insert(linkBetween([ROOM_C, ROOM_B], { id: other }));
    store.outbox.insert(taskFor("1"), 1);
    store.outbox.insert(taskFor("1", { destination: ROOM_C }), 1);
    store.outbox.insert(taskFor("2", { linkId: other, sourceRoom: ROOM_C }), 1);
    store.links.suspend(LINK, ROOM_B, "forbidden");
    expect(claimed(store)).toBe(eventId("2"));
    expect(store.outbox.claimNext(ROOM_C, DEVICE, 10)?.sourceEvent).toBe(eventId("1"));
  });

  test("notices go out while a link starts and after it has ended", () => {
    const store = storeWithLink();
    store.outbox.insert(taskFor("0", { sourceEvent: START, kind: "notice", sourceRoom: ROOM_B }), 1);
    store.outbox.insert(taskFor("1"), 1);
    store.links.setState(LINK, "starting");
    expect(store.outbox.noticesSent(LINK)).toBe(false);
    const row = store.outbox.claimNext(ROOM_B, DEVICE, 10);
    expect(row?.kind).toBe("notice");
    store.outbox.delete(row?.id ?? 0);
    expect(store.outbox.noticesSent(LINK)).toBe(true);
    expect(claimed(store)).toBeNull();
  });

  test("finds what is owed for a source event: its copies, their edits and reactions to it", () => {
    const { outbox } = storeWithLink();
    const target = { roomId: ROOM_A, eventId: eventId("1") };
    outbox.insert(taskFor("1"), 1);
    outbox.insert(taskFor("1", { kind: "late" }), 1);
    outbox.insert(taskFor("2", { kind: "edit", target }), 1);
    outbox.insert(taskFor("3", { kind: "reaction", target }), 1);
    outbox.insert(taskFor("4", { kind: "redaction", target, targetKind: "copy" }), 1);
    expect(outbox.owedFor(target).map((row) => row.kind)).toEqual(["copy", "late", "edit", "reaction"]);
    expect(outbox.list(false, 10).find((row) => row.kind === "redaction")).toMatchObject({
      target,
      targetKind: "copy",
    });
  });

  test("a link that ends takes what it owes with it, and says how many copies that were", () => {
    const { outbox } = storeWithLink();
    for (const name of ["1", "2"]) outbox.insert(taskFor(name), 1);
    outbox.insert(taskFor("0", { sourceEvent: START, kind: "notice" }), 1);
    expect(outbox.deleteOfLink(LINK)).toBe(2);
    expect(outbox.counts()).toEqual({ waiting: 0, failed: 0 });
  });
});

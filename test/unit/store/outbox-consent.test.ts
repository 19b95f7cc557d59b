import { describe, expect, test } from "vitest";
import type { Gap } from "../../../main/bridge/link.ts";
import type { CopyKind } from "../../../main/bridge/route.ts";
import type { EventId, LinkId } from "../../../main/matrix/ids.ts";
import type { Store } from "../../../main/store/store.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { because, ANA, DEVICE, eventId, ME, ROOM_A, ROOM_B, ROOM_C, taskFor, temporaryStore } from "./store-support.ts";

const GAP: Gap = { code: "consent-revoked", sentence: "They took it back." };
const OTHER = "other" as LinkId;
const COPIED: CopyKind[] = ["copy", "edit", "late", "reaction"];

function storeWithLink(): Store {
  const store = temporaryStore();
  store.links.insert(linkBetween([ROOM_A, ROOM_B, ROOM_C]));
  return store;
}
const claim = (store: Store, room = ROOM_B) => store.outbox.claimNext(room, DEVICE, 10);
const owed = (store: Store) => store.outbox.list(false, 100).map((row) => [row.linkId, row.sourceEvent, row.kind]);

describe("a gap in a room's consent", () => {
  test.each(COPIED.flatMap((kind) => [ROOM_A, ROOM_B].map((room) => [kind, room] as const)))(
    "holds back: %s, of %s",
    (kind, room) => {
      const store = storeWithLink();
      store.outbox.insert(taskFor("1", { kind }), 1);
      store.links.setGap(LINK, room, GAP);
      expect([claim(store), store.outbox.destinations()]).toEqual([null, []]);
      store.links.setGap(LINK, room, null);
      const row = claim(store);
      expect(row?.kind).toBe(kind);
      store.links.setGap(LINK, room, GAP);
      expect(store.outbox.isSendable(row?.id ?? 0), "also what is in hand").toBe(false);
      expect(claim(store)?.id, "but what became of it has to be looked up").toBe(row?.id);
      store.links.setGap(LINK, room, { ...GAP, code: "room-unread" });
      expect(claim(store), "and not in a room that is not seen").toBeNull();
    },
  );

  test("holds back nothing in the link's other rooms, nor of other links", () => {
    const store = storeWithLink();
    store.links.insert(linkBetween([ROOM_A, ROOM_B], { id: OTHER }));
    store.outbox.insert(taskFor("1", { destination: ROOM_C }), 1);
    store.outbox.insert(taskFor("2"), 1);
    store.outbox.insert(taskFor("3", { linkId: OTHER }), 1);
    store.links.setGap(LINK, ROOM_B, GAP);
    expect(claim(store)?.sourceEvent).toBe(eventId("3"));
    expect(claim(store, ROOM_C)?.sourceEvent).toBe(eventId("1"));
  });

  test("lets notices and redactions pass", () => {
    const store = storeWithLink();
    const target = { roomId: ROOM_A, eventId: eventId("0") };
    store.outbox.insert(taskFor("1", { kind: "redaction", target, targetKind: "copy" }), 1);
    store.outbox.insert(taskFor("2", { kind: "notice", sourceRoom: ROOM_B }), 1);
    for (const room of [ROOM_A, ROOM_B]) store.links.setGap(LINK, room, GAP);
    for (const kind of ["redaction", "notice"]) {
      const row = claim(store);
      expect(row?.kind).toBe(kind);
      if (row) store.outbox.delete(row.id);
    }
  });

  test("has a copy that may have been sent looked up before its redaction", () => {
    const store = storeWithLink();
    store.outbox.insert(taskFor("1"), 1);
    const copy = claim(store);
    const target = { roomId: ROOM_A, eventId: eventId("1") };
    store.outbox.insert(taskFor("2", { kind: "redaction", target, targetKind: "copy" }), 1);
    store.links.setGap(LINK, ROOM_B, GAP);
    expect(claim(store)?.id).toBe(copy?.id);
    store.outbox.delete(copy?.id ?? 0);
    expect(claim(store)?.kind).toBe("redaction");
  });

  test("drops what has not been tried, from the room and to it, and says how much", () => {
    const store = storeWithLink();
    store.outbox.insert(taskFor("tried"), 1);
    claim(store);
    const target = { roomId: ROOM_A, eventId: eventId("0") };
    for (const kind of COPIED) store.outbox.insert(taskFor("1", { kind }), 1);
    store.outbox.insert(taskFor("2", { sourceRoom: ROOM_B, destination: ROOM_C }), 1);
    store.outbox.insert(taskFor("3", { destination: ROOM_C }), 1);
    store.outbox.insert(taskFor("4", { kind: "redaction", target, targetKind: "copy" }), 1);
    store.outbox.insert(taskFor("5", { kind: "notice" }), 1);
    store.links.setGap(LINK, ROOM_B, GAP);
    expect(store.outbox.dropFor(LINK, ROOM_B)).toBe(5);
    expect(owed(store)).toEqual([
      [LINK, "$tried", "copy"],
      [LINK, "$3", "copy"],
      [LINK, "$4", "redaction"],
      [LINK, "$5", "notice"],
    ]);
  });

  test.each<[string, Partial<Parameters<typeof linkBetween>[1]>, (store: Store) => void, boolean]>([
    ["it goes on", {}, () => undefined, true],
    ["paused, it owes it", { state: "paused" }, () => undefined, true],
    ["it has a gap too", {}, (store) => store.links.setGap(OTHER, ROOM_A, GAP), false],
    ["it leads the other way", { direction: "one-way" }, () => undefined, false],
    ["it has not begun", { state: "starting" }, () => undefined, false],
    ["it is younger than what is owed", { createdTs: 9 }, () => undefined, false],
    ["its author has opted out of it", {}, (store) => store.optOuts.insert(OTHER, ANA, 1), false],
  ])("leaves to another link what that one covers: %s", (_name, other, change, goesOn) => {
    const store = storeWithLink();
    store.links.insert(linkBetween([ROOM_B, ROOM_A], { id: OTHER, ...other }));
    change(store);
    store.outbox.insert(taskFor("1"), 5);
    store.links.setGap(LINK, ROOM_C, GAP);
    store.outbox.insert(taskFor("2", { destination: ROOM_C }), 5);
    store.links.setGap(LINK, ROOM_A, GAP);
    expect(store.outbox.dropFor(LINK, ROOM_A)).toBe(goesOn ? 1 : 2);
    expect(owed(store)).toEqual(goesOn ? [[OTHER, "$1", "copy"]] : []);
  });

  test("is not got round by another link that ends", () => {
    const store = storeWithLink();
    store.links.insert(linkBetween([ROOM_A, ROOM_B], { id: OTHER }));
    const target = { roomId: ROOM_A, eventId: eventId("0") };
    store.outbox.insert(taskFor("1"), 5);
    store.outbox.insert(taskFor("2", { kind: "redaction", target, targetKind: "copy" }), 5);
    store.links.setGap(OTHER, ROOM_B, GAP);
    store.handOver.reassign(LINK, OTHER, ROOM_A, ROOM_B);
    store.handOver.reassignRedactions(LINK, OTHER, ROOM_B);
    expect(owed(store)).toEqual([
      [LINK, "$1", "copy"],
      [OTHER, "$2", "redaction"],
    ]);
    store.links.setGap(OTHER, ROOM_B, null);
    store.handOver.reassign(LINK, OTHER, ROOM_A, ROOM_B);
    expect(owed(store)[0]).toEqual([OTHER, "$1", "copy"]);
  });
});

test("of somebody who has opted out what has not been tried is dropped, in that link", () => {
  const store = storeWithLink();
  store.links.insert(linkBetween([ROOM_A, ROOM_B], { id: OTHER, createdTs: 9 }));
  const target = { roomId: ROOM_A, eventId: eventId("0") };
  for (const kind of COPIED) store.outbox.insert(taskFor("1", { kind }), 1);
  store.outbox.insert(taskFor("2", { author: ME }), 1);
  store.outbox.insert(taskFor("3", { linkId: OTHER }), 1);
  store.outbox.insert(taskFor("4", { kind: "redaction", target, targetKind: "copy" }), 1);
  expect(store.outbox.dropOf(LINK, ANA)).toBe(4);
  expect(owed(store).map(([, event]) => event)).toEqual(["$2", "$3", "$4"]);
});

describe("notices that are none of a link's start", () => {
  const notice = (name: string) => taskFor("0", { sourceEvent: name as EventId, kind: "notice", sourceRoom: ROOM_B });

  test.each(["propose:K7QF2MXA", "opt-out:$1", "opt-in:$1", "end:link"])("%s: the rooms count as told", (name) => {
    const { outbox } = storeWithLink();
    outbox.insert(notice(name), 1);
    expect(outbox.noticesSent(LINK)).toBe(true);
    outbox.insert(notice(`start:${LINK}`), 1);
    expect(outbox.noticesSent(LINK)).toBe(false);
  });

  test.each([
    ["opt-out:$1", 1],
    ["opt-in:$1", 1],
    ["propose:K7QF2MXA", 0],
    ["end:link", 1],
    ["stop:$1", 1],
    ["start:link", 0],
  ])("%s: given up by the user: %i", (name, count) => {
    const store = storeWithLink();
    store.outbox.insert(notice(name), 1);
    const id = claim(store)?.id ?? 0;
    store.outbox.fail(id, because("too large"));
    expect(store.outbox.dismiss(id)).toBe(count);
  });
});

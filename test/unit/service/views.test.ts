import { describe, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { linkView as linkSchema, outboxView as outboxSchema } from "../../../main/protocol/control.ts";
import type { Account } from "../../../main/service/account.ts";
import { linkView, outboxView, statusView } from "../../../main/service/views.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { because, DEVICE, ME, ROOM_A, ROOM_B, ROOM_C, taskFor, temporaryStore } from "../store/store-support.ts";

function storeWith(link: Partial<Link> = {}) {
  const store = temporaryStore();
  store.links.insert(linkBetween([ROOM_A, ROOM_B], link));
  const view = () => linkView(store, store.links.all()[0] as Link);
  return { store, view };
}

describe("what is shown of a link", () => {
  test("that has not carried anything", () => {
    const { view } = storeWith();
    expect(view()).toEqual({
      ...{
        id: LINK,
        name: "Link",
        changes: null,
        direction: "two-way",
        state: "mirroring",
        isPaused: false,
        reason: null,
        carrying: null,
        createdTs: 1,
      },
      rooms: [ROOM_A, ROOM_B].map((roomId) => ({
        ...{ roomId, name: roomId, encrypted: true, role: "both", suspended: null, gap: null },
      })),
      ...{ copied: 0, waiting: 0, failed: 0, skipped: [], lastCopyTs: null, settings: NO_LINK_SETTINGS, tells: [] },
    });
    expect(linkSchema.safeParse(view()).success).toBe(true);
  });

  test("what it has carried, left out, and still owes", () => {
    const { store, view } = storeWith();
    for (const ts of [5, 9]) store.links.count(LINK, "copied", ts);
    store.links.count(LINK, "unsupported-type", 12);
    for (const name of ["1", "2", "3"]) store.outbox.insert(taskFor(name), 1);
    store.outbox.fail(store.outbox.claimNext(ROOM_B, DEVICE, 1)?.id ?? 0, because("why"));
    expect(view()).toMatchObject({
      ...{ copied: 2, lastCopyTs: 9, waiting: 2, failed: 1, skipped: [{ reason: "unsupported-type", count: 1 }] },
    });
  });

  test("one way: which room is the source", () => {
    const store = temporaryStore();
    store.links.insert(linkBetween([ROOM_C, ROOM_A, ROOM_B], { direction: "one-way" }));
    const roles = linkView(store, store.links.all()[0] as Link).rooms.map((room) => room.role);
    expect(roles).toEqual(["source", "destination", "destination"]);
  });

  test("its state, the most pressing first", () => {
    const { store, view } = storeWith();
    for (let name = 0; name < 10; name++) store.outbox.insert(taskFor(`${name}`), 1);
    expect(view().state).toBe("catching-up");
    store.links.setState(LINK, "starting");
    expect(view().state).toBe("starting");
    store.links.suspend(LINK, ROOM_B, "forbidden there");
    expect(view()).toMatchObject({ state: "suspended", reason: "forbidden there" });
    store.links.suspend(LINK, ROOM_B, null);
    const gap = { code: "consent-missing", sentence: "Nobody has agreed." } as const;
    store.links.setGap(LINK, ROOM_B, gap);
    expect(view(), "it has never begun").toMatchObject({ state: "waiting", reason: gap.sentence });
    expect(view().rooms.map((room) => room.gap)).toEqual([null, gap]);
    store.links.setState(LINK, "active");
    expect(view()).toMatchObject({ state: "suspended", reason: gap.sentence });
    store.links.setState(LINK, "paused");
    expect(view()).toMatchObject({ state: "paused", reason: gap.sentence });
  });
});

test("the line of the whole counts links that mirror or catch up, not those that are paused or wait", () => {
  const { store } = storeWith();
  const [paused, waiting] = ["paused" as LinkId, "waiting" as LinkId];
  store.links.insert(linkBetween([ROOM_A, ROOM_C], { id: paused, state: "paused" }));
  store.links.insert(linkBetween([ROOM_B, ROOM_C], { id: waiting, state: "starting" }));
  store.links.setGap(waiting, ROOM_C, { code: "consent-missing", sentence: "Nobody has agreed." });
  const open = { stored: { userId: ME }, connection: "online", reopening: { failure: null, ends: 0 } };
  const account = open as unknown as Account;
  const view = () =>
    statusView({
      ...{
        store,
        account,
        version: "0.1.0",
        clockOffsetMs: 0,
        hasNetwork: true,
        storeFailure: null,
        tokensFailure: null,
      },
      ...{ isDiskFull: false, trust: { verified: true, verification: null }, update: null, carrying: null },
    });
  expect([view().links, view().summary]).toEqual([3, "Mirroring 1 link"]);
  store.links.setState(LINK, "paused");
  expect(view().summary).toBe("Ready, no link is mirroring");
});

test("what is shown of what is owed fits its contract, and names no words", () => {
  const { store } = storeWith();
  store.outbox.insert(taskFor("1"), 7);
  const [row] = store.outbox.list(false, 10);
  const view = row && outboxView(store, row);
  expect(view).toEqual({
    ...{ id: row?.id, state: "queued", kind: "copy", sourceRoom: ROOM_A, sourceEvent: "$1", destinationRoom: ROOM_B },
    ...{ attempts: 0, reason: null, createdTs: 7 },
  });
  expect(outboxSchema.safeParse(view).success).toBe(true);
});

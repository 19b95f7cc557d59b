import { describe, expect, test } from "vitest";
import type { Gap } from "../../../main/bridge/link.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS, type LinkSettings } from "../../../main/matrix/link-settings.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ANA, eventId, ROOM_A, ROOM_B, ROOM_C, temporaryStore } from "./store-support.ts";

describe("the links", () => {
  test("come back as they were stored, rooms in their order, the oldest link first", () => {
    const { links } = temporaryStore();
    const young = linkBetween([ROOM_C, ROOM_A], {
      id: "young" as LinkId,
      direction: "one-way",
      state: "starting",
      createdTs: 9,
      tells: ["members", "pins"],
    });
    const old = linkBetween([ROOM_B, ROOM_A, ROOM_C]);
    links.insert(young);
    links.insert(old);
    expect(links.all()).toEqual([old, young]);
    expect(links.get(young.id)).toEqual(young);
    expect(links.get("none" as LinkId)).toBeNull();
  });

  test("are as nothing had been set, and as it is set", () => {
    const { links } = temporaryStore();
    links.insert(linkBetween([ROOM_A, ROOM_B]));
    expect(links.get(LINK)?.settings).toEqual(NO_LINK_SETTINGS);
    const filter = { ...NO_FILTER, withoutWords: ["secret", "\u202e'\""], withoutSenders: [ANA] };
    const set: LinkSettings = {
      filter,
      roomFilters: [{ roomId: ROOM_A, filter }],
      attribution: "name-id",
      allowRoomMention: true,
      reads: false,
    };
    links.set(LINK, set);
    expect(links.get(LINK)?.settings).toEqual(set);
    expect(links.all()[0]?.settings).toEqual(set);
  });

  test("a removed link is not one of them, and is still found", () => {
    const { links } = temporaryStore();
    links.insert(linkBetween([ROOM_A, ROOM_B]));
    links.setState(LINK, "removed");
    expect([links.all(), links.get(LINK)]).toEqual([[], null]);
    expect(links.find(LINK)?.rooms.map((room) => room.roomId)).toEqual([ROOM_A, ROOM_B]);
  });

  test("one room of a link is suspended, and goes on", () => {
    const { links } = temporaryStore();
    links.insert(linkBetween([ROOM_A, ROOM_B]));
    links.suspend(LINK, ROOM_B, "why");
    expect(links.get(LINK)?.rooms.map((room) => room.suspended)).toEqual([null, "why"]);
    links.suspend(LINK, ROOM_B, null);
    expect(links.get(LINK)?.rooms.map((room) => room.suspended)).toEqual([null, null]);
  });

  test("what is wanting for a room's consent is kept, and lifted, for each link by itself", () => {
    const { links } = temporaryStore();
    const gap: Gap = { code: "consent-missing", sentence: "Nobody has agreed." };
    const other = "other" as LinkId;
    const waiting = linkBetween([ROOM_A, ROOM_B], { id: other, createdTs: 2 });
    links.insert({ ...waiting, rooms: waiting.rooms.map((room) => ({ ...room, gap })) });
    links.insert(linkBetween([ROOM_A, ROOM_B]));
    const gapsOf = (id: LinkId) => links.get(id)?.rooms.map((room) => room.gap);
    expect([gapsOf(LINK), gapsOf(other)]).toEqual([
      [null, null],
      [gap, gap],
    ]);
    const declined: Gap = { code: "consent-declined", sentence: "They declined." };
    links.setGap(LINK, ROOM_B, declined);
    links.setGap(other, ROOM_B, null);
    expect([gapsOf(LINK), gapsOf(other)]).toEqual([
      [null, declined],
      [gap, null],
    ]);
  });

  test("count what happened, for each link and over all, removed ones included", () => {
    const { links } = temporaryStore();
    links.insert(linkBetween([ROOM_A, ROOM_B]));
    links.count(LINK, "copied", 5);
    links.count(LINK, "copied", 7);
    links.count("other" as LinkId, "copied", 8, 3);
    links.count(LINK, "nothing", 8, 0);
    expect(links.counters(LINK)).toEqual([{ name: "copied", count: 2, latestTs: 7 }]);
    expect([links.totalCount("copied"), links.totalCount("nothing")]).toEqual([5, 0]);
  });

  test("a link without all of its rooms is not stored at all", () => {
    const { links } = temporaryStore();
    expect(() => links.insert(linkBetween([ROOM_A, ROOM_A]))).toThrow();
    expect(links.all()).toEqual([]);
  });
});

describe("what has been seen", () => {
  const seen = (name: string, other: object = {}) => ({
    ...{
      roomId: ROOM_A,
      eventId: eventId(name),
      sender: ANA,
      kind: "copy",
      outcome: "routed",
      undecryptable: null,
      transactionId: null,
      refersTo: null,
    },
    ...other,
  });

  test("is known, each event once, by its room and id", () => {
    const { inbound } = temporaryStore();
    inbound.insert(seen("1"), 1);
    inbound.insert(seen("1", { outcome: "redacted" }), 2);
    expect(inbound.get(ROOM_A, eventId("1"))).toEqual({ ...seen("1"), id: 1, receivedTs: 1 });
    expect(inbound.get(ROOM_B, eventId("1"))).toBeNull();
    expect(inbound.known(ROOM_A, [eventId("0"), eventId("1")])).toEqual([eventId("1")]);
  });

  test("what has not decrypted waits until it has", () => {
    const { inbound } = temporaryStore();
    inbound.insert(seen("1", { undecryptable: "NO_KEY" }), 1);
    inbound.insert(seen("2"), 1);
    expect(inbound.undecryptable()).toEqual([{ roomId: ROOM_A, eventId: eventId("1") }]);
    expect(inbound.undecryptableCount()).toBe(1);
    inbound.decrypted(ROOM_A, eventId("1"), "redacted", "m.room.message");
    expect(inbound.get(ROOM_A, eventId("1"))).toEqual({
      ...seen("1", { outcome: "redacted", kind: "m.room.message" }),
      id: 1,
      receivedTs: 1,
    });
    expect(inbound.undecryptableCount()).toBe(0);
  });

  test("a room has a position until nobody links it any more", () => {
    const { positions } = temporaryStore();
    expect(positions.has(ROOM_A)).toBe(false);
    positions.advance(ROOM_A, eventId("1"), 1);
    expect(positions.has(ROOM_A), "a room is not followed by what happens in it").toBe(false);
    positions.begin(ROOM_A, null, 1);
    positions.advance(ROOM_A, eventId("1"), 2);
    expect([positions.has(ROOM_A), positions.has(ROOM_B)]).toEqual([true, false]);
    positions.clear(ROOM_A);
    expect(positions.has(ROOM_A)).toBe(false);
  });
});

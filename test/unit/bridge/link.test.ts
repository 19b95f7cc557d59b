import { describe, expect, test } from "vitest";
import { destinationsOf, roomsHash, termsHash, type Link } from "../../../main/bridge/link.ts";
import type { RoomId } from "../../../main/matrix/ids.ts";
import { linkBetween } from "../link-support.ts";
import { ACCOUNT } from "./route-support.ts";

const [A, B, C] = ["!a:one.test", "!b:one.test", "!c:one.test"] as [RoomId, RoomId, RoomId];

const link = (direction: Link["direction"]): Link => linkBetween([A, B, C], { direction });

describe("where a link leads", () => {
  test("both ways: from each room to all others", () => {
    expect(destinationsOf(link("two-way"), B)).toEqual([A, C]);
  });
  test("one way: from the first room only", () => {
    expect(destinationsOf(link("one-way"), A)).toEqual([B, C]);
    expect(destinationsOf(link("one-way"), B)).toEqual([]);
  });
  test("from a room that is not in it: nowhere", () => {
    expect(destinationsOf(link("two-way"), "!x:y.test" as RoomId)).toEqual([]);
  });
});

describe("the hash of terms", () => {
  const terms = { rooms: [A, B, C], direction: "two-way" as const, carrier: ACCOUNT, tells: [] };
  test("does not depend on the order of rooms, but for which one is the source of a one-way link", () => {
    expect(termsHash({ ...terms, rooms: [C, A, B] })).toBe(termsHash(terms));
    const oneWay = { ...terms, direction: "one-way" as const };
    expect(termsHash({ ...oneWay, rooms: [A, C, B] })).toBe(termsHash(oneWay));
    expect(termsHash({ ...oneWay, rooms: [B, A, C] })).not.toBe(termsHash(oneWay));
  });
  test("is what it was before anything but messages could be told, where nothing else is", () => {
    const hash = termsHash({ ...terms, carrier: "@kim:example.org" });
    expect(hash).toBe("jA9VDJF_Pw_RFvbu5UY_qAWtne2zk70nsG2JOBOrVYU");
  });
  test("depends on everything that was agreed to", () => {
    const telling = { tells: ["name" as const] };
    const others = [{ rooms: [A, B] }, { direction: "one-way" as const }, { carrier: "@ana:one.test" }, telling];
    for (const other of others) expect(termsHash({ ...terms, ...other })).not.toBe(termsHash(terms));
  });
  test("depends on what is told, in whatever order and however often it stands there", () => {
    const [one, other] = [
      ["pins", "name", "pins"],
      ["name", "pins"],
    ] as Link["tells"][];
    expect(termsHash({ ...terms, tells: one ?? [] })).toBe(termsHash({ ...terms, tells: other ?? [] }));
    expect(termsHash({ ...terms, tells: ["pins"] })).not.toBe(termsHash({ ...terms, tells: ["name"] }));
  });
  test("leaves the rooms that it is given in their order", () => {
    const rooms = [C, B, A];
    termsHash({ ...terms, rooms });
    termsHash({ ...terms, rooms, direction: "one-way" });
    roomsHash(rooms);
    expect(rooms).toEqual([C, B, A]);
  });
});

test("two Ferries that link the same rooms find the same hash, whatever else differs", () => {
  expect(roomsHash([B, A])).toBe(roomsHash([A, B]));
  expect(roomsHash([A, B])).not.toBe(roomsHash([A, C]));
});

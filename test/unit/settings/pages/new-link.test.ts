import { describe, expect, test } from "vitest";
import type { RoomId } from "../../../../main/matrix/ids.ts";
import {
  captionOf,
  directionWords,
  inOrder,
  nextDirection,
} from "../../../../renderer/settings/pages/new-link/direction.ts";
import { RoomIndex } from "../../../../renderer/settings/pages/new-link/search.ts";
import {
  isOpen,
  joinWords,
  mayAgreeFor,
  opennessWords,
  peopleWords,
} from "../../../../renderer/settings/words/rooms.ts";
import { roomNamed } from "../../../support/fake-plans.ts";

/** Choosing rooms, and the way between them. */

describe("the arrow", () => {
  test("turns between two rooms: both ways, there, back, both ways", () => {
    expect(nextDirection("both", 2)).toBe("forward");
    expect(nextDirection("forward", 2)).toBe("backward");
    expect(nextDirection("backward", 2)).toBe("both");
  });

  test("never asks for one way from several rooms, which no link can do", () => {
    expect(nextDirection("forward", 3)).toBe("both");
    expect(inOrder(["a", "b", "c"], "backward")).toEqual({ rooms: ["a", "b", "c"], oneWay: true });
  });

  test("puts the room that is copied from first", () => {
    expect(inOrder(["a", "b"], "both")).toEqual({ rooms: ["a", "b"], oneWay: false });
    expect(inOrder(["a", "b"], "forward")).toEqual({ rooms: ["a", "b"], oneWay: true });
    expect(inOrder(["a", "b"], "backward")).toEqual({ rooms: ["b", "a"], oneWay: true });
  });

  test("says what it does", () => {
    expect(directionWords("both", ["Kitchen", "Workshop"])).toBe("between Kitchen and Workshop");
    expect(directionWords("forward", ["Kitchen", "Workshop"])).toBe("only from Kitchen to Workshop");
    expect(directionWords("backward", ["Kitchen", null])).toBe("only from the other room to Kitchen");
    expect(directionWords("forward", ["A", "B", "C"])).toBe("only from A to the other rooms");
    expect([captionOf(0, "both"), captionOf(1, "both")]).toEqual(["Between", "and"]);
    expect([captionOf(0, "backward"), captionOf(1, "backward")]).toEqual(["To", "From"]);
  });
});

describe("searching rooms", () => {
  const room = (id: string, name: string, alias?: string) =>
    roomNamed(name, { roomId: `!${id}:example.org` as RoomId, ...(alias === undefined ? {} : { alias }) });
  const index = new RoomIndex([
    room("1", "Workshop"),
    room("2", "Kitchen"),
    room("3", "Big kitchen", "#big:example.org"),
    room("4", "Café Crème"),
    room("5", "Kitchen", "#other:example.org"),
    room("6", "\u202e\u0000 Zeta"),
  ]);
  const names = (words: string, taken: RoomId[] = []) => index.find(words, taken).map((found) => found.room.name);

  test("shows all by their names, in order", () => {
    expect(names("")).toEqual(["Big kitchen", "Café Crème", "Kitchen", "Kitchen", "Workshop", "\u202e\u0000 Zeta"]);
  });

  test("puts first what begins with the words", () => {
    expect(names("kitch")).toEqual(["Kitchen", "Kitchen", "Big kitchen"]);
    expect(names("  KITCHEN ")).toEqual(["Kitchen", "Kitchen", "Big kitchen"]);
  });

  test("asks for no accents, capitals or double blanks", () => {
    expect(names("cafe  creme")).toEqual(["Café Crème"]);
  });

  test("finds aliases and ids, and shows by which", () => {
    expect(index.find("#big", []).map(({ distinction }) => distinction)).toEqual(["#big:example.org"]);
    expect(index.find("!1:", []).map(({ distinction }) => distinction)).toEqual(["!1:example.org"]);
  });

  test("tells apart rooms of one name, and only those", () => {
    const told = index.find("kitchen", []).map(({ distinction }) => distinction);
    expect(told).toEqual(["!2:example.org", "#other:example.org", null]);
  });

  test("does not offer a room that is chosen elsewhere", () => {
    expect(names("kitch", ["!2:example.org" as RoomId])).toEqual(["Kitchen", "Big kitchen"]);
  });

  test("finds nothing where there is nothing", () => {
    expect(names("no such room")).toEqual([]);
    expect(new RoomIndex([]).find("", [])).toEqual([]);
  });
});

describe("what is said of a room", () => {
  test("who can come in", () => {
    expect(joinWords("public")).toBe("anyone can join");
    expect(joinWords("invite")).toBe("by invitation");
    expect(joinWords("org.example.rule")).toBe("by a rule that Ferry does not know");
    expect(isOpen(roomNamed("x", { joinRule: "org.example.rule" }))).toBe(true);
    expect(isOpen(roomNamed("x", { joinRule: "private" }))).toBe(false);
    expect(opennessWords(roomNamed("x", { historyVisibility: "world_readable" }))).toBe("anyone can read it");
  });

  test("who is in it", () => {
    expect(peopleWords(roomNamed("x", { joinedMembers: 1 }))).toBe("1 person");
    expect(peopleWords(roomNamed("x", { joinedMembers: 1204, invitedMembers: 2 }))).toBe("1,204 people, 2 invited");
  });

  test("whether the user may agree for it", () => {
    expect(mayAgreeFor({ ownPower: null, requiredPower: 100 })).toBe(true);
    expect(mayAgreeFor({ ownPower: 50, requiredPower: 50 })).toBe(true);
    expect(mayAgreeFor({ ownPower: 49, requiredPower: 50 })).toBe(false);
  });
});

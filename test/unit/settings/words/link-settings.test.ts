import { describe, expect, test } from "vitest";
import { FILTERED_KINDS } from "../../../../main/matrix/link-settings.ts";
import { KINDS, nameChoices, peopleIn, wordsIn } from "../../../../renderer/settings/words/link-settings.ts";

test("every kind has a switch", () => {
  expect(KINDS.map(({ kind }) => kind)).toEqual([...FILTERED_KINDS]);
});

test("a name's form is shown as it will stand, with the room's name made safe", () => {
  expect(nameChoices("Kit\u202echen\n").map(({ more }) => more)).toEqual([
    "“Ana: Dinner is ready”",
    "“Ana (Kit chen): Dinner is ready”",
    "“Ana (@ana:example.org): Dinner is ready”",
  ]);
});

describe("what is entered, one on each line", () => {
  test("people", () => {
    expect(peopleIn(" @ana:example.org \n\n")).toEqual({ people: ["@ana:example.org"], problem: null });
    expect(peopleIn("")).toEqual({ people: [], problem: null });
    expect(peopleIn("ana").problem).toContain("“ana” is not a Matrix ID");
    expect(peopleIn("@ana:example.org\n".repeat(501)).problem).toContain("At most 500");
  });

  test("words", () => {
    expect(wordsIn("two words \n\none")).toEqual({ words: ["two words", "one"], problem: null });
    expect(wordsIn("x".repeat(101)).problem).toContain("too long");
    expect(wordsIn("x\n".repeat(201)).problem).toContain("At most 200");
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holdsAny } from "../../../main/bridge/word-list.ts";

const holds = (text: string, ...words: string[]): boolean => holdsAny([text], words);

describe("a word is found", () => {
  test.each([
    ["as it is", "the birthday party", "birthday"],
    ["in any case", "THE BIRTHDAY", "Birthday"],
    ["between marks", "(birthday!)", "birthday"],
    ["at both ends", "birthday", "birthday"],
    ["in another alphabet", "Сегодня ДЕНЬ рождения", "день"],
    ["however a letter is composed", "cafe\u0301 au lait", "café"],
    ["however a letter is written", "STRASSE", "Straße"],
    ["in wide letters", "ｂｉｒｔｈｄａｙ", "birthday"],
    ["with something invisible in it", "birth\u200bd\u00aday", "birthday"],
    ["as a phrase, whatever space is between", "a birthday \n  party!", "birthday party"],
    ["with marks of its own", "I write C++, mostly", "c++"],
    ["where no letters are", "look: 🎂", "🎂"],
    ["where no spaces are", "我喜欢苹果派", "苹果"],
    ["next to a script without spaces", "苹果birthday派", "birthday"],
  ])("%s", (_how, text, word) => {
    expect(holds(text, "other", word)).toBe(true);
  });
});

describe("a word is not found", () => {
  test.each([
    ["in a longer one", "birthdays", "birthday"],
    ["at the end of one", "mybirthday", "birthday"],
    ["in a longer one with a number", "birthday2", "birthday"],
    ["where a mark belongs to its last letter", "cafe\u0301", "cafe"],
    ["as a pattern", "birthday", ".*"],
    ["as a class of a pattern", "birthday", "[a-z]+"],
    ["where it shows nothing", "birthday", " \u200b "],
  ])("%s", (_how, text, word) => {
    expect(holds(text, word)).toBe(false);
  });

  test("after one that goes on differently it is found all the same", () => {
    expect(holds("birthdays, and a birthday", "birthday")).toBe(true);
  });
});

test("any words in any texts: no throw, and a word stands where spaces are around it", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(
    fc.property(text, text, text, (before, word, after) => {
      const isSeen = holds(word, word);
      expect(holds(`${before} ${word.trim()} ${after}`, word)).toSatisfy((found: boolean) => found || !isSeen);
      expect(holds(before, word)).toBeTypeOf("boolean");
    }),
  );
});

test("a long text and many words take no time", () => {
  const words = Array.from({ length: 100 }, (_, index) => "ab".repeat(index + 1).slice(0, 100));
  const others = Array.from({ length: 100 }, (_, index) => `${"ab".repeat(45)}${index}`);
  const start = performance.now();
  expect(holds(`${"ab".repeat(30_000)}c`, ...words, ...others)).toBe(false);
  expect(performance.now() - start).toBeLessThan(2_000);
});

import { expect, test } from "vitest";
import { excessesOf, type FileTime } from "../../support/budget-reporter.ts";

const file = (suite: string, seconds: number): FileTime => ({ suite, file: `test/${suite}.test.ts`, seconds });

test("what stays within its budget is not told of", () => {
  expect(excessesOf([file("unit", 59), file("long", 399)], 1_499)).toEqual([]);
});

test("a file, or all of them, that takes more is named", () => {
  expect(excessesOf([file("unit", 61.26), file("headless", 1)], 1_501)).toEqual([
    "  all of them: 1501.0 of 1500 s",
    "  test/unit.test.ts (unit): 61.3 of 60 s",
  ]);
});

test("a suite that nobody has given a budget has none to spend", () => {
  expect(excessesOf([file("new", 0.1)], 1)).toEqual(["  test/new.test.ts (new): 0.1 of 0 s"]);
});

import { expect, test } from "vitest";
import { FILE_BUDGETS, WHOLE_BUDGET } from "../../suites.ts";
import { excessesOf, type FileTime } from "../../support/budget-reporter.ts";

const { unit = 0, long = 0 } = FILE_BUDGETS;

const file = (suite: string, seconds: number): FileTime => ({ suite, file: `test/${suite}.test.ts`, seconds });

test("what stays within its budget is not told of", () => {
  expect(excessesOf([file("unit", unit - 1), file("long", long)], WHOLE_BUDGET)).toEqual([]);
});

test("a file, or all of them, that takes more is named", () => {
  expect(excessesOf([file("unit", unit + 1.26), file("headless", 1)], WHOLE_BUDGET + 1)).toEqual([
    `  all of them: ${WHOLE_BUDGET + 1}.0 of ${WHOLE_BUDGET} s`,
    `  test/unit.test.ts (unit): ${unit + 1}.3 of ${unit} s`,
  ]);
});

test("a suite that nobody has given a budget has none to spend", () => {
  expect(excessesOf([file("new", 0.1)], 1)).toEqual(["  test/new.test.ts (new): 0.1 of 0 s"]);
});

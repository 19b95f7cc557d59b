import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FAULTS } from "../../faults/faults.ts";

const ROOT = join(import.meta.dirname, "../../..");

const TOLD = readFileSync(join(ROOT, "docs/testing.md"), "utf8");

describe.each(FAULTS)("$name", ({ name, file, find, replace, tests }) => {
  test("can be put in, outside of the pure folder, and names tests that there are", () => {
    expect(file).not.toMatch(/^main\/bridge\//);
    expect(readFileSync(join(ROOT, file), "utf8").split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(tests).not.toEqual([]);
  });

  test("stands in docs/testing.md, with each of its tests", () => {
    const row = TOLD.split("\n").find((line) => line.startsWith(`| ${name} `));
    expect(
      tests.map((path) => path.slice("test/".length, -".test.ts".length)).filter((path) => !row?.includes(path)),
    ).toEqual([]);
  });
});

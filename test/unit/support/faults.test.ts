import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FAULTS } from "../../faults/faults.ts";

const ROOT = join(import.meta.dirname, "../../..");

describe.each(FAULTS)("$name", ({ file, find, replace, tests }) => {
  test("can be put in, outside of the pure folder, and names tests that there are", () => {
    expect(file).not.toMatch(/^main\/bridge\//);
    expect(readFileSync(join(ROOT, file), "utf8").split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(tests).not.toEqual([]);
  });
});

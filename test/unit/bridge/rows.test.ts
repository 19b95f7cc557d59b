import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../../main/bridge/kinds/all.ts";

/**
 * The table "What becomes of each event" in docs/protocol.md is that of test/samples/rows.json, which names for each of
 * its rows the samples that show it, or tests where no sample can.
 */

interface Row {
  event: string;
  copy: string;
  lost: string;
  /** Of main/bridge/kinds. */
  kind?: string;
  samples?: string[];
  tests?: string[];
}

const ROOT = join(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, "test/samples");
const HEADING = "## What becomes of each event";
const rows = JSON.parse(readFileSync(join(FOLDER, "rows.json"), "utf8")) as Row[];
const samples = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** The cells of the first table below the heading, without its head. */
function tableInDocument(): string[][] {
  const [, section = ""] = readFileSync(join(ROOT, "docs/protocol.md"), "utf8").split(`${HEADING}\n`);
  const lines = /(?:^\|.*\n)+/m.exec(section)?.[0].trimEnd().split("\n") ?? [];
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("the document has the table's rows, and no others", () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(tableInDocument()).toEqual(rows.map(({ event, copy, lost }) => [event, copy, lost]));
});

test("each sample shows a row, and at least 130 do", () => {
  const named = rows.flatMap((row) => row.samples ?? []);
  expect([...new Set(named)].toSorted()).toEqual(samples.map(({ name }) => name).toSorted());
  expect(samples.length).toBeGreaterThanOrEqual(130);
});

describe("each row is shown", () => {
  test.each(rows.map((row) => [row.event, row] as const))("%s", (_event, row) => {
    expect([...(row.samples ?? []), ...(row.tests ?? [])]).not.toEqual([]);
    expect((row.tests ?? []).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

test("each kind that Ferry copies has a row", () => {
  const kinds = rows.flatMap(({ kind }) => kind ?? []);
  expect(kinds.toSorted()).toEqual(Object.keys(KINDS).toSorted());
});

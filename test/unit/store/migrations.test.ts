import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openDatabase } from "../../../main/store/database.ts";
import { MIGRATIONS } from "../../../main/store/migrations.ts";
import { temporaryFolder } from "./store-support.ts";

/** Whatever version a database comes from: all that stood in it stands in it afterwards. */

type Value = string | number;
type Contents = Record<string, readonly Record<string, Value>[]>;

const VERSIONS = MIGRATIONS.map((_, index) => index + 1);

test.each(VERSIONS)("a database of version %i keeps every value of every table", (version) => {
  const file = join(temporaryFolder(), "ferry.db");
  const before = makeVersion(file, version);
  const database = openDatabase(file);
  try {
    for (const [table, rows] of Object.entries(before)) {
      // What is new has a value of its own; what was there has kept its own.
      expect(database.all(`SELECT * FROM ${table}`), table).toMatchObject([...rows]);
    }
  } finally {
    database.close();
  }
});

/** Makes a database as an earlier Ferry has left it, with a row in each table that has no default value in it. */
function makeVersion(file: string, version: number): Contents {
  const database = new DatabaseSync(file);
  for (const step of MIGRATIONS.slice(0, version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${version}`);
  const tables = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").all();
  const contents = tables.map(({ name, sql }) => {
    const row = rowOf(database, String(name), String(sql));
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    database.prepare(`INSERT INTO ${String(name)} (${names.join(", ")}) VALUES (${places})`).run(...Object.values(row));
    return [String(name), [row]] as const;
  });
  database.close();
  expect(contents.length).toBeGreaterThan(5);
  return Object.fromEntries(contents);
}

function rowOf(database: DatabaseSync, table: string, sql: string): Record<string, Value> {
  const references = new Map(
    database
      .prepare(`PRAGMA foreign_key_list(${table})`)
      .all()
      .map(({ from, table: parent, to }) => {
        return [String(from), `${String(parent)}.${String(to)}`];
      }),
  );
  const columns = database.prepare(`PRAGMA table_info(${table})`).all();
  return Object.fromEntries(
    columns.map(({ name, type }, index) => {
      const column = String(name);
      const allowed = new RegExp(`\\b${column} .*CHECK \\(${column} (?:IN \\(.*'([^']+)'\\)|= (\\d+))\\)`).exec(sql);
      const text = allowed?.[1] ?? references.get(column) ?? (column === "tells" ? '["name"]' : `${table}.${column}`);
      return [column, type === "TEXT" ? text : Number(allowed?.[2] ?? 10 + index)];
    }),
  );
}

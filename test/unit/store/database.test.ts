import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase, type Database } from "../../../main/store/database.ts";
import { MIGRATIONS } from "../../../main/store/migrations.ts";
import { temporaryFolder } from "./store-support.ts";

const STORE_MODULE = join(import.meta.dirname, "../../../main/store/database.ts");

function open(file: string): Database {
  const database = openDatabase(file);
  onTestFinished(() => {
    try {
      database.close();
    } catch {
      // The test has closed it.
    }
  });
  return database;
}

/** A database with some thousand rows, closed. */
function filled(): string {
  const file = join(temporaryFolder(), "ferry.db");
  const database = openDatabase(file);
  database.transaction(() => {
    for (let row = 0; row < 3_000; row++) {
      database.run(
        "INSERT INTO positions (room_id, event_id, read_ts) VALUES (?, ?, ?)",
        `!room${row}`,
        `$event${row}`,
        row,
      );
    }
  });
  database.close();
  return file;
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return "none";
};

describe("opening", () => {
  test("makes a file that only the user can read, in this version's form", () => {
    const file = join(temporaryFolder(), "ferry.db");
    const database = open(file);
    expect(database.get("PRAGMA user_version")).toEqual({ user_version: MIGRATIONS.length });
    database.run("INSERT INTO positions (room_id, event_id, read_ts) VALUES ('!a', NULL, 1)");
    const modes = readdirSync(join(file, "..")).map(
      (name) => `${name} ${(statSync(join(file, "..", name)).mode & 0o777).toString(8)}`,
    );
    expect(modes.sort()).toEqual(["ferry.db 600", "ferry.db-wal 600"]);
  });

  test("sets what makes a transaction durable", () => {
    const database = open(join(temporaryFolder(), "ferry.db"));
    expect(database.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(database.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(database.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
    expect(database.get("PRAGMA locking_mode")).toEqual({ locking_mode: "exclusive" });
    expect(database.get("PRAGMA temp_store")).toEqual({ temp_store: 2 });
  });

  test("takes up an empty file, which a kill right after the first start leaves", () => {
    const file = join(temporaryFolder(), "ferry.db");
    writeFileSync(file, "");
    expect(open(file).all("SELECT * FROM links")).toEqual([]);
  });

  test("finds again what was written", () => {
    const file = filled();
    expect(open(file).get("SELECT count(*) AS n FROM positions")).toEqual({ n: 3_000 });
  });

  test("a file that is newer is refused and left as it is", () => {
    const file = filled();
    const other = new DatabaseSync(file);
    other.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    other.close();
    expectRefused(file, "database-newer");
  });
});

function expectRefused(file: string, code: string): void {
  const before = readFileSync(file);
  expect(codeOf(() => openDatabase(file))).toBe(code);
  expect(readFileSync(file).equals(before), "the file is unchanged").toBe(true);
}

describe("a damaged file is refused and left as it is", () => {
  test.each<[string, (file: string) => void]>([
    ["no database at all", (file) => writeFileSync(file, "This is a letter to my aunt.\n".repeat(100))],
    ["cut off in the middle", (file) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)],
    ["cut off within a page", (file) => truncateSync(file, statSync(file).size - 100)],
    ["flipped bytes in the header", (file) => flip(file, 0, 16)],
    ["flipped bytes in the table of contents", (file) => flip(file, 100, 40)],
    ["a page of noise", (file) => flip(file, 8 * 4096, 4096)],
    ["a page of zeros", (file) => overwrite(file, 9 * 4096, Buffer.alloc(4096))],
  ])("%s", (_name, damage) => {
    const file = filled();
    damage(file);
    expectRefused(file, "database-damaged");
  });
});

function flip(file: string, position: number, length: number): void {
  const bytes = readFileSync(file).subarray(position, position + length);
  overwrite(file, position, Buffer.from(bytes.map((byte) => byte ^ 0xa5)));
}

function overwrite(file: string, position: number, bytes: Buffer): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, position);
  closeSync(descriptor);
}

describe("one Ferry a data folder", () => {
  test("a second one is refused while the first lives, and not after it was killed", async () => {
    const file = join(temporaryFolder(), "ferry.db");
    const script = `
      const { openDatabase } = await import(${JSON.stringify(STORE_MODULE)});
      const database = openDatabase(process.argv[1]);
      database.run("INSERT INTO positions (room_id, event_id, read_ts) VALUES ('!a', '$1', 1)");
      console.log("open");
      setInterval(() => database, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(codeOf(() => openDatabase(file))).toBe("already-running");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    // What it had written stands in the log that it left behind, and is found.
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(open(file).get("SELECT event_id FROM positions")).toEqual({ event_id: "$1" });
  });

  test("nor twice in one process", () => {
    const file = join(temporaryFolder(), "ferry.db");
    const first = open(file);
    expect(codeOf(() => openDatabase(file))).toBe("already-running");
    first.close();
    open(file);
  });
});

describe("a transaction", () => {
  const insert = "INSERT INTO positions (room_id, event_id, read_ts) VALUES (?, NULL, 1)";

  test("is all or nothing, also one within another", () => {
    const database = open(join(temporaryFolder(), "ferry.db"));
    const failing = (): void =>
      database.transaction(() => {
        database.run(insert, "!a");
        database.transaction(() => database.run(insert, "!b"));
        throw new Error("no");
      });
    expect(failing).toThrow("no");
    expect(database.all("SELECT * FROM positions")).toEqual([]);
    expect(database.transaction(() => database.run(insert, "!c"))).toBe(1);
    expect(database.all("SELECT room_id FROM positions")).toEqual([{ room_id: "!c" }]);
  });

  test("a full disk has a name, costs nothing that was there, and passes", ({ skip }) => {
    const folder = join(temporaryFolder(), "small");
    mkdirSync(folder);
    const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]);
    if (mount.status !== 0)
      skip(`no file system of a given size can be made here: ${String(mount.stderr ?? mount.error)}`);
    onTestFinished(() => void execFileSync("umount", ["-l", folder]));
    const database = open(join(folder, "ferry.db"));
    database.run(insert, "!before");
    writeFileSync(join(folder, "filler"), Buffer.alloc(statFree(folder)));
    const fill = (): void => {
      for (let row = 0; row < 2_000; row++) database.run(insert, `!room${row}${"x".repeat(200)}`);
    };
    expect(codeOf(() => database.transaction(fill))).toBe("disk-full");
    expect(database.all("SELECT room_id FROM positions")).toEqual([{ room_id: "!before" }]);
    truncateSync(join(folder, "filler"), 0);
    database.transaction(() => database.run(insert, "!after"));
    expect(database.all("SELECT room_id FROM positions")).toHaveLength(2);
  });
});

/** How many bytes can still be written, but for a few. */
function statFree(folder: string): number {
  const [, line = ""] = execFileSync("df", ["--output=avail", "-B1", folder], { encoding: "utf8" }).split("\n");
  return Math.max(0, Number(line) - 8_192);
}

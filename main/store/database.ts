import { existsSync, openSync, closeSync } from "node:fs";
import { DatabaseSync, type StatementSync, type SQLInputValue } from "node:sqlite";
import { FerryError } from "../matrix/errors.ts";
import { MIGRATIONS } from "./migrations.ts";

/** SQLite's result codes that mean something to the user. */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

export type Row = Record<string, null | number | bigint | string | Uint8Array>;

/** The one open database of a data folder. Every change is a transaction that is on disk when it returns. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...values) as Row[]);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | null {
    return this.#guard(() => (this.#prepare(sql).get(...values) as Row | undefined) ?? null);
  }

  /** @returns how many rows were changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  /**
   * All of `body` or nothing of it. When this returns, it is on disk (`synchronous=FULL`).
   *
   * @throws FerryError `disk-full`, with nothing changed
   */
  transaction<Result>(body: () => Result): Result {
    if (this.#inTransaction) return body();
    return this.#guard(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      this.#inTransaction = true;
      try {
        const result = body();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors, a full disk among them.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      } finally {
        this.#inTransaction = false;
      }
    });
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      throw named(error);
    }
  }
}

/**
 * Opens the database of a data folder, for this process alone, and brings it to this version's form.
 *
 * @throws FerryError `already-running`, `database-damaged`, `database-newer` (the file is left as it is), `disk-full`
 */
export function openDatabase(file: string): Database {
  try {
    if (existsSync(file)) check(file);
    // The file's mode is ours to choose only before SQLite makes it.
    else closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return new Database(database);
  } catch (error) {
    throw named(error);
  }
}

/** Looks at the file without changing a byte of it. */
function check(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    const damage = database.prepare("PRAGMA integrity_check(1)").get() as Row;
    if (damage["integrity_check"] !== "ok") throw damaged();
    if (versionOf(database) > MIGRATIONS.length) {
      throw new FerryError(
        "database-newer",
        "Ferry's database was written by a newer version of Ferry. It has been left as it is. Install that version again.",
      );
    }
  } finally {
    database.close();
  }
}

function prepare(database: DatabaseSync): void {
  // Held until this process ends, however it ends: one Ferry a data folder.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
  database.exec("PRAGMA trusted_schema = OFF");
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec("BEGIN EXCLUSIVE");
  for (let version = versionOf(database); version < MIGRATIONS.length; version++) {
    database.exec(MIGRATIONS[version] ?? "");
    database.exec(`PRAGMA user_version = ${version + 1}`);
  }
  database.exec("COMMIT");
}

function versionOf(database: DatabaseSync): number {
  return Number((database.prepare("PRAGMA user_version").get() as Row)["user_version"]);
}

function damaged(): FerryError {
  return new FerryError(
    "database-damaged",
    "Ferry's database (ferry.db in its data folder) is damaged. It has been left as it is, and nothing is mirrored. " +
      "Put a backup in its place, or move it away: then the links must be made again.",
  );
}

/** Gives SQLite's errors their names. The low byte of an extended result code is its kind. */
function named(error: unknown): unknown {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== "number") return error;
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return new FerryError("already-running", "Ferry is already running with this data folder.");
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return new FerryError(
        "disk-full",
        "Ferry could not write to its data folder; the disk is full or failing. Nothing is lost: Ferry goes on as soon as it can write again.",
      );
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged();
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new FerryError("data-folder", "Ferry may not write to its data folder. Check who owns it.");
    default:
      return error;
  }
}

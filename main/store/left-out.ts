import type { EventReference } from "../bridge/route.ts";
import type { SkipReason } from "../matrix/codes.ts";
import type { RoomId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";

/**
 * What was to be copied into a room and was not, each with its named reason. What was left out altogether has it in
 * `inbound`; here is what stood in the outbox, or goes to some of a link's rooms only.
 */
export class LeftOutStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  note(source: EventReference, destination: RoomId, reason: SkipReason): void {
    this.#database.run(
      "INSERT INTO left_out (source_room, source_event, destination_room, reason) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT DO UPDATE SET reason = excluded.reason",
      source.roomId,
      source.eventId,
      destination,
      reason,
    );
  }

  /** The reasons for one event, by destination. */
  of(source: EventReference): Map<RoomId, string> {
    const rows = this.#database.all(
      "SELECT destination_room, reason FROM left_out WHERE source_room = ? AND source_event = ?",
      source.roomId,
      source.eventId,
    );
    return new Map(rows.map((row) => [row["destination_room"] as RoomId, row["reason"] as string]));
  }
}

/** Rows of the outbox that are given up, by a condition in SQL. Inside a transaction. @returns how many */
export function leaveOut(
  database: Database,
  reason: SkipReason,
  which: string,
  ...values: (string | number)[]
): number {
  noteLeftOut(database, reason, which, ...values);
  return database.run(`DELETE FROM outbox WHERE ${which}`, ...values);
}

/** Notes of rows of the outbox that they are about to be given up. */
export function noteLeftOut(
  database: Database,
  reason: SkipReason,
  which: string,
  ...values: (string | number)[]
): void {
  database.run(
    "INSERT INTO left_out (source_room, source_event, destination_room, reason) " +
      `SELECT source_room, source_event, destination_room, ?${values.length + 1} FROM outbox ` +
      `WHERE kind <> 'notice' AND ${which} ON CONFLICT DO UPDATE SET reason = excluded.reason`,
    ...values,
    reason,
  );
}

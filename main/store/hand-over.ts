import type { LinkId, RoomId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";
import { IS_COPIED } from "./sendable.ts";

/** What is owed when another link goes on with it. */
export class HandOver {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Another link leads the same way: it goes on with what a link that ends owes there, where it may carry that, and has
   * been there for as long.
   */
  reassign(from: LinkId, to: LinkId, source: RoomId, destination: RoomId): void {
    this.#database.run(
      "UPDATE outbox SET link_id = ?2 WHERE link_id = ?1 AND source_room = ?3 AND destination_room = ?4 AND " +
        `${IS_COPIED} AND created_ts >= (SELECT created_ts FROM links WHERE id = ?2) AND (` +
        `NOT EXISTS (SELECT 1 FROM link_rooms WHERE link_id = ?2 ` +
        "AND room_id IN (?3, ?4) AND gap_code IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM opt_outs WHERE link_id = ?2 " +
        "AND user_id = outbox.author))",
      from,
      to,
      source,
      destination,
    );
  }

  /** The same for redactions, which follow the copies whatever the direction. */
  reassignRedactions(from: LinkId, to: LinkId, destination: RoomId): void {
    this.#database.run(
      "UPDATE outbox SET link_id = ?2 WHERE link_id = ?1 AND destination_room = ?3 AND kind = 'redaction'",
      from,
      to,
      destination,
    );
  }

  /**
   * What a link owes from one room to another since a time was agreed to, also where whoever goes on with it was agreed
   * to only now.
   */
  vouchFor(linkId: LinkId, source: RoomId, destination: RoomId, sinceTs: number, nowTs: number): void {
    this.#database.run(
      `UPDATE outbox SET created_ts = ?5 WHERE link_id = ?1 AND source_room = ?2 AND destination_room = ?3 ` +
        `AND created_ts >= ?4 AND ${IS_COPIED}`,
      linkId,
      source,
      destination,
      sinceTs,
      nowTs,
    );
  }
}

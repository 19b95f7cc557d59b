import type { LinkId, UserId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";

/** Who has asked a link to leave their messages out. */
export class OptOutStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The members whose messages a link leaves out, by name. */
  of(link: LinkId): UserId[] {
    return this.#database
      .all("SELECT user_id FROM opt_outs WHERE link_id = ? ORDER BY user_id", link)
      .map((row) => row["user_id"] as UserId);
  }

  has(link: LinkId, user: UserId): boolean {
    return this.#database.get("SELECT 1 FROM opt_outs WHERE link_id = ? AND user_id = ?", link, user) !== null;
  }

  /** @returns whether they had not opted out before */
  insert(link: LinkId, user: UserId, nowTs: number): boolean {
    const changes = this.#database.run(
      "INSERT INTO opt_outs (link_id, user_id, since_ts) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      link,
      user,
      nowTs,
    );
    return changes > 0;
  }

  /**
   * Ends an opt-out that is no newer than `wishedTs` (milliseconds since 1970): a wish that is read late does not undo a
   * newer one. @returns whether there was one
   */
  delete(link: LinkId, user: UserId, wishedTs: number): boolean {
    const sql = "DELETE FROM opt_outs WHERE link_id = ? AND user_id = ? AND since_ts <= ?";
    return this.#database.run(sql, link, user, wishedTs) > 0;
  }
}

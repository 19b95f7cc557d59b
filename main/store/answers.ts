import type { AnswerVerb } from "../bridge/command.ts";
import type { EventId, RoomId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";

/** What somebody has written about a proposal. Whether it counts is judged when it is looked into. */
export interface Answer {
  roomId: RoomId;
  eventId: EventId;
  verb: AnswerVerb;
  code: string;
}

/** Answers that have come and have not been looked into. */
export class AnswerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order in which they came. */
  all(): Answer[] {
    return this.#database.all("SELECT * FROM answers ORDER BY received_ts, rowid").map((row) => ({
      roomId: row["room_id"] as RoomId,
      eventId: row["event_id"] as EventId,
      verb: row["verb"] as AnswerVerb,
      code: row["code"] as string,
    }));
  }

  insert({ roomId, eventId, verb, code }: Answer, nowTs: number): void {
    this.#database.run(
      "INSERT INTO answers (room_id, event_id, verb, code, received_ts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      roomId,
      eventId,
      verb,
      code,
      nowTs,
    );
  }

  delete(roomId: RoomId, eventId: EventId): void {
    this.#database.run("DELETE FROM answers WHERE room_id = ? AND event_id = ?", roomId, eventId);
  }

  /** Whether anything has been asked with this code, by this Ferry or of this user. Otherwise nothing answers to it. */
  isAsked(code: string): boolean {
    const sql = "SELECT 1 FROM proposals WHERE code = ?1 UNION ALL SELECT 1 FROM requests WHERE code = ?1 LIMIT 1";
    return this.#database.get(sql, code) !== null;
  }
}

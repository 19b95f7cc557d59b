import type { EventId, RoomId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";

/** How far each watched room has been read. A room without a position is read from now on, not from its beginning. */
export class PositionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  has(roomId: RoomId): boolean {
    return this.#database.get("SELECT 1 FROM positions WHERE room_id = ?", roomId) !== null;
  }

  /**
   * Begins to follow a room. Only once its newest events are stored as known: reading back goes until it meets what is
   * known, and would otherwise take in the room's whole history.
   */
  begin(roomId: RoomId, eventId: EventId | null, nowTs: number): void {
    this.#database.run(
      "INSERT OR REPLACE INTO positions (room_id, event_id, read_ts) VALUES (?, ?, ?)",
      roomId,
      eventId,
      nowTs,
    );
  }

  /** Moves on in a room that is followed. */
  advance(roomId: RoomId, eventId: EventId, nowTs: number): void {
    this.#database.run("UPDATE positions SET event_id = ?, read_ts = ? WHERE room_id = ?", eventId, nowTs, roomId);
  }

  /** Nobody links the room any more: a later link starts from its own beginning. */
  clear(roomId: RoomId): void {
    this.#database.run("DELETE FROM positions WHERE room_id = ?", roomId);
  }
}

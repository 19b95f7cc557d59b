import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { Database, Row } from "./database.ts";

export interface InboundEvent {
  roomId: RoomId;
  eventId: EventId;
  sender: UserId;
  kind: string;
  outcome: string;
  undecryptable: string | null;
  /** Of a copy that came back before its request was answered. */
  transactionId: string | null;
  /** What it refers to in its room (`m.reference`): of a vote, the poll. */
  refersTo?: EventId | null;
}

/** An event as it was taken in. */
export interface SeenEvent extends InboundEvent {
  /** Of two events that came at the same time, the later one's is greater. */
  id: number;
  refersTo: EventId | null;
  receivedTs: number;
}

/** Every event that has been seen of the watched rooms, each once, and what became of it. */
export class InboundStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(roomId: RoomId, eventId: EventId): SeenEvent | null {
    const row = this.#database.get("SELECT * FROM inbound WHERE room_id = ? AND event_id = ?", roomId, eventId);
    return row ? toSeenEvent(row) : null;
  }

  /**
   * The newest messages of a room since a time (milliseconds since 1970), newest first. What Ferry has sent, what was
   * there before a link and what changes the room's state are not messages.
   */
  latest(roomId: RoomId, sinceTs: number, limit: number): SeenEvent[] {
    return this.#database
      .all(
        // In the words of the index `inbound_messages`, which gives the order as well.
        "SELECT * FROM inbound WHERE room_id = ? AND received_ts >= ? " +
          "AND outcome NOT IN ('own-copy', 'before-link', 'state-event') ORDER BY received_ts DESC, id DESC LIMIT ?",
        roomId,
        sinceTs,
        limit,
      )
      .map(toSeenEvent);
  }

  /** What was taken in of a room after the event with this `id`, oldest first; of 0, after nothing. */
  after(roomId: RoomId, id: number, limit: number): SeenEvent[] {
    const sql = "SELECT * FROM inbound WHERE room_id = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#database.all(sql, roomId, id, limit).map(toSeenEvent);
  }

  known(roomId: RoomId, eventIds: readonly EventId[]): EventId[] {
    return eventIds.filter(
      (eventId) =>
        this.#database.get("SELECT 1 FROM inbound WHERE room_id = ? AND event_id = ?", roomId, eventId) !== null,
    );
  }

  insert(event: InboundEvent, nowTs: number): void {
    this.#database.run(
      "INSERT INTO inbound (room_id, event_id, sender, kind, outcome, undecryptable, transaction_id, refers_to, " +
        "received_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      event.roomId,
      event.eventId,
      event.sender,
      event.kind,
      event.outcome,
      event.undecryptable,
      event.transactionId,
      event.refersTo ?? null,
      nowTs,
    );
  }

  /** The key has come. */
  decrypted(roomId: RoomId, eventId: EventId, outcome: string, kind: string): void {
    this.#database.run(
      "UPDATE inbound SET undecryptable = NULL, outcome = ?, kind = ? WHERE room_id = ? AND event_id = ?",
      outcome,
      kind,
      roomId,
      eventId,
    );
  }

  /** Events whose keys have not come. */
  undecryptable(): { roomId: RoomId; eventId: EventId }[] {
    return this.#database
      .all("SELECT room_id, event_id FROM inbound WHERE undecryptable IS NOT NULL ORDER BY id")
      .map((row) => ({ roomId: row["room_id"] as RoomId, eventId: row["event_id"] as EventId }));
  }

  undecryptableCount(): number {
    return Number(this.#database.get("SELECT count(*) AS n FROM inbound WHERE undecryptable IS NOT NULL")?.["n"]);
  }
}

function toSeenEvent(row: Row): SeenEvent {
  return {
    id: row["id"] as number,
    roomId: row["room_id"] as RoomId,
    eventId: row["event_id"] as EventId,
    sender: row["sender"] as UserId,
    kind: row["kind"] as string,
    outcome: row["outcome"] as string,
    undecryptable: row["undecryptable"] as string | null,
    transactionId: row["transaction_id"] as string | null,
    refersTo: row["refers_to"] as EventId | null,
    receivedTs: row["received_ts"] as number,
  };
}

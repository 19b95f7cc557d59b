import type { CopyKind, EventReference } from "../bridge/route.ts";
import type { EventId, LinkId, RoomId, UserId } from "../matrix/ids.ts";
import type { Database, Row } from "./database.ts";

/** An event that Ferry has sent. */
export interface LedgerEntry {
  id: number;
  linkId: LinkId;
  sourceRoom: RoomId;
  sourceEvent: EventId;
  /** Who wrote the source event. */
  author: UserId;
  destination: RoomId;
  copyEvent: EventId;
  kind: CopyKind;
  target: EventReference | null;
  placeholder: boolean;
  reactionHash: string | null;
  redacted: boolean;
  sentTs: number;
}

/** Which event has which copies. */
export class LedgerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(entry: Omit<LedgerEntry, "id" | "redacted">): void {
    this.#database.run(
      "INSERT INTO ledger (link_id, source_room, source_event, author, destination_room, copy_event, kind, target_room, " +
        "target_event, placeholder, reaction_hash, sent_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      entry.linkId,
      entry.sourceRoom,
      entry.sourceEvent,
      entry.author,
      entry.destination,
      entry.copyEvent,
      entry.kind,
      entry.target?.roomId ?? null,
      entry.target?.eventId ?? null,
      entry.placeholder ? 1 : 0,
      entry.reactionHash,
      entry.sentTs,
    );
  }

  /** What an event is a copy of; null where Ferry did not send it. */
  origin(roomId: RoomId, eventId: EventId): LedgerEntry | null {
    const row = this.#database.get(
      "SELECT * FROM ledger WHERE destination_room = ? AND copy_event = ? ORDER BY id LIMIT 1",
      roomId,
      eventId,
    );
    return row ? toEntry(row) : null;
  }

  /** The event of one kind that a source event has in a destination. */
  copy(source: EventReference, destination: RoomId, kind: CopyKind): LedgerEntry | null {
    const row = this.#database.get(
      "SELECT * FROM ledger WHERE source_room = ? AND source_event = ? AND destination_room = ? AND kind = ?",
      source.roomId,
      source.eventId,
      destination,
      kind,
    );
    return row ? toEntry(row) : null;
  }

  /** The copy of a source event in a destination, by the event's id alone (a marker does not name the source's room). */
  copyOfEvent(sourceEvent: EventId, destination: RoomId): EventId | null {
    const row = this.#database.get(
      "SELECT copy_event FROM ledger WHERE source_event = ? AND destination_room = ? ORDER BY id LIMIT 1",
      sourceEvent,
      destination,
    );
    return row ? (row["copy_event"] as EventId) : null;
  }

  /** What Ferry has sent of one event, and of nothing that refers to it. */
  ofEvent({ roomId, eventId }: EventReference): LedgerEntry[] {
    const sql = "SELECT * FROM ledger WHERE source_room = ? AND source_event = ? ORDER BY id";
    return this.#database.all(sql, roomId, eventId).map(toEntry);
  }

  /**
   * Everything that Ferry has sent for a source event and that goes with it: copies, their late texts, their edits,
   * reactions to them; of a poll its ends and what was told of votes, which goes with no single one of them.
   */
  sentFor(source: EventReference): LedgerEntry[] {
    return this.#database
      .all(
        "SELECT * FROM ledger WHERE redacted = 0 AND " +
          "((source_room = ? AND source_event = ? AND kind NOT IN ('redaction', 'votes')) " +
          "OR (target_room = ? AND target_event = ? AND kind IN ('edit', 'reaction', 'votes', 'poll-end'))) ORDER BY id",
        source.roomId,
        source.eventId,
        source.roomId,
        source.eventId,
      )
      .map(toEntry);
  }

  /** The line that tells of a poll's votes elsewhere in a destination, as it was first sent; edits of it follow it. */
  votesLine(poll: EventReference, destination: RoomId): LedgerEntry | null {
    const row = this.#database.get(
      "SELECT * FROM ledger WHERE target_room = ? AND target_event = ? AND destination_room = ? AND kind = 'votes' " +
        "ORDER BY id LIMIT 1",
      poll.roomId,
      poll.eventId,
      destination,
    );
    return row ? toEntry(row) : null;
  }

  /** The reactions that share one copy in a destination. */
  reactions(destination: RoomId, reactionHash: string): LedgerEntry[] {
    return this.#database
      .all(
        "SELECT * FROM ledger WHERE destination_room = ? AND reaction_hash = ? AND redacted = 0 ORDER BY id",
        destination,
        reactionHash,
      )
      .map(toEntry);
  }

  markRedacted(id: number): void {
    this.#database.run("UPDATE ledger SET redacted = 1 WHERE id = ?", id);
  }

  /** A copy has been redacted in its room: with it go all source events that share it. */
  markCopyRedacted(destination: RoomId, copyEvent: EventId): void {
    this.#database.run(
      "UPDATE ledger SET redacted = 1 WHERE destination_room = ? AND copy_event = ?",
      destination,
      copyEvent,
    );
  }

  /** The copies that stand for text that had not been decrypted. */
  placeholders(source: EventReference): LedgerEntry[] {
    return this.#database
      .all(
        "SELECT * FROM ledger WHERE source_room = ? AND source_event = ? AND kind = 'copy' AND placeholder = 1",
        source.roomId,
        source.eventId,
      )
      .map(toEntry);
  }
}

function toEntry(row: Row): LedgerEntry {
  const targetEvent = row["target_event"] as EventId | null;
  return {
    id: row["id"] as number,
    linkId: row["link_id"] as LinkId,
    sourceRoom: row["source_room"] as RoomId,
    sourceEvent: row["source_event"] as EventId,
    author: row["author"] as UserId,
    destination: row["destination_room"] as RoomId,
    copyEvent: row["copy_event"] as EventId,
    kind: row["kind"] as CopyKind,
    target: targetEvent === null ? null : { roomId: row["target_room"] as RoomId, eventId: targetEvent },
    placeholder: row["placeholder"] === 1,
    reactionHash: row["reaction_hash"] as string | null,
    redacted: row["redacted"] === 1,
    sentTs: row["sent_ts"] as number,
  };
}

import type { EventReference, Task } from "../bridge/route.ts";
import type { SkipReason } from "../matrix/codes.ts";
import type { DeviceId, LinkId, RoomId, TransactionId, UserId } from "../matrix/ids.ts";
import type { Database } from "./database.ts";
import { leaveOut, noteLeftOut } from "./left-out.ts";
import { toOutboxRow, type OutboxRow } from "./outbox-row.ts";
import { CLAIMABLE, IS_COPIED, IS_UNSENT, NEXT, OTHER_WAY, OWES_VOTES, SENDABLE } from "./sendable.ts";

export type { OutboxRow } from "./outbox-row.ts";

/** Why a row waits or has failed, as a sentence, and by which failure. */
export interface Reason {
  message: string;
  code: string;
}

const anyRow: (row: OutboxRow) => boolean = () => true;

/** What is owed. A row leaves it only in the transaction that writes what became of it. */
export class OutboxStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(task: Task & { transactionId: TransactionId; placeholder?: boolean }, nowTs: number): void {
    // The row that is owed already reads all votes when its turn comes, these with them.
    if (task.kind === "votes" && this.#owesVotes(task)) return;
    this.#database.run(
      "INSERT INTO outbox (link_id, source_room, source_event, author, destination_room, kind, target_room, " +
        "target_event, target_kind, transaction_id, state, created_ts) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?) ON CONFLICT DO NOTHING",
      task.linkId,
      task.sourceRoom,
      task.sourceEvent,
      task.author,
      task.destination,
      task.kind,
      task.target?.roomId ?? null,
      task.target?.eventId ?? null,
      task.targetKind ?? null,
      task.transactionId,
      nowTs,
    );
  }

  get(id: number): OutboxRow | null {
    const row = this.#database.get("SELECT * FROM outbox WHERE id = ?", id);
    return row ? toOutboxRow(row) : null;
  }

  /** Another link may have taken the place of a row's while it was in hand: it is that one's then. */
  refresh(row: OutboxRow): void {
    row.linkId = this.get(row.id)?.linkId ?? row.linkId;
  }

  /** The destinations that something may be sent to now. */
  destinations(): RoomId[] {
    return this.#database
      .all(`SELECT DISTINCT o.destination_room ${CLAIMABLE}`)
      .map((row) => row["destination_room"] as RoomId);
  }

  /**
   * Takes the next row of a destination in hand: from here on it may have reached the homeserver.
   *
   * Dies the process before this is on disk, the row has not been tried; after it, the same transaction id is sent
   * again, or found in the destination.
   */
  claimNext(destination: RoomId, device: DeviceId, nowTs: number, mayClaim = anyRow): OutboxRow | null {
    const held: RoomId[] = [];
    let row = this.#database.get(NEXT, destination, 0, "[]");
    // What waits for one link's rooms does not hold up the others'; but the order of a room's messages is kept.
    while (row && !mayClaim(toOutboxRow(row))) {
      held.push(row["source_room"] as RoomId);
      row = this.#database.get(NEXT, destination, 0, JSON.stringify(held));
    }
    if (!row) return null;
    if (row["state"] === "queued") {
      this.#database.run(
        "UPDATE outbox SET state = 'sending', first_attempt_ts = ?, attempt_device = ? WHERE id = ?",
        nowTs,
        device,
        row["id"] as number,
      );
    }
    // As it was before: `firstAttemptTs` says whether an earlier run may have sent it.
    return toOutboxRow(row);
  }

  /** Whether a row is still there, and its link still wants it sent. */
  isSendable(id: number): boolean {
    return this.#database.get(`SELECT 1 ${SENDABLE} AND o.id = ?`, id) !== null;
  }

  /** The row under whose transaction id a request is, or may be, under way. */
  byTransaction(transactionId: string): OutboxRow | null {
    const row = this.#database.get("SELECT * FROM outbox WHERE transaction_id = ?", transactionId);
    return row ? toOutboxRow(row) : null;
  }

  /** Another link that leads the same way sends a row. */
  handTo(id: number, link: LinkId): void {
    this.#database.run("UPDATE outbox SET link_id = ? WHERE id = ?", link, id);
  }

  /** The row that will probably be next in a destination's line, still as it is. */
  peekNext(destination: RoomId, after: number): OutboxRow | null {
    const row = this.#database.get(NEXT, destination, after, "[]");
    return row ? toOutboxRow(row) : null;
  }

  /** Back to the end of its line: it has not been tried. */
  moveBack(id: number): void {
    this.#database.run(
      "UPDATE outbox SET id = (SELECT max(id) + 1 FROM outbox), state = 'queued', first_attempt_ts = NULL, " +
        "attempt_device = NULL WHERE id = ?",
      id,
    );
  }

  /** What a row is about to be sent as. */
  noteForm({ id, placeholder, lacks }: Pick<OutboxRow, "id" | "placeholder" | "lacks">): void {
    const sql = "UPDATE outbox SET placeholder = ?, lacks = ? WHERE id = ?";
    this.#database.run(sql, placeholder ? 1 : 0, lacks, id);
  }

  /** Notes a try that did not succeed; the row stays first in its line. */
  postpone(id: number, { message, code }: Reason): void {
    const sql = "UPDATE outbox SET attempts = attempts + 1, reason = ?, reason_code = ? WHERE id = ?";
    this.#database.run(sql, message, code, id);
  }

  /** Sets a row aside, visible, until the user retries or dismisses it. */
  fail(id: number, reason: Reason): void {
    this.postpone(id, reason);
    this.#database.run("UPDATE outbox SET state = 'failed' WHERE id = ?", id);
  }

  /**
   * Back into the line. Its first attempt stays noted, for it may have been sent; the device does not, for whoever
   * retries has seen that an earlier login may have sent it. @returns how many rows
   */
  retry(ids: readonly number[]): number {
    let count = 0;
    for (const id of ids) {
      count += this.#database.run(
        "UPDATE outbox SET state = 'sending', attempt_device = NULL WHERE id = ? AND state = 'failed'",
        id,
      );
    }
    return count;
  }

  delete(id: number): number {
    return this.#database.run("DELETE FROM outbox WHERE id = ?", id);
  }

  /** Whether the notices of a link's start have all been sent. Proposals and confirmations are notices as well. */
  noticesSent(linkId: LinkId): boolean {
    const sql = "SELECT 1 FROM outbox WHERE link_id = ? AND kind = 'notice' AND source_event GLOB 'start:*'";
    return this.#database.get(sql, linkId) === null;
  }

  /** Whether a room has still to be told of a link's end. */
  owesEnd(linkId: LinkId, roomId: RoomId): boolean {
    const sql =
      "SELECT 1 FROM outbox WHERE destination_room = ?2 AND source_event IN ('end:' || ?1, 'quiet-end:' || ?1)";
    return this.#database.get(sql, linkId, roomId) !== null;
  }

  /**
   * The user gives up what failed. A link's start is never given up: nobody may be linked unawares; a proposal is
   * withdrawn instead.
   *
   * @returns how many
   */
  dismiss(id: number): number {
    const which =
      "id = ?1 AND state = 'failed' AND NOT (kind = 'notice' " +
      "AND (source_event GLOB 'start:*' OR source_event GLOB 'propose:*'))";
    return leaveOut(this.#database, "dismissed", which, id);
  }

  /** How many copies each link owes that have not been sent. */
  unsentCopies(): Map<LinkId, number> {
    const sql = `SELECT link_id, count(*) AS n FROM outbox WHERE ${IS_COPIED} AND ${IS_UNSENT} GROUP BY link_id`;
    return new Map(this.#database.all(sql).map((row) => [row["link_id"] as LinkId, Number(row["n"])]));
  }

  /** The user gives those up; what may have been sent, what has been taken back and what rooms are told stays owed. */
  dismissCopies(): number {
    return leaveOut(this.#database, "dismissed", `${IS_COPIED} AND ${IS_UNSENT}`);
  }

  /** A row that is about to leave the outbox is not sent, for a named reason. */
  noteLeftOut(id: number, reason: SkipReason): void {
    noteLeftOut(this.#database, reason, "id = ?1", id);
  }

  /**
   * A room's consent to a link has ended: what has not been tried, from it or to it, is not owed any more. What another
   * link covers as well is that one's to send. @returns how many copies nobody owes now
   */
  dropFor(linkId: LinkId, roomId: RoomId): number {
    return this.#drop("no-consent", "link_id = ?1 AND (source_room = ?2 OR destination_room = ?2)", linkId, roomId);
  }

  /** The same for a member who has opted out of a link. */
  dropOf(linkId: LinkId, author: UserId): number {
    return this.#drop("opted-out", "link_id = ?1 AND author = ?2", linkId, author);
  }

  #drop(reason: SkipReason, which: string, ...values: string[]): number {
    const copies = `${which} AND ${IS_COPIED}`;
    this.#database.run(
      `UPDATE outbox SET link_id = ${OTHER_WAY} WHERE ${copies} AND ${OTHER_WAY} IS NOT NULL`,
      ...values,
    );
    return leaveOut(this.#database, reason, `${copies} AND first_attempt_ts IS NULL`, ...values);
  }

  /** A link ends. @returns how many copies it still owed */
  deleteOfLink(linkId: LinkId): number {
    // What a link that takes its place has not taken over lacks its rooms' consent.
    const owed = leaveOut(this.#database, "no-consent", "link_id = ?1 AND kind <> 'notice'", linkId);
    // Whoever has opted out, or has stopped it, is still told so.
    const notices = "kind = 'notice' AND source_event NOT GLOB 'opt-*' AND source_event NOT GLOB 'stop*'";
    this.#database.run(`DELETE FROM outbox WHERE link_id = ? AND ${notices}`, linkId);
    return owed;
  }

  /** What is owed of a source event: the copy, its late text, its edits, reactions to it; of a poll its ends and votes. */
  owedFor(source: EventReference): OutboxRow[] {
    return this.#database
      .all(
        "SELECT * FROM outbox WHERE (source_room = ? AND source_event = ? AND kind NOT IN ('redaction', 'votes')) " +
          "OR (target_room = ? AND target_event = ? AND kind IN ('edit', 'reaction', 'votes', 'poll-end')) ORDER BY id",
        source.roomId,
        source.eventId,
        source.roomId,
        source.eventId,
      )
      .map(toOutboxRow);
  }

  /** Whether a poll's votes will be told in a destination by a row that nobody has tried: it reads them at its turn. */
  #owesVotes({ linkId, destination, target }: Task): boolean {
    if (!target) return false;
    return this.#database.get(OWES_VOTES, target.roomId, target.eventId, destination, linkId) !== null;
  }

  /** What is owed of one event, and of nothing that refers to it. */
  ofEvent({ roomId, eventId }: EventReference): OutboxRow[] {
    const sql = "SELECT * FROM outbox WHERE source_room = ? AND source_event = ? ORDER BY id";
    return this.#database.all(sql, roomId, eventId).map(toOutboxRow);
  }

  list(failedOnly: boolean, limit: number): OutboxRow[] {
    const where = failedOnly ? "WHERE state = 'failed'" : "";
    return this.#database.all(`SELECT * FROM outbox ${where} ORDER BY id LIMIT ?`, limit).map(toOutboxRow);
  }

  /** Of one link or of all. */
  failedIds(linkId?: LinkId): number[] {
    const sql = "SELECT id FROM outbox WHERE state = 'failed' AND (?1 IS NULL OR link_id = ?1) ORDER BY id";
    return this.#database.all(sql, linkId ?? null).map((row) => Number(row["id"]));
  }

  /** How many copies are owed, of one link or of all. */
  counts(linkId?: LinkId): { waiting: number; failed: number } {
    const row = this.#database.get(
      "SELECT count(*) FILTER (WHERE state <> 'failed') AS waiting, count(*) FILTER (WHERE state = 'failed') AS failed " +
        "FROM outbox WHERE ?1 IS NULL OR link_id = ?1",
      linkId ?? null,
    );
    return { waiting: Number(row?.["waiting"]), failed: Number(row?.["failed"]) };
  }
}

import type { ProposalContent } from "../bridge/proposal.ts";
import type { EventId, RoomId, UserId } from "../matrix/ids.ts";
import type { Database, Row } from "./database.ts";

/** What somebody else's Ferry has asked this user about one of their rooms. */
export interface StoredRequest {
  roomId: RoomId;
  eventId: EventId;
  proposer: UserId;
  proposal: ProposalContent;
  state: "open" | "approved" | "declined" | "withdrawn" | "expired";
  receivedTs: number;
}

/** So many open ones of one person, and of all, are kept; whoever asks more is not heard. */
const MOST_OF_ONE = 20;
const MOST = 200;

/** The proposals that have come. */
export class RequestStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  all(): StoredRequest[] {
    return this.#database.all("SELECT * FROM requests ORDER BY received_ts DESC, event_id").map(toRequest);
  }

  /** All with this code, newest first: anybody who has read a code can ask with it, too. */
  withCode(code: string): StoredRequest[] {
    return this.all().filter((request) => request.proposal.code === code);
  }

  has(roomId: RoomId, eventId: EventId): boolean {
    return this.#database.get("SELECT 1 FROM requests WHERE room_id = ? AND event_id = ?", roomId, eventId) !== null;
  }

  openCount(): number {
    return Number(this.#database.get("SELECT count(*) AS n FROM requests WHERE state = 'open'")?.["n"]);
  }

  /** Whether one more of this person would be kept: known before anything of it is fetched. */
  takesFrom(proposer: UserId): boolean {
    const row = this.#database.get(
      "SELECT count(*) AS n, count(*) FILTER (WHERE proposer = ?) AS own FROM requests WHERE state = 'open'",
      proposer,
    );
    return Number(row?.["own"]) < MOST_OF_ONE && Number(row?.["n"]) < MOST;
  }

  insert(request: Omit<StoredRequest, "state">): void {
    this.#database.run(
      "INSERT INTO requests (code, room_id, event_id, proposer, link_id, proposal, state, received_ts, expires_ts) " +
        "VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT DO NOTHING",
      request.proposal.code,
      request.roomId,
      request.eventId,
      request.proposer,
      request.proposal.link,
      JSON.stringify(request.proposal),
      request.receivedTs,
      request.proposal.expiresTs,
    );
    // Answered and lapsed ones are kept for a while, and make room first.
    this.#database.run(
      "DELETE FROM requests WHERE state <> 'open' AND event_id NOT IN " +
        "(SELECT event_id FROM requests ORDER BY received_ts DESC LIMIT ?)",
      MOST,
    );
  }

  setState(roomId: RoomId, eventId: EventId, state: StoredRequest["state"]): void {
    this.#database.run("UPDATE requests SET state = ? WHERE room_id = ? AND event_id = ?", state, roomId, eventId);
  }

  expire(nowTs: number): number {
    return this.#database.run("UPDATE requests SET state = 'expired' WHERE state = 'open' AND expires_ts <= ?", nowTs);
  }
}

function toRequest(row: Row): StoredRequest {
  return {
    roomId: row["room_id"] as RoomId,
    eventId: row["event_id"] as EventId,
    proposer: row["proposer"] as UserId,
    // Those from before there was anything to tell have nothing in them that tells.
    proposal: { tells: [], ...(JSON.parse(row["proposal"] as string) as Omit<ProposalContent, "tells">) },
    state: row["state"] as StoredRequest["state"],
    receivedTs: row["received_ts"] as number,
  };
}

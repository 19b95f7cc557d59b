import type { AudienceRecord } from "../bridge/audience.ts";
import type { Terms } from "../bridge/consent.ts";
import type { EventId, LinkId, RoomId } from "../matrix/ids.ts";
import { audienceIn, termsIn } from "./consents.ts";
import type { Database, Row } from "./database.ts";

export type ProposalState = "sending" | "open" | "approved" | "declined" | "withdrawn" | "expired";

/** What the admins of a room have been asked. */
export interface Proposal {
  link: LinkId;
  roomId: RoomId;
  code: string;
  terms: Terms;
  termsHash: string;
  /** Who could read the other rooms when it was asked: that is what is agreed to. */
  audience: AudienceRecord[];
  state: ProposalState;
  /** Its message, once it has been sent. */
  eventId: EventId | null;
  /** The approvers' devices have been told. */
  rung: boolean;
  /** An answer that was not accepted, and why, as a sentence. */
  remark: string | null;
  createdTs: number;
  sentTs: number | null;
  expiresTs: number;
}

/** What has been asked, of whom, and what became of it. */
export class ProposalStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(proposal: Omit<Proposal, "state" | "eventId" | "rung" | "remark" | "sentTs">): void {
    this.#database.run(
      "INSERT INTO proposals (link_id, room_id, code, terms, terms_hash, audience, state, created_ts, expires_ts) " +
        "VALUES (?, ?, ?, ?, ?, ?, 'sending', ?, ?)",
      proposal.link,
      proposal.roomId,
      proposal.code,
      JSON.stringify(proposal.terms),
      proposal.termsHash,
      JSON.stringify(proposal.audience),
      proposal.createdTs,
      proposal.expiresTs,
    );
  }

  byCode(code: string): Proposal | null {
    const row = this.#database.get("SELECT * FROM proposals WHERE code = ?", code);
    return row ? toProposal(row) : null;
  }

  /** What a link has asked, oldest first. */
  ofLink(link: LinkId): Proposal[] {
    return this.#database.all("SELECT * FROM proposals WHERE link_id = ? ORDER BY id", link).map(toProposal);
  }

  /** The newest of each room of a link. */
  latest(link: LinkId): Map<RoomId, Proposal> {
    return new Map(this.ofLink(link).map((proposal) => [proposal.roomId, proposal]));
  }

  /** When a room was last asked anything, for any link; null where it never was. */
  lastAsked(room: RoomId): number | null {
    const row = this.#database.get("SELECT max(created_ts) AS ts FROM proposals WHERE room_id = ?", room);
    return (row?.["ts"] ?? null) as number | null;
  }

  open(): Proposal[] {
    return this.#database.all("SELECT * FROM proposals WHERE state = 'open' ORDER BY id").map(toProposal);
  }

  /** Its message is in the room. */
  sent(code: string, eventId: EventId, nowTs: number): void {
    this.#database.run(
      "UPDATE proposals SET event_id = ?, sent_ts = ?, state = 'open' WHERE code = ? AND state = 'sending'",
      eventId,
      nowTs,
      code,
    );
  }

  setState(code: string, state: ProposalState): void {
    this.#database.run("UPDATE proposals SET state = ? WHERE code = ?", state, code);
  }

  markRung(code: string): void {
    this.#database.run("UPDATE proposals SET rung = 1 WHERE code = ?", code);
  }

  setRemark(code: string, remark: string): void {
    this.#database.run("UPDATE proposals SET remark = ? WHERE code = ?", remark, code);
  }

  /** Ends what nobody has answered in time. @returns how many */
  expire(nowTs: number): number {
    return this.#database.run(
      "UPDATE proposals SET state = 'expired' WHERE state IN ('open', 'sending') AND expires_ts <= ?",
      nowTs,
    );
  }
}

function toProposal(row: Row): Proposal {
  return {
    link: row["link_id"] as LinkId,
    roomId: row["room_id"] as RoomId,
    code: row["code"] as string,
    terms: termsIn(row["terms"]),
    termsHash: row["terms_hash"] as string,
    audience: audienceIn(row["audience"]),
    state: row["state"] as ProposalState,
    eventId: row["event_id"] as EventId | null,
    rung: row["rung"] === 1,
    remark: row["remark"] as string | null,
    createdTs: row["created_ts"] as number,
    sentTs: row["sent_ts"] as number | null,
    expiresTs: row["expires_ts"] as number,
  };
}

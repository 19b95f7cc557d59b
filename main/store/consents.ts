import type { AudienceRecord } from "../bridge/audience.ts";
import type { Consent, Terms } from "../bridge/consent.ts";
import type { EventId, LinkId, RoomId, UserId } from "../matrix/ids.ts";
import type { Database, Row } from "./database.ts";

/** A consent as evidence: who, when, on what standing; `power` null stands for a creator above all levels. */
export interface StoredConsent extends Consent {
  power: number | null;
  required: number;
  givenTs: number;
  endedTs: number | null;
  endedReason: string | null;
}

/** What rooms have agreed to. Nothing is ever deleted: an ended consent is evidence too. */
export class ConsentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The consents of a link that are in force, by room. */
  current(link: LinkId): Map<RoomId, StoredConsent> {
    const rows = this.#database.all("SELECT * FROM consents WHERE link_id = ? AND ended_ts IS NULL", link);
    return new Map(rows.map((row) => [row["room_id"] as RoomId, toConsent(row)]));
  }

  /**
   * Whether a room's agreement to a link, where it has given any, has held without a break since a time: what was said
   * before it, and what was still owed when it ended, is not for those who agree later.
   */
  heldSince(link: LinkId, room: RoomId, ts: number): boolean {
    return this.unbrokenSince(link, room) <= ts;
  }

  /** Since when it has held: 0 where the room has never given any, infinity where it has ended. */
  unbrokenSince(link: LinkId, room: RoomId): number {
    // Not `all`: this is asked for every message.
    const sql = "SELECT given_ts, ended_ts, ended_reason FROM consents WHERE link_id = ? AND room_id = ? ORDER BY id";
    const given = this.#database.all(sql, link, room);
    let sinceTs = given.length === 0 ? 0 : Infinity;
    for (const row of given) {
      const isBroken = row["ended_ts"] !== null && row["ended_reason"] !== "replaced";
      sinceTs = isBroken ? Infinity : Math.min(sinceTs, Number(row["given_ts"]));
    }
    return sinceTs;
  }

  /** Every consent that a link has ever had, oldest first. */
  all(link: LinkId): StoredConsent[] {
    return this.#database.all("SELECT * FROM consents WHERE link_id = ? ORDER BY id", link).map(toConsent);
  }

  /** Puts a consent in force, in place of an earlier one of the same room. */
  give(link: LinkId, consent: Omit<StoredConsent, "endedTs" | "endedReason">): void {
    this.end(link, consent.roomId, "replaced", consent.givenTs);
    this.#database.run(
      "INSERT INTO consents (link_id, room_id, given_for, terms, terms_hash, approver, way, event_id, seen, overrules, " +
        "power, required, audience, given_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      link,
      consent.roomId,
      consent.link,
      JSON.stringify(consent.terms),
      consent.termsHash,
      consent.approver,
      consent.way,
      consent.eventId,
      consent.seen ? 1 : 0,
      consent.overrules,
      consent.power,
      consent.required,
      JSON.stringify(consent.audience),
      consent.givenTs,
    );
  }

  end(link: LinkId, room: RoomId, reason: string, nowTs: number): void {
    this.#database.run(
      "UPDATE consents SET ended_ts = ?, ended_reason = ? WHERE link_id = ? AND room_id = ? AND ended_ts IS NULL",
      nowTs,
      reason,
      link,
      room,
    );
  }

  /** The state event that an own consent was written into its room with. */
  noteEvent(link: LinkId, room: RoomId, eventId: EventId): void {
    this.#database.run(
      "UPDATE consents SET event_id = ? WHERE link_id = ? AND room_id = ? AND way = 'own' AND ended_ts IS NULL",
      eventId,
      link,
      room,
    );
  }

  /** Its state event stands in the room: from now on its absence means something. */
  markSeen(link: LinkId, room: RoomId): void {
    this.#database.run(
      "UPDATE consents SET seen = 1 WHERE link_id = ? AND room_id = ? AND ended_ts IS NULL AND seen = 0",
      link,
      room,
    );
  }
}

function toConsent(row: Row): StoredConsent {
  return {
    link: (row["given_for"] ?? row["link_id"]) as LinkId,
    roomId: row["room_id"] as RoomId,
    terms: termsIn(row["terms"]),
    termsHash: row["terms_hash"] as string,
    approver: row["approver"] as UserId,
    way: row["way"] as Consent["way"],
    eventId: row["event_id"] as EventId | null,
    seen: row["seen"] === 1,
    overrules: row["overrules"] as EventId | null,
    audience: audienceIn(row["audience"]),
    power: row["power"] as number | null,
    required: row["required"] as number,
    givenTs: row["given_ts"] as number,
    endedTs: row["ended_ts"] as number | null,
    endedReason: row["ended_reason"] as string | null,
  };
}

/** A column that holds terms; those from before there was anything to tell have nothing in them that tells. */
export function termsIn(text: unknown): Terms {
  return { tells: [], ...(JSON.parse(text as string) as Omit<Terms, "tells">) };
}

/** A column that holds who could read rooms. */
export function audienceIn(text: unknown): AudienceRecord[] {
  return JSON.parse(text as string) as AudienceRecord[];
}

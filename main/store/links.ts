import type { Direction, Gap, Link, LinkRoom } from "../bridge/link.ts";
import type { GapCode } from "../matrix/codes.ts";
import type { LinkId, RoomId, UserId } from "../matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS, type Filter, type LinkSettings } from "../matrix/link-settings.ts";
import { toldChanges } from "../matrix/told-changes.ts";
import type { Database, Row } from "./database.ts";

/** What happened on a link, by name, counted. */
export interface Counter {
  name: string;
  count: number;
  latestTs: number;
}

/** The links, and what they have done. */
export class LinkStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every link that has not been removed, oldest first. */
  all(): Link[] {
    const rooms = this.#database.all("SELECT * FROM link_rooms ORDER BY link_id, position");
    return this.#database
      .all("SELECT * FROM links WHERE state <> 'removed' ORDER BY created_ts, id")
      .map((row) => toLink(row, rooms));
  }

  get(id: LinkId): Link | null {
    return this.#read("SELECT * FROM links WHERE id = ? AND state <> 'removed'", id);
  }

  /** Also a link that has been removed: its rooms are still told of its end. */
  find(id: LinkId): Link | null {
    return this.#read("SELECT * FROM links WHERE id = ?", id);
  }

  #read(sql: string, id: LinkId): Link | null {
    const row = this.#database.get(sql, id);
    if (!row) return null;
    return toLink(row, this.#database.all("SELECT * FROM link_rooms WHERE link_id = ? ORDER BY position", id));
  }

  /** A link, what it has taken or is to take the place of, and what that of it: those that there are, oldest first. */
  family(id: LinkId): Link[] {
    const ids = this.#database.all(
      "WITH RECURSIVE family (id) AS (SELECT ? UNION SELECT iif(l.id = f.id, l.replaces, l.id) FROM links l " +
        "JOIN family f ON f.id IN (l.id, l.replaces)) SELECT id FROM family",
      id,
    );
    return this.all().filter((link) => ids.some((row) => row["id"] === link.id));
  }

  /** The links whose place a link has taken, or is to take, and those whose place they had taken. */
  replacedBy(id: LinkId): LinkId[] {
    const sql =
      "WITH RECURSIVE before (id) AS (SELECT replaces FROM links WHERE id = ? UNION SELECT l.replaces FROM links l " +
      "JOIN before b ON l.id = b.id) SELECT id FROM before WHERE id IS NOT NULL";
    return this.#database.all(sql, id).map((row) => row["id"] as LinkId);
  }

  /** A link takes another one's place: it counts as being as old, and goes on counting. Inside a transaction. */
  succeed(id: LinkId, { id: before, createdTs }: Link): void {
    this.#database.run("UPDATE links SET created_ts = ? WHERE id = ?", createdTs, id);
    for (const { name, count, latestTs } of this.counters(before)) this.count(id, name, latestTs, count);
    this.#database.run("DELETE FROM counters WHERE link_id = ?", before);
  }

  insert(link: Link): void {
    this.#database.transaction(() => {
      this.#database.run(
        "INSERT INTO links (id, name, direction, state, terms_hash, carrier, created_ts, replaces, tells, settings) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        link.id,
        link.name,
        link.direction,
        link.state,
        link.termsHash,
        link.carrier,
        link.createdTs,
        link.replaces,
        JSON.stringify(link.tells),
        JSON.stringify(link.settings),
      );
      for (const [position, room] of link.rooms.entries()) {
        this.#database.run(
          "INSERT INTO link_rooms (link_id, position, room_id, name, encrypted, gap_code, gap_sentence) " +
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
          link.id,
          position,
          room.roomId,
          room.name,
          room.encrypted ? 1 : 0,
          room.gap?.code ?? null,
          room.gap?.sentence ?? null,
        );
      }
    });
  }

  rename(id: LinkId, name: string): void {
    this.#database.run("UPDATE links SET name = ? WHERE id = ?", name, id);
  }

  set(id: LinkId, settings: LinkSettings): void {
    this.#database.run("UPDATE links SET settings = ? WHERE id = ?", JSON.stringify(settings), id);
  }

  setState(id: LinkId, state: Link["state"] | "removed"): void {
    this.#database.run("UPDATE links SET state = ? WHERE id = ?", state, id);
  }

  /** Sets or lifts (`null`) the reason why nothing is sent into a room for a link. */
  suspend(id: LinkId, room: RoomId, reason: string | null): void {
    this.#database.run("UPDATE link_rooms SET suspended = ? WHERE link_id = ? AND room_id = ?", reason, id, room);
  }

  /** Says what is wanting for a room's consent to a link; `null`: nothing is. */
  setGap(id: LinkId, room: RoomId, gap: Gap | null): void {
    this.#database.run(
      "UPDATE link_rooms SET gap_code = ?, gap_sentence = ? WHERE link_id = ? AND room_id = ?",
      gap?.code ?? null,
      gap?.sentence ?? null,
      id,
      room,
    );
  }

  /** Counts something that happened on a link, once or `times`. */
  count(id: LinkId, name: string, nowTs: number, times = 1): void {
    if (times === 0) return;
    this.#database.run(
      "INSERT INTO counters (link_id, name, count, latest_ts) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (link_id, name) DO UPDATE SET count = count + excluded.count, latest_ts = excluded.latest_ts",
      id,
      name,
      times,
      nowTs,
    );
  }

  /** A counter over all links, removed ones included. */
  totalCount(name: string): number {
    return Number(this.#database.get("SELECT coalesce(sum(count), 0) AS n FROM counters WHERE name = ?", name)?.["n"]);
  }

  counters(id: LinkId): Counter[] {
    return this.#database
      .all("SELECT name, count, latest_ts FROM counters WHERE link_id = ? ORDER BY name", id)
      .map((row) => ({
        name: row["name"] as string,
        count: row["count"] as number,
        latestTs: row["latest_ts"] as number,
      }));
  }
}

function toLink(row: Row, rooms: Row[]): Link {
  return {
    id: row["id"] as LinkId,
    name: row["name"] as string,
    direction: row["direction"] as Direction,
    state: row["state"] as Link["state"],
    termsHash: row["terms_hash"] as string,
    carrier: row["carrier"] as UserId,
    createdTs: row["created_ts"] as number,
    replaces: row["replaces"] as LinkId | null,
    tells: toldChanges(JSON.parse(row["tells"] as string) as unknown[]),
    settings: toSettings(row["settings"] as string),
    rooms: rooms.filter((room) => room["link_id"] === row["id"]).map(toRoom),
  };
}

/** What has not been set is as it is without it. */
function toSettings(text: string): LinkSettings {
  const stored = { ...NO_LINK_SETTINGS, ...(JSON.parse(text) as Partial<LinkSettings>) };
  const whole = (filter: Filter): Filter => ({ ...NO_FILTER, ...filter });
  const roomFilters = stored.roomFilters.map(({ roomId, filter }) => ({ roomId, filter: whole(filter) }));
  return { ...stored, filter: whole(stored.filter), roomFilters };
}

function toRoom(row: Row): LinkRoom {
  return {
    roomId: row["room_id"] as RoomId,
    name: row["name"] as string,
    encrypted: row["encrypted"] === 1,
    suspended: row["suspended"] as string | null,
    gap: toGap(row),
  };
}

function toGap(row: Row): Gap | null {
  const code = row["gap_code"] as GapCode | null;
  return code === null ? null : { code, sentence: row["gap_sentence"] as string };
}

/** Which rows of the outbox may be sent, in SQL: from the states of their links and rooms, whenever it is asked. */

/** Gaps that say nothing about what was agreed: the room is not seen just now. */
const UNSEEN = "'not-in-room', 'room-unread'";

/** Rows of a link that is active, into a room that it is not suspended for. Notices are what makes a link active. */
const OF_ACTIVE_LINKS = `
  FROM outbox o JOIN links l ON l.id = o.link_id
  JOIN link_rooms r ON r.link_id = o.link_id AND r.room_id = o.destination_room
  LEFT JOIN link_rooms s ON s.link_id = o.link_id AND s.room_id = o.source_room
  WHERE (l.state = 'active' OR o.kind = 'notice') AND r.suspended IS NULL AND o.state IN ('queued', 'sending')`;

/** Whether the rooms agree to it. A redaction only takes away, so that it needs nobody's consent. */
const IS_AGREED = `CASE o.kind
    WHEN 'notice' THEN o.source_event NOT GLOB 'start:*' OR NOT EXISTS (
      SELECT 1 FROM link_rooms g WHERE g.link_id = o.link_id AND g.gap_code IS NOT NULL)
    WHEN 'redaction' THEN 1
    ELSE r.gap_code IS NULL AND s.link_id IS NOT NULL AND s.gap_code IS NULL END`;

/** What may be sent now. */
export const SENDABLE = `${OF_ACTIVE_LINKS} AND ${IS_AGREED}`;

/**
 * What may be taken in hand: besides, what a room does not agree to any more and may have reached its destination. What
 * became of it is looked up there, since a redaction must find it. A room that cannot be looked into has to wait.
 */
export const CLAIMABLE = `${OF_ACTIVE_LINKS} AND (${IS_AGREED} OR o.kind NOT IN ('notice', 'redaction')
    AND o.first_attempt_ts IS NOT NULL AND s.link_id IS NOT NULL
    AND coalesce(r.gap_code, '') NOT IN (${UNSEEN}) AND coalesce(s.gap_code, '') NOT IN (${UNSEEN}))`;

/**
 * The next row of a destination (1) after a row (2), but for what comes from these rooms (3). One state at a time, so that
 * the index gives the order and the first row ends the search, however many are owed.
 */
export const NEXT = `SELECT * FROM (${(["queued", "sending"] as const)
  .map(
    (state) =>
      `SELECT * FROM (SELECT o.* ${CLAIMABLE} AND o.state = '${state}' AND o.destination_room = ?1 AND o.id > ?2 ` +
      "AND o.source_room NOT IN (SELECT value FROM json_each(?3)) ORDER BY o.id LIMIT 1)",
  )
  .join(" UNION ALL ")}) ORDER BY id LIMIT 1`;

/** What a gap holds back, and what somebody's opting out leaves out. */
export const IS_COPIED = "kind IN ('copy', 'edit', 'late', 'reaction', 'poll-end', 'votes')";

/** What has not been tried, or was refused for good: it is in no room. What may be there has to be found by a redaction. */
export const IS_UNSENT = "(first_attempt_ts IS NULL OR state = 'failed' AND reason_code IS NOT 'maybe-sent')";

/** Another link that leads the same way and may carry the row. */
export const OTHER_WAY = `(
  SELECT l.id FROM links l
  JOIN link_rooms s ON s.link_id = l.id AND s.room_id = outbox.source_room
  JOIN link_rooms d ON d.link_id = l.id AND d.room_id = outbox.destination_room
  WHERE l.id <> outbox.link_id AND l.state IN ('active', 'paused') AND l.created_ts <= outbox.created_ts
    AND (l.direction = 'two-way' OR s.position = 0) AND s.gap_code IS NULL AND d.gap_code IS NULL
    AND NOT EXISTS (SELECT 1 FROM opt_outs x WHERE x.link_id = l.id AND x.user_id = outbox.author)
  ORDER BY l.created_ts, l.id LIMIT 1)`;

/** Votes of a poll (1, 2) that are owed to a destination (3) for a link (4), and that nobody has tried to tell. */
export const OWES_VOTES =
  "SELECT 1 FROM outbox WHERE target_room = ? AND target_event = ? AND destination_room = ? AND link_id = ? AND " +
  "kind = 'votes' AND state = 'queued' AND first_attempt_ts IS NULL";

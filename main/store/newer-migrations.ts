/** The database's later steps: see migrations.ts. */
export const NEWER_MIGRATIONS: readonly string[] = [
  `
  -- Without the check of 'kind', which SQLite cannot change: what there is to send is said in main/bridge/route.ts.
  CREATE TABLE outbox_anew (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL,
    source_room TEXT NOT NULL,
    source_event TEXT NOT NULL,
    author TEXT NOT NULL,
    destination_room TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- what an edit or a reaction refers to, and the poll of votes and of an end: the event that was written first, never
    -- a copy of it. For a redaction: which of Ferry's events goes, named by its source and kind ('original': that event)
    target_room TEXT,
    target_event TEXT,
    target_kind TEXT,
    transaction_id TEXT NOT NULL UNIQUE,
    -- 'sending': it may have reached the homeserver
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'failed')),
    -- the copy that may be under way is a placeholder for text that has not been decrypted
    placeholder INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_attempt_ts INTEGER,
    attempt_device TEXT,
    reason TEXT,
    created_ts INTEGER NOT NULL,
    -- the code of the failure whose sentence is in 'reason'
    reason_code TEXT
  ) STRICT;
  INSERT INTO outbox_anew SELECT id, link_id, source_room, source_event, author, destination_room, kind, target_room,
    target_event, target_kind, transaction_id, state, placeholder, attempts, first_attempt_ts, attempt_device, reason,
    created_ts, reason_code FROM outbox;
  DROP TABLE outbox;
  ALTER TABLE outbox_anew RENAME TO outbox;
  CREATE INDEX outbox_by_destination ON outbox (destination_room, state, id);
  CREATE INDEX outbox_by_source ON outbox (source_room, source_event);
  CREATE INDEX outbox_by_target ON outbox (target_room, target_event) WHERE target_event IS NOT NULL;
  -- of a vote: the poll in its room, which a redaction of the vote does not name any more
  ALTER TABLE inbound ADD COLUMN refers_to TEXT;
  `,
  `
  -- What has been taken in of a room, in order.
  CREATE INDEX inbound_by_room ON inbound (room_id, id);
  `,
  `
  -- the copy that may be under way tells in words of a file: why that is not there
  ALTER TABLE outbox ADD COLUMN lacks TEXT;
  `,
  `
  -- Which changes of a room the other rooms are told of (JSON, see ToldChange); links from before tell of messages alone.
  ALTER TABLE links ADD COLUMN tells TEXT NOT NULL DEFAULT '[]';
  `,
];

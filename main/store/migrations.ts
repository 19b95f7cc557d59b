/**
 * The database's form, one step a version. A step that has been released is never changed; `PRAGMA user_version` says
 * how many have been taken.
 *
 * No table holds what a message says: rooms, events and people are named, texts are not. What a reaction shows is
 * kept as a hash.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    homeserver TEXT NOT NULL,
    -- whose profile holds the crypto store: 'electron' or 'chromium'
    host TEXT NOT NULL,
    -- the device's public signing key: a crypto store that shows another one is not this device's
    device_key TEXT,
    -- 0 while Ferry runs: whoever finds it so knows that the last run was cut off
    ended_in_order INTEGER NOT NULL DEFAULT 1
  ) STRICT;

  CREATE TABLE links (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('two-way', 'one-way')),
    state TEXT NOT NULL CHECK (state IN ('starting', 'active', 'paused', 'removed')),
    terms_hash TEXT NOT NULL,
    -- the account that carries it: another one's login does not go on with it
    carrier TEXT NOT NULL,
    created_ts INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE link_rooms (
    link_id TEXT NOT NULL REFERENCES links (id),
    -- of a one-way link the room at position 0 is the source
    position INTEGER NOT NULL,
    room_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- whether it was encrypted when the link was made; it must stay so
    encrypted INTEGER NOT NULL,
    -- why nothing is sent into this room for this link, as a sentence; null while it is
    suspended TEXT,
    PRIMARY KEY (link_id, room_id)
  ) STRICT;
  CREATE INDEX link_rooms_by_room ON link_rooms (room_id);

  -- Every event seen of a watched room, once.
  CREATE TABLE inbound (
    id INTEGER PRIMARY KEY,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- 'routed', or the named reason why it was not
    outcome TEXT NOT NULL,
    -- why it has not been decrypted; null once it has
    undecryptable TEXT,
    -- of a copy that came back before its request was answered: that request
    transaction_id TEXT,
    received_ts INTEGER NOT NULL,
    UNIQUE (room_id, event_id)
  ) STRICT;
  CREATE INDEX inbound_undecryptable ON inbound (room_id, event_id) WHERE undecryptable IS NOT NULL;

  -- What is owed, in the order in which it is sent to each destination.
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL,
    source_room TEXT NOT NULL,
    source_event TEXT NOT NULL,
    author TEXT NOT NULL,
    destination_room TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('copy', 'edit', 'late', 'reaction', 'redaction', 'notice')),
    -- what an edit or a reaction refers to: the event that was written first, never a copy of it.
    -- For a redaction: which of Ferry's events goes, named by its source and kind ('original': that event itself)
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
    created_ts INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_by_destination ON outbox (destination_room, state, id);
  CREATE INDEX outbox_by_source ON outbox (source_room, source_event);
  CREATE INDEX outbox_by_target ON outbox (target_room, target_event) WHERE target_event IS NOT NULL;

  -- Every event that Ferry has sent, and what it is a copy of.
  CREATE TABLE ledger (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL,
    source_room TEXT NOT NULL,
    source_event TEXT NOT NULL,
    author TEXT NOT NULL,
    destination_room TEXT NOT NULL,
    copy_event TEXT NOT NULL,
    kind TEXT NOT NULL,
    target_room TEXT,
    target_event TEXT,
    placeholder INTEGER NOT NULL DEFAULT 0,
    -- of a reaction: its target in the destination and its key; several people's reactions share one copy
    reaction_hash TEXT,
    redacted INTEGER NOT NULL DEFAULT 0,
    sent_ts INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX ledger_once ON ledger (source_room, source_event, destination_room, kind) WHERE kind <> 'redaction';
  CREATE INDEX ledger_by_event ON ledger (source_event, destination_room);
  CREATE INDEX ledger_by_copy ON ledger (destination_room, copy_event);
  CREATE INDEX ledger_by_target ON ledger (target_room, target_event) WHERE target_event IS NOT NULL;
  CREATE INDEX ledger_by_reaction ON ledger (destination_room, reaction_hash) WHERE reaction_hash IS NOT NULL;

  -- How far each watched room has been read.
  CREATE TABLE positions (
    room_id TEXT PRIMARY KEY,
    event_id TEXT,
    read_ts INTEGER NOT NULL
  ) STRICT;

  -- What happened on each link, counted: 'copied', and every reason for which something was left out.
  CREATE TABLE counters (
    link_id TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    latest_ts INTEGER NOT NULL,
    PRIMARY KEY (link_id, name)
  ) STRICT;
  `,
];

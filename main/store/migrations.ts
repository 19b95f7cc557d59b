import { NEWER_MIGRATIONS } from "./newer-migrations.ts";

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
  `
  -- what is wanting for a room's consent; nothing passes for the link into or out of the room while it is set.
  -- Links from before there were consents have none: their rooms are asked for.
  ALTER TABLE link_rooms ADD COLUMN gap_code TEXT DEFAULT 'room-unread';
  ALTER TABLE link_rooms ADD COLUMN gap_sentence TEXT DEFAULT 'Ferry has not looked at this room yet.';

  -- Each agreement of a room to a link, ended ones included: the evidence.
  CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    room_id TEXT NOT NULL,
    -- what was agreed to: the terms as JSON, and their hash
    terms TEXT NOT NULL,
    terms_hash TEXT NOT NULL,
    approver TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('own', 'state-event', 'reply')),
    -- the state event or message that says it; of an own consent the state event, once it has been sent
    event_id TEXT,
    -- the state event has been seen in the room's state: from then on its absence means that it was taken back
    seen INTEGER NOT NULL DEFAULT 0,
    -- a 'revoked' state event that stood in the room when it was given, and is answered by it
    overrules TEXT,
    -- null: a creator above all levels
    power INTEGER,
    required INTEGER NOT NULL,
    -- who could read the other rooms then (JSON, see AudienceRecord)
    audience TEXT NOT NULL,
    given_ts INTEGER NOT NULL,
    ended_ts INTEGER,
    ended_reason TEXT
  ) STRICT;
  CREATE UNIQUE INDEX consents_current ON consents (link_id, room_id) WHERE ended_ts IS NULL;

  -- What has been asked of the admins of a room.
  CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES links (id),
    room_id TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    terms TEXT NOT NULL,
    terms_hash TEXT NOT NULL,
    audience TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sending', 'open', 'approved', 'declined', 'withdrawn', 'expired')),
    -- its message in the room, once it has been sent
    event_id TEXT,
    rung INTEGER NOT NULL DEFAULT 0,
    -- an answer that was not accepted, and why, as a sentence
    remark TEXT,
    created_ts INTEGER NOT NULL,
    sent_ts INTEGER,
    expires_ts INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX proposals_by_link ON proposals (link_id, room_id);

  -- What somebody else's Ferry has asked this user.
  CREATE TABLE requests (
    code TEXT NOT NULL,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    proposer TEXT NOT NULL,
    link_id TEXT NOT NULL,
    -- the proposal as it was sent, checked (JSON)
    proposal TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'withdrawn', 'expired')),
    received_ts INTEGER NOT NULL,
    expires_ts INTEGER NOT NULL,
    PRIMARY KEY (room_id, event_id)
  ) STRICT;

  -- Answers that have come and have not been looked into.
  CREATE TABLE answers (
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('approve', 'decline', 'stop')),
    code TEXT NOT NULL,
    received_ts INTEGER NOT NULL,
    PRIMARY KEY (room_id, event_id)
  ) STRICT;

  -- Members whose messages a link leaves out at their own wish.
  CREATE TABLE opt_outs (
    link_id TEXT NOT NULL REFERENCES links (id),
    user_id TEXT NOT NULL,
    since_ts INTEGER NOT NULL,
    PRIMARY KEY (link_id, user_id)
  ) STRICT;

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- A link that is to take the place of another one.
  ALTER TABLE links ADD COLUMN replaces TEXT REFERENCES links (id);
  -- The link that a consent was given for, where this one has taken its place.
  ALTER TABLE consents ADD COLUMN given_for TEXT;
  `,
  `
  -- What was owed to a room and did not go there, or never was owed to it while another room got it; and why.
  CREATE TABLE left_out (
    source_room TEXT NOT NULL,
    source_event TEXT NOT NULL,
    destination_room TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source_room, source_event, destination_room)
  ) STRICT, WITHOUT ROWID;
  -- the code of the failure whose sentence is in 'reason'
  ALTER TABLE outbox ADD COLUMN reason_code TEXT;
  -- The newest messages of a room.
  CREATE INDEX inbound_messages ON inbound (room_id, received_ts)
    WHERE outcome NOT IN ('own-copy', 'before-link', 'state-event');
  `,
  `
  -- Of a login by OAuth 2.0: as which client, and where its tokens are refreshed and revoked. No secret is among them.
  ALTER TABLE account ADD COLUMN oauth_issuer TEXT;
  ALTER TABLE account ADD COLUMN oauth_client TEXT;
  ALTER TABLE account ADD COLUMN oauth_token_endpoint TEXT;
  ALTER TABLE account ADD COLUMN oauth_revocation_endpoint TEXT;
  `,
  `
  -- What the user has set for it, as JSON; what is left out is as without it. The words of a filter are the user's own.
  ALTER TABLE links ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
  `,
  ...NEWER_MIGRATIONS,
];

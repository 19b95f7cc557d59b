import { createHmac } from "node:crypto";
import type { Link } from "../bridge/link.ts";
import type { JsonObject } from "../matrix/event.ts";
import type { StatusView } from "../protocol/control.ts";
import type { Store } from "../store/store.ts";
import type { Check } from "./doctor.ts";
import { linkView } from "./views.ts";

/** As many of the log's last lines are in it. */
export const LOG_LINES = 2_000;
const MOST_OWED = 100_000;

export interface DiagnosticFacts {
  version: string;
  /** On what it runs; nothing of it is the user's. */
  system: Readonly<Record<string, string | null>>;
  /** Null where the database could not be opened. */
  store: Store | null;
  status: StatusView | null;
  /** Null where they took too long. */
  checks: readonly Check[] | null;
  /** The log, one line an entry, oldest first. */
  log: readonly string[];
  nowTs: number;
}

/** Fields of the log that hold one of Ferry's own words. What looks otherwise is not one. */
const WORD_FIELDS = new Set([
  ...["level", "event", "code", "kind", "verb", "way", "gap", "before", "page", "type", "refusal", "version"],
]);
/** Why the engine page was gone; other reasons are sentences, in which anything may stand. */
const REASONS = new Set([
  ...["crashed", "killed", "oom", "launch-failed", "integrity-failure", "abnormal-exit", "memory-eviction", "closed"],
  ...["the disk is full", "the crypto store failed", "the browser ended", "logging out failed"],
  ...["the engine page crashed", "the engine page was closed", "the engine page went elsewhere"],
]);
const WORD = /^[a-z][a-z0-9-]{0,39}$/i;
const VERSION = /^[0-9][0-9A-Za-z.+-]{0,39}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z$/;

/**
 * What helps to find a fault, and says nothing of anybody: no names, ids, addresses or texts. Rooms, people, events and
 * links can be told apart by a hash.
 *
 * @param salt random, for one file alone, and kept nowhere: nobody can try out which room a hash stands for
 */
export function diagnosticsOf(facts: DiagnosticFacts, salt: Uint8Array): JsonObject {
  const hash = (value: string): string => createHmac("sha256", salt).update(value).digest("hex").slice(0, 12);
  const { version, system, store, status, checks, log, nowTs } = facts;
  return {
    format: 1,
    written: new Date(nowTs).toISOString(),
    version,
    system: { ...system },
    status: status && statusOf(status, hash),
    checks: checks && checks.map(({ name, ok }) => ({ name, ok })),
    settings: store && { ...store.settings.all },
    links: store && store.links.all().map((link) => linkOf(store, link, hash)),
    outbox: store && owedOf(store),
    log: log.slice(-LOG_LINES).map((line) => logLine(line, hash)),
  };
}

type Hash = (value: string) => string;

function statusOf(status: StatusView, hash: Hash): JsonObject {
  const { connection, paused, everythingPaused, links, copied, waiting, failed, undecryptable, proposals } = status;
  return {
    ...{ connection, paused, everythingPaused, links, copied, waiting, failed, undecryptable, proposals },
    loggedIn: status.userId !== null,
    verified: status.verified,
    verification: status.verification?.state ?? null,
    health: status.health.map(({ code, severity, link }) => ({
      code,
      severity,
      link: link === null ? null : hash(link),
    })),
  };
}

function linkOf(store: Store, link: Link, hash: Hash): JsonObject {
  const { changes, direction, state, copied, waiting, failed, skipped, lastCopyTs, createdTs } = linkView(store, link);
  return {
    link: hash(link.id),
    changes: changes === null ? null : hash(changes),
    ...{ direction, state, copied, waiting, failed, lastCopyTs, createdTs },
    skipped: skipped.map((counter) => ({ ...counter })),
    rooms: link.rooms.map(({ roomId, encrypted, suspended, gap }) => ({
      room: hash(roomId),
      encrypted,
      suspended: suspended !== null,
      gap: gap?.code ?? null,
    })),
  };
}

/** How much is owed, by its state, its kind and the code of what keeps it. */
function owedOf(store: Store): JsonObject[] {
  const counts = new Map<string, number>();
  for (const { state, kind, reasonCode } of store.outbox.list(false, MOST_OWED)) {
    const key = JSON.stringify({ state, kind, reason: reasonCode });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({ ...(JSON.parse(key) as JsonObject), count }));
}

/** A line of the log as it is, but for what is not one of Ferry's own words. */
function logLine(line: string, hash: Hash): JsonObject {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return { unreadable: true };
  }
  if (typeof fields !== "object" || fields === null) return { unreadable: true };
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [name, valueOf(name, value, hash)]),
  );
}

function valueOf(name: string, value: unknown, hash: Hash): string | number | boolean | null {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "string") return null;
  if (name === "ts") return TIME.test(value) ? value : hash(value);
  if (name === "reason" && REASONS.has(value)) return value;
  const isWord = WORD_FIELDS.has(name) && (WORD.test(value) || VERSION.test(value));
  return isWord ? value : `#${hash(value)}`;
}

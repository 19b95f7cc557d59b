import { destinationsOf, type Link } from "../bridge/link.ts";
import type { FerryError } from "../matrix/errors.ts";
import type { LinkView, StatusView } from "../protocol/control.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { Account } from "./account.ts";
import { healthOf, type Facts as HealthFacts } from "./health.ts";
import { summarise } from "./status-text.ts";
import { EVERYTHING_PAUSED, reasonOf } from "./waiting.ts";

/** From so many waiting copies on a link is catching up, not just busy. */
const CATCHING_UP_FROM = 10;
const COPIED = "copied";

/** What is shown of a link. @param carrying what is said of a large file that is under way */
export function linkView(store: Store, link: Link, carrying: string | null = null): LinkView {
  const counters = store.links.counters(link.id);
  const copied = counters.find((counter) => counter.name === COPIED);
  const { waiting, failed } = store.outbox.counts(link.id);
  const suspended = link.rooms
    .map((room) => room.suspended ?? room.gap?.sentence)
    .find((reason) => typeof reason === "string");
  const { everythingPaused } = store.settings.all;
  return {
    id: link.id,
    name: link.name,
    direction: link.direction,
    changes: link.replaces !== null && store.links.get(link.replaces) !== null ? link.replaces : null,
    state: stateOf(link, waiting, everythingPaused),
    isPaused: link.state === "paused",
    reason: suspended ?? (everythingPaused ? EVERYTHING_PAUSED : null),
    carrying,
    rooms: link.rooms.map((room) => ({
      roomId: room.roomId,
      name: room.name,
      encrypted: room.encrypted,
      role:
        link.direction === "two-way" ? "both" : destinationsOf(link, room.roomId).length > 0 ? "source" : "destination",
      suspended: room.suspended,
      gap: room.gap,
    })),
    settings: link.settings,
    tells: link.tells,
    copied: copied?.count ?? 0,
    waiting,
    failed,
    skipped: counters
      .filter((counter) => counter.name !== COPIED)
      .map(({ name, count, latestTs }) => ({ reason: name, count, latestTs })),
    lastCopyTs: copied?.latestTs ?? null,
    createdTs: link.createdTs,
  };
}

function stateOf(link: Link, waiting: number, everythingPaused: boolean): LinkView["state"] {
  if (link.state === "paused") return "paused";
  if (link.rooms.some((room) => room.suspended !== null)) return "suspended";
  const hasGap = link.rooms.some((room) => room.gap !== null);
  if (link.state === "starting") return hasGap ? "waiting" : "starting";
  if (hasGap) return "suspended";
  if (everythingPaused) return "paused";
  return waiting >= CATCHING_UP_FROM ? "catching-up" : "mirroring";
}

/** What is shown of a row of the outbox. */
export function outboxView(store: Store, row: OutboxRow) {
  const { id, state, kind, sourceRoom, sourceEvent, attempts, createdTs } = row;
  const reason = reasonOf(store, row);
  return { id, state, kind, sourceRoom, sourceEvent, destinationRoom: row.destination, attempts, reason, createdTs };
}

/** Whether this device is trusted, as the engine has last said. */
export type Trust = Pick<StatusView, "verified" | "verification">;

export interface StatusFacts {
  store: Store;
  account: Account;
  version: string;
  clockOffsetMs: number | null;
  /** Whether this computer has one; known while the homeserver cannot be reached. */
  hasNetwork: boolean;
  storeFailure: FerryError | null;
  /** New tokens could not be stored, and wait for that. */
  tokensFailure: FerryError | null;
  isDiskFull: boolean;
  trust: Trust;
  /** What is said of a large file that is under way. */
  carrying: string | null;
  update: HealthFacts["update"];
}

/** Ferry as a whole. */
export function statusView({
  store,
  account,
  version,
  clockOffsetMs,
  hasNetwork,
  storeFailure,
  tokensFailure,
  isDiskFull,
  trust,
  carrying,
  update,
}: StatusFacts): StatusView {
  const stored = account.stored;
  const links = store.links.all();
  const { everythingPaused } = store.settings.all;
  const { waiting, failed } = store.outbox.counts();
  const undecryptable = store.inbound.undecryptableCount();
  const proposals = store.requests.openCount();
  const facts = {
    version,
    userId: stored?.userId ?? null,
    deviceId: stored?.deviceId ?? null,
    homeserver: stored?.homeserver ?? null,
    connection: account.connection,
    paused: everythingPaused || (links.length > 0 && links.every((link) => link.state === "paused")),
    everythingPaused,
    links: links.length,
    copied: store.links.totalCount(COPIED),
    waiting,
    failed,
    undecryptable,
    proposals,
    carrying,
    ...trust,
    health: healthOf({
      loggedIn: stored !== null,
      connection: account.connection,
      clockOffsetMs,
      hasNetwork,
      engineFailure: account.reopening.failure ?? tokensFailure,
      engineEnds: account.reopening.ends,
      storeFailure,
      isDiskFull,
      failed,
      undecryptable,
      suspended: links.flatMap((link) =>
        link.rooms.flatMap(({ name, suspended }) =>
          suspended === null ? [] : [{ link, room: name, reason: suspended }],
        ),
      ),
      gaps: links.flatMap((link) =>
        link.rooms.flatMap(({ gap }) => (gap === null ? [] : [{ link, isWaiting: link.state === "starting", gap }])),
      ),
      verified: trust.verified,
      update,
      requests: proposals,
    }),
  };
  const atWork = links.filter((link) => stateOf(link, 0, everythingPaused) === "mirroring").length;
  return { ...facts, summary: summarise(facts, atWork) };
}

/** Ferry while it starts. */
export function emptyStatus(version: string): StatusView {
  const nobody = { userId: null, deviceId: null, homeserver: null, connection: "starting" as const };
  const trust = { verified: null, verification: null };
  const nothing = {
    paused: false,
    everythingPaused: false,
    links: 0,
    copied: 0,
    waiting: 0,
    failed: 0,
    undecryptable: 0,
    proposals: 0,
    carrying: null,
    health: [],
  };
  return { version, ...nobody, ...trust, ...nothing, summary: "Starting" };
}

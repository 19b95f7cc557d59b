import { statfsSync } from "node:fs";
import type { DataFolder } from "./host/data-folder.ts";
import type { Host } from "./host/host.ts";
import { openSecrets, type SecretsKind } from "./host/secrets-choice.ts";
import type { Logger } from "./log.ts";
import { asFerryError, FerryError } from "./matrix/errors.ts";
import type { controlRequests, StatusView } from "./protocol/control.ts";
import type { engineNotifications } from "./protocol/engine.ts";
import type { Handlers } from "./protocol/rpc.ts";
import { createControl } from "./service/control.ts";
import { Account, LEAST_FREE_BYTES } from "./service/account.ts";
import { Contents } from "./service/contents.ts";
import { Copier } from "./service/copier.ts";
import { Engine } from "./service/engine.ts";
import { Links } from "./service/links.ts";
import { Mirror } from "./service/mirror.ts";
import { Sender } from "./service/sender.ts";
import { emptyStatus, statusView } from "./service/views.ts";
import { openStore, type Store } from "./store/store.ts";

/** How long an event that does not decrypt holds its room's line, in milliseconds. */
const DECRYPTION_HOLD_MS = 10_000;
/** Status changes come in bursts; those who watch hear of them at most this often, in milliseconds. */
const STATUS_INTERVAL_MS = 200;
const DISK_INTERVAL_MS = 2_000;
/** How long what is being sent may take when Ferry ends, in milliseconds. */
const STOP_LIMIT_MS = 5_000;

export interface AppOptions {
  folder: DataFolder;
  secrets: SecretsKind;
  passphrase?: string | undefined;
  openHost: () => Promise<Host>;
  logger: Logger;
  version: string;
  onStatus?: (status: StatusView) => void;
  decryptionHoldMs?: number;
}

export interface App {
  handlers: Handlers<typeof controlRequests>;
  /** Opens store and account, starts mirroring when logged in. @throws FerryError whatever keeps it from that */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when control `quit` was called. */
  ended: Promise<void>;
}

/** The parts of a running Ferry, joined. */
export interface Parts {
  store: Store;
  account: Account;
  engine: Engine;
  links: Links;
  sender: Sender;
}

/** Joins the parts of Ferry; nothing is opened before `start`. */
export function createApp(options: AppOptions): App {
  const { logger, folder } = options;
  const secrets = openSecrets({ kind: options.secrets, folder, passphrase: options.passphrase });
  let parts: Parts | null = null;
  let storeFailure: FerryError | null = null;
  let clockOffsetMs: number | null = null;
  let diskTimer: NodeJS.Timeout | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const required = (): Parts => {
    if (!parts) throw storeFailure ?? new FerryError("internal", "Ferry has not started.");
    return parts;
  };
  const status = (): StatusView => {
    const { store, account } = required();
    const isDiskFull = freeBytes(folder.path) < LEAST_FREE_BYTES;
    return statusView({ store, account, version: options.version, clockOffsetMs, storeFailure, isDiskFull });
  };
  /** Asked before the parts stand: by a command that comes while Ferry starts. */
  const startingStatus = (): StatusView => {
    if (storeFailure) throw storeFailure;
    return emptyStatus(options.version);
  };
  const changed = throttled(STATUS_INTERVAL_MS, () => {
    if (parts) options.onStatus?.(status());
  });

  const engine = new Engine(options.openHost, engineHandlers(), logger);

  function engineHandlers(): Handlers<typeof engineNotifications> {
    return {
      events: async ({ roomId, events }) => {
        noteStore(() => mirror().take(roomId, events));
        return {};
      },
      known: async ({ roomId, eventIds }) => ({ known: required().store.inbound.known(roomId, eventIds) }),
      decrypted: async ({ event }) => {
        noteStore(() => mirror().takeDecrypted(event));
        return {};
      },
      storageLost: async () => {
        void engine.abandon("the crypto store failed");
        return {};
      },
      connection: async ({ state, clockOffsetMs: offset }) => {
        clockOffsetMs = offset ?? clockOffsetMs;
        required().account.setConnection(state);
        if (state === "online") required().sender.wake();
        return {};
      },
      log: async ({ level, event, fields }) => {
        logger.write(level, event, fields);
        return {};
      },
    };
  }

  /** A full disk is a condition that the user sees; the engine hands the same events over again. */
  function noteStore(write: () => void): void {
    try {
      write();
      if (storeFailure) changed();
      storeFailure = null;
    } catch (error) {
      storeFailure = asFerryError(error);
      logger.error("not-stored", { code: storeFailure.code });
      changed();
      throw error;
    }
  }

  let currentMirror: Mirror | null = null;
  function mirror(): Mirror {
    if (!currentMirror) throw new FerryError("internal", "Ferry has not started.");
    return currentMirror;
  }

  function join(store: Store): Parts {
    const remote = () => engine.remote;
    const contents = new Contents((roomId, eventId) => remote().fetch({ roomId, eventId }));
    const account: Account = new Account({
      store,
      secrets,
      engine,
      logger,
      freeBytes: () => freeBytes(folder.path),
      decryptionHoldMs: options.decryptionHoldMs ?? DECRYPTION_HOLD_MS,
      onOpen: async () => {
        await links.open();
        await remote().awaitKeys({ events: store.inbound.undecryptable() });
        sender.start();
        changed();
      },
      onChange: changed,
    });
    const userId = () => account.userId;
    const copier = new Copier({ store, contents, engine: remote, account: userId });
    const sender = new Sender({
      store,
      copier,
      engine: remote,
      device: () => account.deviceId,
      logger,
      now: Date.now,
      onChange: () => {
        links.noticesMayBeSent();
        changed();
      },
      onDone: (row) => {
        if (store.outbox.owedFor({ roomId: row.sourceRoom, eventId: row.sourceEvent }).length === 0) {
          contents.drop(row.sourceEvent);
        }
      },
    });
    const onOwed = (destinations: ReadonlySet<Parameters<Mirror["take"]>[0]>): void => {
      sender.wake(destinations);
      changed();
    };
    currentMirror = new Mirror({ store, contents, logger, account: userId, now: Date.now, onOwed });
    const onLinksChange = (): void => {
      sender.wake();
      links.noticesMayBeSent();
      changed();
    };
    const links = new Links({
      store,
      mirror: currentMirror,
      engine: remote,
      account: userId,
      logger,
      now: Date.now,
      onChange: onLinksChange,
    });
    return { store, account, engine, links, sender };
  }

  const handlers = createControl({
    parts: required,
    status: () => (parts ? status() : startingStatus()),
    doctor: () => ({ engine, store: parts?.store ?? null, storeFailure, secrets, clockOffsetMs }),
    quit: () => end(),
  });

  return {
    handlers,
    ended,
    start: async () => {
      try {
        parts = join(openStore(folder.database));
      } catch (error) {
        storeFailure = asFerryError(error);
        throw storeFailure;
      }
      logger.info("started", { version: options.version });
      diskTimer = setInterval(() => parts?.account.watchDisk(), DISK_INTERVAL_MS).unref();
      await parts.account.open();
    },
    stop: async () => {
      clearInterval(diskTimer);
      const running = parts;
      if (running) {
        await Promise.race([
          running.sender.stop(),
          new Promise<void>((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref()),
        ]);
        await running.account.close();
        running.store.close();
        parts = null;
      } else await engine.close();
      logger.info("stopped");
    },
  };
}

/** Room that is left where Ferry writes, in bytes. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Where the system does not say, a write that fails will.
    return Number.POSITIVE_INFINITY;
  }
}

/** Calls `action` at once, and then at most once an interval, always once after the last call. */
function throttled(intervalMs: number, action: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  return function call(): void {
    if (timer !== null) {
      again = true;
      return;
    }
    action();
    timer = setTimeout(() => {
      timer = null;
      if (again) {
        again = false;
        call();
      }
    }, intervalMs);
    timer.unref();
  };
}

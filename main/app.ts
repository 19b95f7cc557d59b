import { markForDeletion, unmarkForDeletion } from "./host/data-deletion.ts";
import type { DataFolder } from "./host/data-folder.ts";
import { writeExport } from "./host/export-file.ts";
import { freeBytes } from "./host/free-space.ts";
import type { Host } from "./host/host.ts";
import { checkForgetting, forgetKeychain, openSecrets, type SecretsKind } from "./host/secrets-choice.ts";
import { systemFacts } from "./host/system-facts.ts";
import { lastLines, type Logger } from "./log.ts";
import { asFerryError, FerryError } from "./matrix/errors.ts";
import type { controlRequests, StatusView } from "./protocol/control.ts";
import type { engineNotifications } from "./protocol/engine.ts";
import type { Handlers } from "./protocol/rpc.ts";
import { createAttention, type Attention } from "./service/attention.ts";
import { createControl } from "./service/control.ts";
import { LOG_LINES } from "./service/diagnostics.ts";
import { Account, LEAST_FREE_BYTES } from "./service/account.ts";
import { Engine } from "./service/engine.ts";
import { forwarding } from "./service/forwarding.ts";
import { Login } from "./service/login.ts";
import { LoginSecrets } from "./service/login-secrets.ts";
import { joinMirroring, type Mirroring } from "./service/mirroring.ts";
import type { SystemSettings } from "./service/settings.ts";
import { emptyStatus, statusView, type Trust } from "./service/views.ts";
import { openStore, type Store } from "./store/store.ts";
import { throttled } from "./throttle.ts";

/** How long an event that does not decrypt holds its room's line, in milliseconds. */
const DECRYPTION_HOLD_MS = 10_000;
/** Status changes come in bursts; those who watch hear of them at most this often, in milliseconds. */
const STATUS_INTERVAL_MS = 200;
const DISK_INTERVAL_MS = 2_000;
/** How often Ferry looks for questions that have lapsed, in milliseconds. */
const EXPIRY_INTERVAL_MS = 600_000;
/** How long what is being sent may take when Ferry ends, in milliseconds. */
const STOP_LIMIT_MS = 5_000;

/** Nobody is logged in, or the engine has not said yet. */
const UNKNOWN_TRUST: Trust = { verified: null, verification: null };

export interface AppOptions {
  folder: DataFolder;
  secrets: SecretsKind;
  passphrase?: string | undefined;
  openHost: () => Promise<Host>;
  /** Hands a web address to the system's browser; does nothing where there is none. */
  openOutside: (address: string) => void;
  logger: Logger;
  version: string;
  /** Where files go that Ferry writes for the user. */
  exportFolder: string;
  onStatus?: (status: StatusView) => void;
  /** What the user is to be told by a desktop notification, as they have set it. Without it there is nothing to set. */
  onAttention?: (attention: Attention) => void;
  decryptionHoldMs?: number;
  /** Whether Ferry stays where the account cannot be opened: it is said as a condition then, and tried again. */
  staysUp?: boolean;
  /** What the system or the installation keeps of the settings; see main/service/settings.ts. */
  system?: SystemSettings;
}

export interface App {
  handlers: Handlers<typeof controlRequests>;
  /** Opens store and account, starts mirroring when logged in. @throws FerryError whatever keeps it from that */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The computer has woken up, or the network may be back: what waits for either goes on at once. */
  wake(): void;
  /** Resolves when control `quit` was called. */
  ended: Promise<void>;
}

/** The parts of a running Ferry, joined. */
export interface Parts extends Mirroring {
  store: Store;
  account: Account;
  login: Login;
  engine: Engine;
}

/** Joins the parts of Ferry; nothing is opened before `start`. */
export function createApp(options: AppOptions): App {
  const { logger, folder } = options;
  const secrets = openSecrets({ kind: options.secrets, folder, passphrase: options.passphrase });
  const loginSecrets = new LoginSecrets(secrets, logger);
  let parts: Parts | null = null;
  let storeFailure: FerryError | null = null;
  /** Why the account was not opened at the start. */
  let openFailure: FerryError | null = null;
  /** Why new tokens could not be stored: they are not used until they can be. */
  let tokensFailure: FerryError | null = null;
  let clockOffsetMs: number | null = null;
  let hasNetwork = true;
  let trust = UNKNOWN_TRUST;
  let diskTimer: NodeJS.Timeout | undefined;
  let expiryTimer: NodeJS.Timeout | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const required = (): Parts => {
    if (!parts) throw storeFailure ?? new FerryError("internal", "Ferry has not started.");
    return parts;
  };
  const status = (): StatusView => {
    const { store, account, largeFiles } = required();
    const carrying = largeFiles.sentence();
    const isDiskFull = freeBytes(folder.path) < LEAST_FREE_BYTES;
    const { version, system } = options;
    const update = system?.updates?.state() ?? null;
    return statusView({
      ...{ store, account, version, clockOffsetMs, hasNetwork, storeFailure, tokensFailure, isDiskFull, trust, update },
      carrying,
    });
  };
  /** Asked before the parts stand: by a command that comes while Ferry starts. */
  const startingStatus = (): StatusView => {
    if (storeFailure) throw storeFailure;
    return emptyStatus(options.version);
  };
  const attention = createAttention(() => required().store.settings.all);
  const { call: changed } = throttled(STATUS_INTERVAL_MS, () => {
    if (!parts) return;
    const now = status();
    options.onStatus?.(now);
    for (const due of attention(now)) options.onAttention?.(due);
  });

  const engine = new Engine(options.openHost, engineHandlers(), logger);

  function engineHandlers(): Handlers<typeof engineNotifications> {
    return {
      ...forwarding(required, noteStore),
      storageLost: async () => {
        void engine.abandon("the crypto store failed");
        return {};
      },
      connection: async ({ state, clockOffsetMs: offset, softLogout, hasNetwork: network }) => {
        clockOffsetMs = offset ?? clockOffsetMs;
        hasNetwork = network ?? true;
        const { account, online, interrupt } = required();
        account.setConnection(state, softLogout);
        if (state !== "online") interrupt();
        else if (account.isOpen) await online();
        return {};
      },
      trust: async (next) => {
        // What waited because only verified devices get keys, and this was none.
        if (next.verified && trust.verified !== true) parts?.sender.wake();
        trust = next;
        changed();
        return {};
      },
      tokens: async (tokens) => {
        try {
          await required().account.storeTokens(tokens);
          noteTokens(null);
        } catch (error) {
          noteTokens(asFerryError(error));
          throw error;
        }
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

  /** The engine hands the same tokens over again. */
  function noteTokens(failure: FerryError | null): void {
    if (failure) logger.error("tokens-not-stored", { code: failure.code });
    if (failure === tokensFailure) return;
    tokensFailure = failure;
    changed();
  }

  function join(store: Store): Parts {
    const account: Account = new Account({
      ...{ store, engine, logger, secrets: loginSecrets },
      freeBytes: () => freeBytes(folder.path),
      decryptionHoldMs: options.decryptionHoldMs ?? DECRYPTION_HOLD_MS,
      onOpen: () => mirroring.open(),
      onChange: changed,
    });
    const mirroring = joinMirroring({
      ...{ store, logger, onChange: changed, now: Date.now },
      engine: () => engine.remote,
      account: () => account.userId,
      device: () => account.deviceId,
    });
    engine.onClose(() => {
      trust = UNKNOWN_TRUST;
      tokensFailure = null;
      mirroring.forget();
    });
    const login = new Login({ account, engine, logger, openOutside: options.openOutside, secrets: loginSecrets });
    return { store, account, login, engine, ...mirroring };
  }

  const handlers = createControl({
    parts: required,
    status: () => (parts ? status() : startingStatus()),
    doctor: () => ({
      ...{ engine, store: parts?.store ?? null, storeFailure, clockOffsetMs, secrets: loginSecrets },
      openFailure: parts?.account.reopening.failure ?? openFailure,
      hasRoom: () => freeBytes(folder.path) >= LEAST_FREE_BYTES,
    }),
    quit: () => end(),
    system: { ...options.system, showsNotices: options.onAttention !== undefined },
    logger,
    exports: {
      write: (name, text) => writeExport(options.exportFolder, name, text),
      diagnostics: () => ({
        ...{ version: options.version, store: parts?.store ?? null, status: parts ? status() : null },
        system: { ...systemFacts(), host: engine.hostKind, browser: engine.browserVersion },
        log: lastLines(folder.log, LOG_LINES),
      }),
    },
    deletion: () => ({
      mark: () => markForDeletion(folder),
      unmark: () => unmarkForDeletion(folder),
      checkSecrets: () => checkForgetting(folder),
      forgetSecrets: () => forgetKeychain(folder),
      account: parts?.account ?? null,
      autostart: options.system?.autostart,
      ...{ logger, end },
    }),
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
      logger.setLevel(parts.store.settings.all.logLevel);
      logger.info("started", { version: options.version });
      diskTimer = setInterval(() => parts?.account.watchDisk(), DISK_INTERVAL_MS).unref();
      expiryTimer = setInterval(() => parts?.negotiation.expire(), EXPIRY_INTERVAL_MS).unref();
      parts.negotiation.expire();
      options.system?.updates?.turn(parts.store.settings.all.updates);
      if (options.staysUp === true) return parts.account.keepOpen();
      await parts.account.open().catch((error: unknown) => {
        openFailure = asFerryError(error);
        throw openFailure;
      });
    },
    wake: () => parts?.account.wake(),
    stop: async () => {
      clearInterval(diskTimer);
      clearInterval(expiryTimer);
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

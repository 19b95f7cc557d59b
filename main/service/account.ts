import type { Secrets } from "../host/secrets.ts";
import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { DeviceId, UserId } from "../matrix/ids.ts";
import type { ConnectionState, Credentials } from "../protocol/engine.ts";
import type { StoredAccount } from "../store/account.ts";
import type { Store } from "../store/store.ts";
import { roomsOf } from "./catch-up.ts";
import { cancelled, diskFull, otherAccount, otherHost, secretsLost } from "./account-failures.ts";
import { accountReach, type Engine } from "./engine.ts";
import { dismissOwed } from "./giving-up.ts";
import { credentialsOf, isSameDevice, isSameServer, keepLogin } from "./kept-login.ts";
import type { Device, LoginSecrets, Tokens } from "./login-secrets.ts";
import { Reopening } from "./reopening.ts";

/** With less room than this the browser is not started, and is ended where it runs. */
export const LEAST_FREE_BYTES = 20_000_000;

export interface AccountOptions {
  store: Store;
  secrets: LoginSecrets;
  engine: Engine;
  logger: Logger;
  /** Room that is left on the disk, in bytes. */
  freeBytes: () => number;
  /** How long an undecryptable event holds its room's line, in milliseconds. */
  decryptionHoldMs: number;
  /** The engine is open and synchronised, or will be: linked rooms can be watched. */
  onOpen: () => Promise<void>;
  onChange: () => void;
}

/** The account whose Ferry this is: logging in and out, opening the engine, and opening it again when it has gone. */
export class Account {
  readonly #options: AccountOptions;
  #connection: ConnectionState = "starting";
  /** The homeserver has ended the login, and knows its device still. */
  #isSoftLogout = false;
  #stopped = false;
  /** Whether the engine has the crypto store open. */
  #isOpen = false;
  /** The login has ended, and its secrets are being forgotten. */
  #isLeaving = false;
  /** What keeps the engine from running, where something does, and trying again. */
  readonly reopening: Reopening;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.reopening = new Reopening({
      open: () => this.open(),
      isWanted: () => !this.#stopped && this.stored !== null,
      onFailure: ({ code }, attempt) => options.logger.error("engine-not-opened", { code, attempt }),
      onChange: options.onChange,
      now: Date.now,
    });
    options.engine.onGone(() => this.#reopen());
  }

  get stored(): StoredAccount | null {
    return this.#options.store.account.get();
  }

  /** Where the secrets are kept. */
  get secretsKind(): Secrets["kind"] {
    return this.#options.secrets.kind;
  }

  get userId(): UserId {
    return this.#required().userId;
  }

  get deviceId(): DeviceId {
    return this.#required().deviceId;
  }

  /** As the engine has said; `starting` until it can be asked, for it is online a moment before. */
  get connection(): ConnectionState {
    if (this.stored === null) return "logged-out";
    return this.#connection === "online" && !this.isOpen ? "starting" : this.#connection;
  }

  /** Whether the engine has the crypto store open, and is synchronising. */
  get isOpen(): boolean {
    return this.#isOpen && this.#options.engine.holdsLogin;
  }

  setConnection(state: ConnectionState, softLogout = false): void {
    this.#connection = state;
    this.#isSoftLogout = softLogout;
    this.#options.onChange();
  }

  /**
   * Opens the engine for the account that is stored; does nothing where there is none.
   *
   * @throws FerryError of the keychain, of the browser, `other-host`
   */
  async open(): Promise<void> {
    const account = this.stored;
    if (account === null) return;
    const { store, secrets, engine, decryptionHoldMs } = this.#options;
    this.#checkDisk();
    const tokens = await secrets.tokens(account);
    const storageKey = await secrets.storageKey(account);
    if (tokens === null || storageKey === null) throw secretsLost();
    this.#isOpen = false;
    await engine.open(accountReach(account));
    if (engine.hostKind !== account.host) throw otherHost(account.host);
    const discardSessions = !store.account.begin();
    const credentials = credentialsOf(account, tokens);
    const deviceKey = store.account.deviceKey;
    const { keysFor } = store.settings.all;
    const opened = await engine.remote.open({
      credentials,
      storageKey,
      decryptionHoldMs,
      discardSessions,
      deviceKey,
      keysFor,
      rooms: roomsOf(store.links.all()),
    });
    if (deviceKey === null) store.account.setDeviceKey(opened.deviceKey);
    this.#isOpen = true;
    this.reopening.opened();
    this.#options.onChange();
    await this.#options.onOpen();
  }

  /** As `open`, but where that fails it is said as a condition, and tried again. */
  async keepOpen(): Promise<void> {
    await this.open().catch((error: unknown) => this.reopening.failed(asFerryError(error)));
  }

  /** The computer has woken up, or the user has seen to something: nothing waits any longer. */
  wake(): void {
    const { engine, logger } = this.#options;
    this.reopening.hurry();
    if (!this.isOpen) return;
    // A page that goes away meanwhile is opened again, and asks the homeserver at once then.
    engine.remote.wake({}).catch((error: unknown) => logger.debug("not-woken", { code: asFerryError(error).code }));
  }

  /** @throws FerryError `already-logged-in`, `disk-full` */
  checkFree(): void {
    this.#checkDisk();
    if (this.stored === null || this.#connection === "logged-out") return;
    throw new FerryError("already-logged-in", `Ferry is logged in as ${this.userId} already.`);
  }

  /**
   * The device that a new login may go on as: the homeserver has ended the last login and knows its device still, and
   * this host has its keys. Null where a new device has to be made.
   */
  async deviceToGoOn(homeserver: string): Promise<DeviceId | null> {
    const { stored } = this;
    if (stored === null || this.#connection !== "logged-out" || !this.#isSoftLogout) return null;
    if (!isSameServer(stored.homeserver, homeserver) || stored.host !== this.#options.engine.hostKind) return null;
    return (await this.#options.secrets.storageKey(stored)) === null ? null : stored.deviceId;
  }

  /**
   * Takes a login over that has just been made, and opens it. Links, ledger and outbox of an earlier one stay.
   *
   * @param asDevice the device that it was to go on as; null where a new one was to be made
   * @throws FerryError `other-account`, `login-cancelled`, those of the keychain, and those of `open`: then it is stored
   */
  async adopt(credentials: Credentials, asDevice: DeviceId | null): Promise<StoredAccount> {
    const { store, secrets, engine, logger } = this.#options;
    const { userId, deviceId, homeserver, accessToken, refreshToken, oauth = null } = credentials;
    const previous = this.stored;
    const host = engine.hostKind;
    if (host === null) throw new FerryError("browser-failed", "The browser ended while Ferry was logging in.");
    const carrier = asDevice === null ? store.links.all()[0]?.carrier : previous?.userId;
    // The links of a data folder were agreed to with one account, and are not another one's to carry.
    if (carrier !== undefined && carrier !== userId) throw otherAccount(carrier);
    if (asDevice !== null && asDevice !== previous?.deviceId) throw cancelled();
    const account: StoredAccount = { userId, deviceId, homeserver, host, oauth };
    const goesOn = await keepLogin(store.account, secrets, account, { accessToken, refreshToken });
    logger.info("logged-in", { user: userId, device: deviceId, goesOn });
    this.#connection = "starting";
    try {
      await secrets.forgetOthers(account);
      await this.open();
    } catch (error) {
      this.reopening.failed(asFerryError(error));
      throw error;
    }
    return account;
  }

  /** Whether this is the device that is logged in. */
  isOf(device: Device): boolean {
    return this.stored !== null && isSameDevice(this.stored, device);
  }

  /**
   * The engine has got new tokens: the answer lets it use them.
   *
   * @throws FerryError of the keychain; then they are not used
   */
  async storeTokens(tokens: Tokens): Promise<void> {
    const account = this.#required();
    await this.#options.secrets.store(account, tokens);
    // Logged out meanwhile: what was forgotten is not brought back.
    if (this.#isLeaving || !this.isOf(account)) await this.#options.secrets.forget(account);
  }

  /**
   * Logs the device out at the homeserver, and forgets its secrets and its crypto store. Links, ledger and outbox stay,
   * but for what is owed where the user gives that up: it goes with the account, in one transaction. Dies the process
   * before it, or fails anything, the login or its secrets are gone, which the next opening says, and all that is owed is
   * still there: logging out once more does the rest. Never are there secrets that belong to no account.
   *
   * @returns whether the homeserver has ended the login: without the engine it is not asked
   * @throws FerryError `homeserver-unreachable`, with nothing changed; those of the keychain
   */
  async logout(dropOwed = false): Promise<boolean> {
    const { store, secrets, engine, logger } = this.#options;
    const account = this.#required();
    const isAsked = engine.isOpen;
    let isEnded = false;
    try {
      if (isAsked) isEnded = await this.#endLogin(account);
      this.#isLeaving = true;
      await secrets.forget(account);
      store.transaction(() => {
        store.account.clear();
        const dropped = dropOwed ? dismissOwed(store, Date.now()) : 0;
        if (dropOwed) logger.info("owed-dropped", { copies: dropped });
      });
    } catch (error) {
      // The page has stopped for it: another one goes on, or says what keeps it from that.
      if (isAsked) void engine.abandon("logging out failed");
      throw error;
    } finally {
      this.#isLeaving = false;
    }
    this.#isOpen = false;
    await engine.close();
    logger.info("logged-out");
    this.reopening.reset();
    return isEnded;
  }

  /** @returns whether the homeserver has ended the login; it is not asked with tokens that cannot be read */
  async #endLogin(account: StoredAccount): Promise<boolean> {
    const { engine, secrets } = this.#options;
    try {
      if (this.isOpen) await engine.remote.logout({});
      else {
        // Whether the keychain is locked, or they are gone for good, is found out when they are to be forgotten.
        const tokens = await secrets.tokens(account).catch(() => null);
        if (tokens === null) return false;
        await engine.remote.revoke(credentialsOf(account, tokens));
      }
    } catch (error) {
      // A login that the homeserver has already ended is what was wanted.
      if (asFerryError(error).code !== "logged-out") throw error;
    }
    return true;
  }

  /** Ends in order: what the next start finds says that nothing was cut off. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.reopening.stop();
    // A page that has crashed before may have taken the crypto store's last writes with it.
    const isWhole = this.isOpen;
    await this.#options.engine.close();
    if (isWhole && this.stored !== null) this.#options.store.account.end();
  }

  /**
   * Chromium that opens a database and cannot write takes it for broken and deletes it, keys and all (seen with version
   * 156). So it is never started without room.
   */
  #checkDisk(): void {
    if (this.#options.freeBytes() >= LEAST_FREE_BYTES) return;
    throw diskFull();
  }

  /** The disk is filling up: ends the browser while its databases are whole. Called from time to time. */
  watchDisk(): void {
    if (!this.#options.engine.isOpen || this.#options.freeBytes() >= LEAST_FREE_BYTES) return;
    void this.#options.engine.abandon("the disk is full");
  }

  #reopen(): void {
    if (this.#stopped || this.stored === null) return;
    this.#isOpen = false;
    this.setConnection("starting");
    this.reopening.gone();
  }

  #required(): StoredAccount {
    const account = this.stored;
    if (account === null) throw new FerryError("not-logged-in", "Ferry is not logged in.");
    return account;
  }
}

import { randomBytes } from "node:crypto";
import type { Secrets } from "../host/secrets.ts";
import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { DeviceId, UserId } from "../matrix/ids.ts";
import type { ConnectionState, Credentials } from "../protocol/engine.ts";
import type { StoredAccount } from "../store/account.ts";
import type { Store } from "../store/store.ts";
import { accountReach, discoveryReach, type Engine } from "./engine.ts";
import { Reopening } from "./reopening.ts";

const STORAGE_KEY_BYTES = 32;
const DEVICE_NAME = "Ferry";
/** With less room than this the browser is not started, and is ended where it runs. */
export const LEAST_FREE_BYTES = 20_000_000;

export interface AccountOptions {
  store: Store;
  secrets: Secrets;
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
  #stopped = false;
  /** Whether the engine has the crypto store open. */
  #isOpen = false;
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

  get connection(): ConnectionState {
    return this.stored === null ? "logged-out" : this.#connection;
  }

  /** Whether the engine has the crypto store open, and is synchronising. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  setConnection(state: ConnectionState): void {
    this.#connection = state;
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
    const { store, secrets, engine, logger, decryptionHoldMs } = this.#options;
    this.#checkDisk();
    const name = secretsName(account);
    const accessToken = await secrets.get(name, "access-token");
    const storageKey = await secrets.get(name, "storage-key");
    if (accessToken === null || storageKey === null) throw secretsLost();
    logger.conceal(accessToken);
    logger.conceal(storageKey);
    await engine.open(accountReach(account));
    if (engine.hostKind !== account.host) throw otherHost(account.host);
    const discardSessions = !store.account.begin();
    const { userId, deviceId, homeserver } = account;
    const credentials: Credentials = { userId, deviceId, homeserver, accessToken };
    const deviceKey = store.account.deviceKey;
    const { keysFor } = store.settings.all;
    const opened = await engine.remote.open({
      credentials,
      storageKey,
      decryptionHoldMs,
      discardSessions,
      deviceKey,
      keysFor,
    });
    if (deviceKey === null) store.account.setDeviceKey(opened.deviceKey);
    this.#isOpen = true;
    this.reopening.opened();
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
    if (!this.#isOpen || !engine.isOpen) return;
    // A page that goes away meanwhile is opened again, and asks the homeserver at once then.
    engine.remote.wake({}).catch((error: unknown) => logger.debug("not-woken", { code: asFerryError(error).code }));
  }

  /** Logs in as a new device with a password. @throws FerryError `already-logged-in`, those of the engine's login */
  async loginPassword(request: { homeserver: string; user: string; password: string }): Promise<StoredAccount> {
    return this.#login(request.homeserver, (homeserver) => {
      const { user, password } = request;
      return this.#options.engine.remote.loginPassword({
        homeserver,
        user,
        password,
        deviceName: DEVICE_NAME,
        deviceId: null,
      });
    });
  }

  /** Takes over an access token. @throws FerryError `already-logged-in`, `logged-out` */
  async loginToken(request: { homeserver: string; accessToken: string }): Promise<StoredAccount> {
    this.#options.logger.conceal(request.accessToken);
    return this.#login(request.homeserver, (homeserver) =>
      this.#options.engine.remote.loginToken({ homeserver, accessToken: request.accessToken }),
    );
  }

  async #login(server: string, login: (homeserver: string) => Promise<Credentials>): Promise<StoredAccount> {
    const { store, secrets, engine, logger } = this.#options;
    this.#checkDisk();
    if (this.stored !== null && this.#connection !== "logged-out") {
      throw new FerryError("already-logged-in", `Ferry is logged in as ${this.userId} already.`);
    }
    await checkSecrets(secrets);
    await engine.open(discoveryReach(server));
    const host = engine.hostKind;
    if (host === null) throw new FerryError("browser-failed", "The browser ended while Ferry was logging in.");
    const { homeserver } = await engine.remote.discover({ server });
    const { userId, deviceId, accessToken } = await login(homeserver);
    logger.conceal(accessToken);
    const previous = this.stored;
    await this.#refuseOtherAccount({ homeserver, userId, deviceId, accessToken });
    const account: StoredAccount = { userId, deviceId, homeserver, host };
    // Dies the process in here, secrets stay behind that nothing refers to, and the login is made again.
    await secrets.set(secretsName(account), "access-token", accessToken);
    await secrets.set(secretsName(account), "storage-key", randomBytes(STORAGE_KEY_BYTES).toString("base64"));
    store.account.set(account);
    if (previous !== null) await this.#forgetSecrets(previous);
    logger.info("logged-in", { user: userId, device: deviceId });
    this.#connection = "starting";
    await this.open();
    return account;
  }

  /**
   * Logs the device out at the homeserver, and forgets its secrets and its crypto store. Links, ledger and outbox stay.
   *
   * @throws FerryError `homeserver-unreachable`, with nothing changed
   */
  async logout(): Promise<void> {
    const { store, engine, logger } = this.#options;
    const account = this.#required();
    try {
      if (this.#isOpen && engine.isOpen) await engine.remote.logout({});
      else if (engine.isOpen) await this.#revoke(account);
    } catch (error) {
      // A login that the homeserver has already ended is what was wanted.
      if (asFerryError(error).code !== "logged-out") throw error;
    }
    store.account.clear();
    await this.#forgetSecrets(account);
    await engine.close();
    logger.info("logged-out");
    this.reopening.reset();
  }

  async #revoke(account: StoredAccount): Promise<void> {
    const accessToken = await this.#options.secrets.get(secretsName(account), "access-token");
    const { homeserver, userId, deviceId } = account;
    if (accessToken !== null) await this.#options.engine.remote.revoke({ homeserver, userId, deviceId, accessToken });
  }

  async #forgetSecrets(account: StoredAccount): Promise<void> {
    await this.#options.secrets.delete(secretsName(account), "access-token");
    await this.#options.secrets.delete(secretsName(account), "storage-key");
  }

  /** The links of a data folder were agreed to with one account, and are not another one's to carry. */
  async #refuseOtherAccount(credentials: Credentials): Promise<void> {
    const carrier = this.#options.store.links.all()[0]?.carrier;
    if (carrier === undefined || carrier === credentials.userId) return;
    await this.#options.engine.remote.revoke(credentials).catch((error: unknown) => {
      // The device stays in the account's list of sessions, with a token that nobody has any more.
      this.#options.logger.warn("login-not-ended", { device: credentials.deviceId, code: asFerryError(error).code });
    });
    throw new FerryError("other-account", `The links here are those of ${carrier}. Log in as ${carrier}.`);
  }

  /** Ends in order: what the next start finds says that nothing was cut off. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.reopening.stop();
    // A page that has crashed before may have taken the crypto store's last writes with it.
    const isWhole = this.#isOpen && this.#options.engine.isOpen;
    await this.#options.engine.close();
    if (isWhole && this.stored !== null) this.#options.store.account.end();
  }

  /**
   * Chromium that opens a database and cannot write takes it for broken and deletes it, keys and all (seen with version
   * 156). So it is never started without room.
   */
  #checkDisk(): void {
    if (this.#options.freeBytes() >= LEAST_FREE_BYTES) return;
    throw new FerryError(
      "disk-full",
      "The disk is full. Ferry mirrors nothing until there is room; what is missed meanwhile will follow.",
    );
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

/** Under which name the secrets of a login are kept. */
function secretsName(account: { userId: UserId; deviceId: DeviceId }): string {
  return `${account.userId} ${account.deviceId}`;
}

/** Before logging in: a keychain that cannot keep the login must not be found out afterwards. */
async function checkSecrets(secrets: Secrets): Promise<void> {
  await secrets.set("check", "storage-key", "check");
  await secrets.delete("check", "storage-key");
}

function secretsLost(): FerryError {
  return new FerryError(
    "keychain-locked",
    "The secrets of this login are not in the keychain. Nothing has been deleted. Open the keychain that they are in, " +
      "or give this login up: log out, and log in again.",
  );
}

function otherHost(host: string): FerryError {
  const name = host === "electron" ? "the desktop application" : "Chromium";
  return new FerryError("other-host", `This login was made with ${name}, where its keys are. Start Ferry that way.`);
}

import { randomBytes } from "node:crypto";
import { SECRET_NAMES, type RememberedSecrets } from "../host/secrets.ts";
import type { Logger } from "../log.ts";
import type { DeviceId, UserId } from "../matrix/ids.ts";

const STORAGE_KEY_BYTES = 32;
/** So many tokens are kept out of the log; those before them have long been replaced. */
const CONCEALED_TOKENS = 20;

/** A login's device, by which its secrets are named. */
export interface Device {
  userId: UserId;
  deviceId: DeviceId;
}

export interface Tokens {
  accessToken: string;
  refreshToken?: string | undefined;
}

/** What a login keeps in the keychain: its tokens, and the key of its crypto store. */
export class LoginSecrets {
  readonly #secrets: RememberedSecrets;
  readonly #logger: Logger;
  /** The last at the end. */
  #concealed: string[] = [];

  constructor(secrets: RememberedSecrets, logger: Logger) {
    this.#secrets = secrets;
    this.#logger = logger;
  }

  get kind(): RememberedSecrets["kind"] {
    return this.#secrets.kind;
  }

  /** Before logging in: a keychain that cannot keep the login must not be found out afterwards. */
  async check(): Promise<void> {
    await this.#secrets.set("check", "storage-key", "check");
    await this.#secrets.delete("check", "storage-key");
  }

  /** Fails where nothing can be read. @throws FerryError those of the keychain */
  async readable(): Promise<void> {
    await this.#secrets.get("check", "storage-key");
  }

  /** @returns null where there are none */
  async tokens(device: Device): Promise<Tokens | null> {
    const accessToken = await this.#secrets.get(nameOf(device), "access-token");
    if (accessToken === null) return null;
    const refreshToken = await this.#secrets.get(nameOf(device), "refresh-token");
    const tokens = { accessToken, ...(refreshToken === null ? {} : { refreshToken }) };
    this.#conceal(tokens);
    return tokens;
  }

  /** The key of the crypto store; null where there is none. */
  async storageKey(device: Device): Promise<string | null> {
    const key = await this.#secrets.get(nameOf(device), "storage-key");
    if (key !== null) this.#logger.conceal(key);
    return key;
  }

  /**
   * Stores the tokens that have taken the place of earlier ones.
   *
   * They are two items of the keychain, and the process may die before, between and after them. Before: the issuer was
   * asked and the answer is lost; it lets the old refresh token pass until it sees one of the new ones used, and none
   * has been. Between: the new refresh token stands beside the old access token, whose refusal makes the new refresh
   * token be used. The other way round the old refresh token would be used long after, which issuers take for theft.
   */
  async store(device: Device, tokens: Tokens): Promise<void> {
    this.#conceal(tokens);
    if (tokens.refreshToken !== undefined) {
      await this.#secrets.set(nameOf(device), "refresh-token", tokens.refreshToken);
    }
    await this.#secrets.set(nameOf(device), "access-token", tokens.accessToken);
  }

  /**
   * Stores what a new login needs. Dies the process in here, what is there belongs to no account, or to one that is
   * logged out; the login is made again, and what was of the first one forgotten with that.
   *
   * @param goesOn the device has a crypto store already, whose key it keeps
   */
  async storeLogin(device: Device, tokens: Tokens, goesOn: boolean): Promise<void> {
    if (tokens.refreshToken === undefined) await this.#secrets.delete(nameOf(device), "refresh-token");
    await this.store(device, tokens);
    if (goesOn) return;
    await this.#secrets.set(nameOf(device), "storage-key", randomBytes(STORAGE_KEY_BYTES).toString("base64"));
  }

  async forget(device: Device): Promise<void> {
    await this.#forget(nameOf(device));
  }

  /** Forgets what is not of this device: of the one before it, and of logins that were cut off while they were made. */
  async forgetOthers(device: Device): Promise<void> {
    for (const account of this.#secrets.accounts()) {
      if (account !== nameOf(device)) await this.#forget(account);
    }
  }

  async #forget(account: string): Promise<void> {
    for (const name of SECRET_NAMES) await this.#secrets.delete(account, name);
  }

  #conceal({ accessToken, refreshToken }: Tokens): void {
    for (const token of [accessToken, ...(refreshToken === undefined ? [] : [refreshToken])]) {
      this.#logger.conceal(token);
      this.#concealed = [...this.#concealed.filter((known) => known !== token), token];
    }
    for (const old of this.#concealed.splice(0, Math.max(0, this.#concealed.length - CONCEALED_TOKENS)))
      this.#logger.reveal(old);
  }
}

function nameOf({ userId, deviceId }: Device): string {
  return `${userId} ${deviceId}`;
}

import type { Logger } from "../log.ts";
import { asFerryError } from "../matrix/errors.ts";
import { isUserId, localpart, type DeviceId } from "../matrix/ids.ts";
import type { LoginMethods } from "../protocol/control.ts";
import type { Credentials } from "../protocol/engine.ts";
import type { StoredAccount } from "../store/account.ts";
import type { Account } from "./account.ts";
import { BrowserLogin, type Begun } from "./browser-login.ts";
import { discoveryReach, type Engine } from "./engine.ts";
import type { LoginSecrets } from "./login-secrets.ts";

const DEVICE_NAME = "Ferry";

export interface LoginOptions {
  account: Account;
  engine: Engine;
  secrets: LoginSecrets;
  logger: Logger;
  /** Hands an address to the system's browser. */
  openOutside: (address: string) => void;
}

/** A login that has been made, and is to be taken over. */
interface NewLogin {
  credentials: Credentials;
  /** The device that it was to go on as; null where a new one was to be made. */
  deviceId: DeviceId | null;
  /** It was there before. */
  isGiven?: boolean;
}

export interface BrowserRequest {
  homeserver: string;
  method: "sso" | "oauth";
  provider: string | null;
}

/**
 * The ways to log in. A login that the homeserver has ended, but not forgotten, goes on as the same device; every other
 * one makes a new device. They take turns: each has the engine page to itself.
 */
export class Login {
  readonly #options: LoginOptions;
  readonly #browser: BrowserLogin;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#browser = new BrowserLogin(options.openOutside);
  }

  /** What a Matrix ID's, a name's or an address's server offers. @throws FerryError `homeserver-not-found`, `offline` */
  methods(server: string): Promise<LoginMethods> {
    return this.#inTurn(async () => {
      const isUser = isUserId(server);
      const homeserver = await this.#discover(isUser ? server.slice(server.indexOf(":") + 1) : server);
      const user = isUser ? localpart(server) : null;
      return { homeserver, user, ...(await this.#remote.loginMethods({ homeserver })) };
    });
  }

  /** @throws FerryError `already-logged-in`, `wrong-password`, those of the engine's login */
  password(request: { homeserver: string; user: string; password: string }): Promise<StoredAccount> {
    return this.#login(request.homeserver, async (homeserver) => {
      const { user, password } = request;
      const stored = this.#options.account.stored?.userId;
      const isSame = stored !== undefined && (user === stored || user === localpart(stored));
      const deviceId = isSame ? await this.#options.account.deviceToGoOn(homeserver) : null;
      const login = { homeserver, user, password, deviceName: DEVICE_NAME, deviceId };
      return { credentials: await this.#remote.loginPassword(login), deviceId };
    });
  }

  /** Takes over an access token. @throws FerryError `already-logged-in`, `logged-out` */
  token(request: { homeserver: string; accessToken: string }): Promise<StoredAccount> {
    const { accessToken } = request;
    this.#options.logger.conceal(accessToken);
    return this.#login(request.homeserver, async (homeserver) => ({
      credentials: await this.#remote.loginToken({ homeserver, accessToken }),
      deviceId: null,
      isGiven: true,
    }));
  }

  /** Begins a login in the system's browser. @throws FerryError `already-logged-in`, `login-unsupported` */
  begin(request: BrowserRequest): Promise<{ address: string }> {
    return this.#inTurn(async () => {
      await this.#options.secrets.check();
      const homeserver = await this.#discover(request.homeserver);
      // Who logs in is known only when the browser comes back; `adopt` refuses another account than this device's.
      const deviceId = await this.#options.account.deviceToGoOn(homeserver);
      return request.method === "sso"
        ? this.#browser.begin(isSsoAnswer, (redirect) => this.#sso(homeserver, request.provider, redirect, deviceId))
        : this.#browser.begin(isOauthAnswer, (redirect) => this.#oauth(homeserver, redirect, deviceId));
    });
  }

  /** @throws FerryError `nothing-begun`, `login-cancelled`, `login-refused`, `other-account` */
  end(): Promise<StoredAccount> {
    return this.#browser.end();
  }

  cancel(): void {
    this.#browser.cancel();
  }

  async #sso(homeserver: string, provider: string | null, redirect: string, deviceId: DeviceId | null): Promise<Begun> {
    const { address } = await this.#remote.ssoAddress({ homeserver, provider, redirect });
    const finish = (answer: URL): Promise<StoredAccount> =>
      this.#login(homeserver, async () => {
        const loginToken = answer.searchParams.get("loginToken") ?? "";
        const login = { homeserver, deviceName: DEVICE_NAME, deviceId, loginToken };
        return { credentials: await this.#remote.loginSso(login), deviceId };
      });
    return { address, finish };
  }

  async #oauth(homeserver: string, redirect: string, deviceId: DeviceId | null): Promise<Begun> {
    const { address, context } = await this.#remote.oauthAddress({ homeserver, redirect, deviceId });
    const finish = (answer: URL): Promise<StoredAccount> =>
      this.#login(homeserver, async () => {
        const login = { homeserver, deviceName: DEVICE_NAME, deviceId, context, answer: answer.href };
        return { credentials: await this.#remote.loginOauth(login), deviceId };
      });
    return { address, finish };
  }

  #login(server: string, login: (homeserver: string) => Promise<NewLogin>): Promise<StoredAccount> {
    return this.#inTurn(async () => {
      const { account, secrets } = this.#options;
      account.checkFree();
      await secrets.check();
      const { credentials, deviceId, isGiven = false } = await login(await this.#discover(server));
      try {
        return await account.adopt(credentials, deviceId);
      } catch (error) {
        // A login that was there before Ferry is not Ferry's to end, nor one that is stored and can be opened later.
        if (!isGiven && !account.isOf(credentials)) await this.#revoke(credentials);
        throw error;
      }
    });
  }

  /** Ends a login that is not wanted, or could not be kept. */
  async #revoke(credentials: Credentials): Promise<void> {
    try {
      await this.#remote.revoke(credentials);
    } catch (error) {
      // The device stays in the account's list of sessions, with a token that nobody has any more.
      this.#options.logger.warn("login-not-ended", { device: credentials.deviceId, code: asFerryError(error).code });
    }
  }

  /** Opens a page for looking for homeservers, and finds this one. */
  async #discover(server: string): Promise<string> {
    const { account, engine } = this.#options;
    account.checkFree();
    await engine.openBare(discoveryReach(server));
    return (await engine.remote.discover({ server })).homeserver;
  }

  get #remote(): Engine["remote"] {
    return this.#options.engine.remote;
  }

  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function isSsoAnswer(query: URLSearchParams): boolean {
  return query.has("loginToken");
}

function isOauthAnswer(query: URLSearchParams): boolean {
  return query.has("state") && (query.has("code") || query.has("error"));
}

import { onTestFinished } from "vitest";
import type { Host, Reach } from "../../../main/host/host.ts";
import type { RememberedSecrets, SecretName } from "../../../main/host/secrets.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { DeviceId, UserId } from "../../../main/matrix/ids.ts";
import { engineNotifications, engineRequests, type Credentials } from "../../../main/protocol/engine.ts";
import { connect, type Channel, type Handlers } from "../../../main/protocol/rpc.ts";
import { Account } from "../../../main/service/account.ts";
import { Engine } from "../../../main/service/engine.ts";
import { LoginSecrets } from "../../../main/service/login-secrets.ts";
import { Login } from "../../../main/service/login.ts";
import { openStore, type Store } from "../../../main/store/store.ts";
import { SILENT } from "../../support/silent-logger.ts";
import { temporaryFolder } from "../store/store-support.ts";

/** Logging in, with a page that answers what the test says. */

export const HOMESERVER = "https://matrix.one.test";
export const ME = "@me:one.test" as UserId;

export const credentials = (changes: Partial<Credentials> = {}): Credentials => ({
  ...{ homeserver: HOMESERVER, userId: ME, deviceId: "FIRST" as DeviceId, accessToken: "a1" },
  ...changes,
});

/** A keychain in memory, which can be made to fail. */
export class Keychain implements RememberedSecrets {
  readonly kind = "keychain";
  readonly items = new Map<string, string>();
  /** So many changes go well; the next one dies. */
  left = Number.POSITIVE_INFINITY;

  accounts(): string[] {
    return [...new Set([...this.items.keys()].map((item) => item.slice(0, item.lastIndexOf(" "))))];
  }

  async get(account: string, name: SecretName): Promise<string | null> {
    return this.items.get(`${account} ${name}`) ?? null;
  }

  async set(account: string, name: SecretName, value: string): Promise<void> {
    this.#change();
    this.items.set(`${account} ${name}`, value);
  }

  async delete(account: string, name: SecretName): Promise<void> {
    this.#change();
    this.items.delete(`${account} ${name}`);
  }

  #change(): void {
    if (this.left <= 0) throw new FerryError("keychain-locked", "locked");
    this.left -= 1;
  }
}

type EngineHandlers = Handlers<typeof engineRequests>;

export class Scene {
  readonly store: Store;
  readonly keychain = new Keychain();
  readonly account: Account;
  readonly login: Login;
  /** What the page is asked, with what it is asked for. */
  readonly asked: { method: string; params: Record<string, unknown> }[] = [];
  readonly reaches: Reach[] = [];
  readonly opened: string[] = [];
  /** The base URL that is found, whatever server is named. */
  homeserver = HOMESERVER;
  /** What the homeserver gives to whoever logs in next. */
  given = credentials();
  host: Host["kind"] = "chromium";
  /** Called when the crypto store is being opened; what it throws is why that fails. */
  opening: () => void = () => undefined;
  /** Why logging out fails. */
  logoutFailure: FerryError | null = null;
  readonly #engine: Engine;

  constructor() {
    this.store = openStore(`${temporaryFolder()}/ferry.db`);
    onTestFinished(() => this.store.close());
    const secrets = new LoginSecrets(this.keychain, SILENT);
    this.#engine = new Engine(async () => this.#openHost(), {} as Handlers<typeof engineNotifications>, SILENT);
    const parts = { engine: this.#engine, secrets, logger: SILENT };
    this.account = new Account({
      ...{ ...parts, store: this.store, freeBytes: () => Number.POSITIVE_INFINITY, decryptionHoldMs: 0 },
      ...{ onOpen: async () => undefined, onChange: () => undefined },
    });
    this.login = new Login({ ...parts, account: this.account, openOutside: (address) => this.opened.push(address) });
    onTestFinished(() => this.login.cancel());
  }

  /** The homeserver ends the login. */
  end(soft: boolean): void {
    this.account.setConnection("logged-out", soft);
  }

  /** The parameters of the last request of this name. */
  last(method: string): Record<string, unknown> | undefined {
    return this.asked.findLast((request) => request.method === method)?.params;
  }

  secret(deviceId: string, name: SecretName): string | undefined {
    return this.keychain.items.get(`${ME} ${deviceId} ${name}`);
  }

  /** Closes the page, as when the other host goes on with this data folder. */
  async changeHost(kind: Host["kind"]): Promise<void> {
    await this.#engine.close();
    this.host = kind;
  }

  #openHost(): Host {
    return {
      browserVersion: "156.0",
      kind: this.host,
      openEngine: async (reach) => {
        this.reaches.push(reach);
        const [mine, theirs] = channels();
        connect(theirs, engineRequests, this.#handlers(), engineNotifications);
        return { channel: mine, onGone: () => undefined, close: async () => undefined };
      },
      close: async () => undefined,
    };
  }

  #handlers(): EngineHandlers {
    const answers: Partial<EngineHandlers> = {
      discover: async () => ({ homeserver: this.homeserver }),
      loginMethods: async () => ({ password: true, sso: [], oauth: true }),
      loginPassword: async () => this.given,
      loginToken: async () => this.given,
      loginSso: async () => this.given,
      loginOauth: async () => this.given,
      ssoAddress: async ({ redirect }) => ({
        address: `${HOMESERVER}/sso?redirectUrl=${encodeURIComponent(redirect)}`,
      }),
      oauthAddress: async ({ redirect }) => ({ address: `https://issuer.test/?to=${redirect}`, context: "context" }),
      open: async ({ credentials: { deviceId } }) => {
        this.opening();
        return { deviceKey: `key of ${deviceId}` };
      },
      revoke: async () => ({}),
      logout: async () => {
        if (this.logoutFailure !== null) throw this.logoutFailure;
        return {};
      },
    };
    const note = (method: string) => async (params: Record<string, unknown>) => {
      this.asked.push({ method, params });
      const answer = answers[method as keyof EngineHandlers] as ((given: unknown) => Promise<never>) | undefined;
      if (!answer) throw new FerryError("internal", `${method} is not asked here`);
      return answer(params);
    };
    const noted: unknown = Object.fromEntries(Object.keys(engineRequests).map((method) => [method, note(method)]));
    return noted as EngineHandlers;
  }
}

function channels(): [Channel, Channel] {
  const listeners: ((text: string) => void)[][] = [[], []];
  const end = (own: number, other: number): Channel => ({
    send: (text) => void queueMicrotask(() => listeners[other]?.forEach((listen) => listen(text))),
    onReceive: (listener) => void listeners[own]?.push(listener),
  });
  return [end(0, 1), end(1, 0)];
}

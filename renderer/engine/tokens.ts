import { isObject } from "../../main/matrix/event.ts";
import { FerryError } from "../../main/matrix/errors.ts";
import type { Credentials } from "../../main/protocol/engine.ts";

/** The tokens of a login. Without a refresh token the access token stands until the login ends. */
export type Tokens = Pick<Credentials, "accessToken" | "refreshToken">;

/** Asks for the next tokens. Fails with `logged-out` where the login has ended for good; all else passes by itself. */
export type Renewal = (refreshToken: string) => Promise<Tokens>;

export interface TokenKeeperOptions {
  renew: Renewal;
  /** Resolves when they are stored; until then they are not used. */
  store: (tokens: Tokens) => Promise<unknown>;
  /** From now on these are used. */
  onRenewed?: (tokens: Tokens) => void;
  send: typeof fetch;
  now?: () => number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Longer than this no server's wish to wait is obeyed, in milliseconds. */
const LONGEST_WISH_MS = 600_000;

/**
 * Sends a client's requests with the access token that holds at the time, and renews it when the homeserver no longer
 * accepts it.
 *
 * The SDK's own renewal is not used: it takes every refusal for the end of the login, a rate limit included
 * (matrix-js-sdk#5494), forgets the refresh token where the answer brings no new one, and asks again for what has been
 * issued but could not be stored. Here only the issuer's word that the login has ended lets the refusal through to the
 * SDK. Every other failure looks to it like a network that is down, which it waits out.
 */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #now: () => number;
  #tokens: Tokens;
  /** Issued, and perhaps not stored: the issuer may have forgotten the ones before, so they are not asked for twice. */
  #issued: Tokens | null = null;
  #renewing: Promise<boolean> | null = null;
  #failures = 0;
  #notBeforeTs = 0;

  constructor(tokens: Tokens, options: TokenKeeperOptions) {
    this.#tokens = tokens;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  /** Like the page's `fetch`; a request with an access token gets the one that holds now. */
  readonly fetch: typeof fetch = async (input, init) => {
    if (!new Headers(init?.headers).has("Authorization")) return this.#options.send(input, init);
    let renewed = false;
    for (;;) {
      const used = this.#tokens;
      const response = await this.#options.send(input, withToken(init, used.accessToken));
      if (!(await isUnknownToken(response))) return response;
      // Somebody else's request may have renewed them meanwhile.
      if (used !== this.#tokens) continue;
      // Refused although new, or not to be renewed at all: the login has ended.
      if (renewed || !(await this.#renew())) return response;
      renewed = true;
    }
  };

  /** What waits before it asks again for new tokens asks at once. */
  wake(): void {
    this.#notBeforeTs = 0;
  }

  /** @returns whether there are new ones; false where the login has ended. Rejects where that cannot be said now */
  #renew(): Promise<boolean> {
    this.#renewing ??= this.#renewOnce().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renewOnce(): Promise<boolean> {
    const { refreshToken } = this.#tokens;
    if (refreshToken === undefined) return false;
    if (this.#now() < this.#notBeforeTs) throw new TypeError("the tokens could not be renewed a moment ago");
    try {
      this.#issued ??= await this.#ask(refreshToken);
      if (this.#issued === null) return false;
      await this.#options.store(this.#issued);
    } catch (error) {
      this.#pause(error);
      throw new TypeError("the tokens cannot be renewed now", { cause: error });
    }
    this.#tokens = this.#issued;
    this.#issued = null;
    this.#failures = 0;
    this.#options.onRenewed?.(this.#tokens);
    return true;
  }

  /** @returns null where the login has ended */
  async #ask(refreshToken: string): Promise<Tokens | null> {
    try {
      // An answer without a refresh token leaves the old one in force (RFC 6749, section 6).
      return { refreshToken, ...(await this.#options.renew(refreshToken)) };
    } catch (error) {
      if (error instanceof FerryError && error.code === "logged-out") return null;
      throw error;
    }
  }

  #pause(error: unknown): void {
    const wish = error instanceof FerryError ? (error.details.retryAfterMs ?? 0) : 0;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#notBeforeTs = this.#now() + Math.max(pause, Math.min(wish, LONGEST_WISH_MS));
  }
}

function withToken(init: RequestInit | undefined, accessToken: string): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set("Authorization", `Bearer ${accessToken}`);
  return { ...init, headers };
}

/** Whether the homeserver says that it does not know the token (client-server API, "Using access tokens"). */
async function isUnknownToken(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  try {
    const body: unknown = await response.clone().json();
    return isObject(body) && body["errcode"] === "M_UNKNOWN_TOKEN";
  } catch {
    return false; // Not a homeserver's answer.
  }
}

import { FerryError } from "../matrix/errors.ts";
import type { StoredAccount } from "../store/account.ts";
import { openLoopback, type Loopback } from "./loopback.ts";

/** How long the user may take in the browser, in milliseconds. */
const LIMIT_MS = 600_000;

/** A login as its server lets it begin. */
export interface Begun {
  /** What the browser opens. */
  address: string;
  /** Logs in with what the browser has brought back. */
  finish: (answer: URL) => Promise<StoredAccount>;
}

interface Attempt {
  loopback: Loopback;
  outcome: Promise<StoredAccount>;
}

/** The login under way in the system's browser: one at most. It is in memory only; with the process it is given up. */
export class BrowserLogin {
  readonly #openOutside: (address: string) => void;
  readonly #limitMs: number;
  #attempt: Attempt | null = null;

  /** @param openOutside hands an address to the system's browser; that there is none is no failure */
  constructor(openOutside: (address: string) => void, limitMs = LIMIT_MS) {
    this.#openOutside = openOutside;
    this.#limitMs = limitMs;
  }

  /**
   * Begins a login, in place of one that had begun before.
   *
   * @param isAnswer whether the browser has brought an answer back
   * @param begin asks the server for a login that ends at `redirect`
   * @throws FerryError those of `begin`, `login-unsupported` where what it answers is no web address
   */
  async begin(
    isAnswer: (query: URLSearchParams) => boolean,
    begin: (redirect: string) => Promise<Begun>,
  ): Promise<{ address: string }> {
    const loopback = await openLoopback(isAnswer, this.#limitMs);
    try {
      const { address, finish } = await begin(loopback.redirect);
      if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
        throw new FerryError("login-unsupported", "The homeserver names no web page to log in at.");
      }
      const outcome = loopback.answer.then(finish);
      // Whoever asks for the end later is told all the same.
      outcome.catch(() => undefined);
      this.cancel();
      this.#attempt = { loopback, outcome };
      this.#openOutside(address);
      return { address };
    } catch (error) {
      loopback.close();
      throw error;
    }
  }

  /** Answers when the login is over, once. @throws FerryError `nothing-begun`, `login-cancelled`, those of the login */
  async end(): Promise<StoredAccount> {
    const attempt = this.#attempt;
    if (attempt === null) throw new FerryError("nothing-begun", "No login has begun in the browser.");
    try {
      return await attempt.outcome;
    } finally {
      if (this.#attempt === attempt) this.#attempt = null;
    }
  }

  /** Gives it up. What has come back from the browser already is carried through. */
  cancel(): void {
    this.#attempt?.loopback.close();
    this.#attempt = null;
  }
}

import { asFerryError, type FailureCode, type FerryError } from "../matrix/errors.ts";
import { waitAfter } from "./retry.ts";

/** When the engine has run for so long, its earlier ends count no more, in milliseconds. */
export const STABLE_MS = 300_000;

/** From so many ends in a row on, they are worth a word also when it has been opened again. */
const WORTH_A_WORD = 3;

/** What only the user can change. Tried again by itself, it could do no more than ask them the same every minute. */
const OF_THE_USER: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "keychain-locked",
  "keychain-unavailable",
  "passphrase-missing",
  "wrong-passphrase",
  "other-host",
  "crypto-store-lost",
]);

export interface ReopeningOptions {
  /** @throws FerryError why it could not be opened */
  open(): Promise<void>;
  /** Whether there is still an account to open, and Ferry is not ending. */
  isWanted(): boolean;
  onFailure(failure: FerryError, attempt: number): void;
  onChange(): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Opens the engine again when it has gone by itself: soon at first, and more and more seldom where it keeps going or
 * cannot be opened.
 */
export class Reopening {
  readonly #options: ReopeningOptions;
  #isRunning = false;
  #hasGoneAgain = false;
  /** Ends and failures to open since the engine last ran for a while. */
  #attempts = 0;
  #ends = 0;
  #openedAt: number | null = null;
  #failure: FerryError | null = null;
  #hurry: () => void = () => undefined;
  #stable: NodeJS.Timeout | undefined;

  constructor(options: ReopeningOptions) {
    this.#options = options;
  }

  /** Why the engine could not be opened, the last time that it was tried. */
  get failure(): FerryError | null {
    return this.#failure;
  }

  /** How often it has ended by itself; 0 where that is over. */
  get ends(): number {
    return this.#openedAt !== null && this.#ends < WORTH_A_WORD ? 0 : this.#ends;
  }

  /** It has been opened, by whomever. */
  opened(): void {
    this.#failure = null;
    this.#openedAt = this.#options.now();
    clearTimeout(this.#stable);
    this.#stable = setTimeout(() => this.reset(), STABLE_MS).unref();
  }

  /** It has gone by itself. */
  gone(): void {
    clearTimeout(this.#stable);
    // Timers stand still while the computer sleeps.
    if (this.#openedAt !== null && this.#options.now() - this.#openedAt >= STABLE_MS) this.reset();
    this.#openedAt = null;
    this.#ends += 1;
    this.#attempts += 1;
    this.#hasGoneAgain = true;
    void this.#run();
  }

  /** It could not be opened when Ferry started, or after a login. */
  failed(failure: FerryError): void {
    this.#note(failure);
    void this.#run();
  }

  /** Tries at once what would have been tried later. */
  hurry(): void {
    this.#hurry();
  }

  /** What has been is over, and what waits for it too: the account is another one, or the engine runs well. */
  reset(): void {
    clearTimeout(this.#stable);
    this.#hurry();
    this.#attempts = 0;
    this.#ends = 0;
    this.#failure = null;
    this.#options.onChange();
  }

  /** Ends the waiting. `isWanted` says no by then. */
  stop(): void {
    clearTimeout(this.#stable);
    this.#hurry();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#options.isWanted() && this.#openedAt === null) await this.#try();
    } finally {
      this.#isRunning = false;
    }
  }

  async #try(): Promise<void> {
    await this.#wait();
    // Somebody may have logged out meanwhile, or a login may have opened it.
    if (!this.#options.isWanted() || this.#openedAt !== null) return;
    this.#hasGoneAgain = false;
    try {
      await this.#options.open();
      // It may have gone in the moment between its answer and this line.
      if (this.#hasGoneAgain) this.#openedAt = null;
    } catch (error) {
      this.#note(asFerryError(error));
    }
  }

  #note(failure: FerryError): void {
    this.#failure = failure;
    this.#openedAt = null;
    this.#attempts += 1;
    this.#options.onFailure(failure, this.#attempts);
    this.#options.onChange();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const forUser = this.#failure !== null && OF_THE_USER.has(this.#failure.code);
      const timer = forUser ? undefined : setTimeout(resolve, waitAfter(this.#attempts));
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

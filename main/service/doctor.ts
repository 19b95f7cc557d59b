import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { Store } from "../store/store.ts";
import { diskFull } from "./account-failures.ts";
import { discoveryReach, type Engine } from "./engine.ts";
import type { LoginSecrets } from "./login-secrets.ts";

export interface Check {
  name: "browser" | "keychain" | "store" | "homeserver" | "clock";
  ok: boolean;
  text: string;
}

export interface DoctorOptions {
  engine: Engine;
  /** Null where the database could not be opened; then `storeFailure` says why. */
  store: Store | null;
  storeFailure: FerryError | null;
  secrets: LoginSecrets;
  clockOffsetMs: number | null;
  /** Why the account could not be opened, the last time that it was tried. */
  openFailure: FerryError | null;
  /** Whether there is room on the disk to start a browser in. */
  hasRoom: () => boolean;
}

const CLOCK_TOLERANCE_MS = 60_000;

/** Tries each thing that Ferry stands on, for real, one after the other. */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const store = await check("store", async () => {
    if (!options.store) throw options.storeFailure ?? new FerryError("internal", "The database is not open.");
    return "The database is intact.";
  });
  const keychain = await check("keychain", async () => {
    await options.secrets.readable();
    return `Secrets are kept in the ${options.secrets.kind === "keychain" ? "system keychain" : `chosen file (${options.secrets.kind})`}.`;
  });
  const account = options.store?.account.get() ?? null;
  const browser = await check("browser", async () => {
    if (!options.engine.isOpen) await startBrowser(options, account !== null);
    return "The browser runs.";
  });
  const offset = { ms: options.clockOffsetMs };
  const homeserver = await check("homeserver", async () => {
    if (!account)
      throw new FerryError("not-logged-in", "Ferry is not logged in, so there is no homeserver to ask yet.");
    const tokens = await options.secrets.tokens(account);
    // One that is renewed may have run out just now, which says nothing.
    const token = tokens === null || tokens.refreshToken !== undefined ? {} : { accessToken: tokens.accessToken };
    const answer = await options.engine.remote.probe({ homeserver: account.homeserver, ...token });
    offset.ms ??= answer.clockOffsetMs;
    return `${account.homeserver} answers.`;
  });
  return [browser, keychain, store, homeserver, await check("clock", async () => clockText(offset.ms))];
}

/** An account's page is not opened here: the keys are in it, and who opens it has looked after them before. */
async function startBrowser({ engine, openFailure, hasRoom }: DoctorOptions, isLoggedIn: boolean): Promise<void> {
  if (isLoggedIn) throw openFailure ?? new FerryError("engine-gone", "It is being started. Try again in a moment.");
  if (!hasRoom()) throw diskFull();
  await engine.openAny(discoveryReach());
}

function clockText(offsetMs: number | null): string {
  if (offsetMs === null) return "Not compared: no event from the homeserver has told its time yet.";
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return `Within ${seconds} s of the homeserver's.`;
  throw new FerryError(
    "internal",
    `${seconds} s ${offsetMs > 0 ? "ahead of" : "behind"} the homeserver's. Set the clock.`,
  );
}

async function check(name: Check["name"], action: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, text: await action() };
  } catch (error) {
    return { name, ok: false, text: asFerryError(error).message };
  }
}

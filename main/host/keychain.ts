import { randomBytes } from "node:crypto";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { SecretName, Secrets } from "./secrets.ts";

/** The name under which the system keychain lists Ferry's items. */
const SERVICE = "Ferry";

/** An item that is written and read back to see whether the keychain works; it holds nothing. */
const PROBE = "ferry/probe";

/** What Ferry uses of keytar. Never `findCredentials`: it crashes on items that have no `account`. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/**
 * The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
 *
 * A locked Secret Service answers a look-up as if there were no such item, and a removal likewise (measured with
 * gnome-keyring 42). So whenever an item seems to be missing, another one is written and read back: only a keychain
 * that can do that is believed.
 *
 * Every call fails with FerryError `keychain-unavailable` or `keychain-locked`.
 */
export function openKeychain(): Secrets {
  let loading: Promise<Keytar> | undefined;
  const use = async <Result>(action: (keytar: Keytar) => Promise<Result>): Promise<Result> => {
    loading ??= loadKeytar();
    const keytar = await loading;
    try {
      return await action(keytar);
    } catch (error) {
      throw asKeychainError(error);
    }
  };
  return {
    kind: "keychain",
    get: (account, name) =>
      use(async (keytar) => {
        const value = await keytar.getPassword(SERVICE, itemName(account, name));
        if (value === null) await probe(keytar);
        return value;
      }),
    set: (account, name, value) => use((keytar) => keytar.setPassword(SERVICE, itemName(account, name), value)),
    delete: (account, name) =>
      use(async (keytar) => {
        if (!(await keytar.deletePassword(SERVICE, itemName(account, name)))) await probe(keytar);
      }),
  };
}

/** Checks that the keychain can be reached and is open. @throws FerryError `keychain-unavailable`, `keychain-locked` */
export async function checkKeychain(): Promise<void> {
  const keytar = await loadKeytar();
  try {
    await probe(keytar);
  } catch (error) {
    throw asKeychainError(error);
  }
}

function itemName(account: string, name: SecretName): string {
  return `${account}/${name}`;
}

async function loadKeytar(): Promise<Keytar> {
  try {
    const module = (await import("keytar")) as Keytar & { default?: Keytar };
    // A CommonJS package: its functions are on the default export.
    return module.default ?? module;
  } catch {
    // Not installed, not built, or a library that it needs is missing: for the user it comes to the same.
    throw new FerryError(
      "keychain-unavailable",
      `The part of Ferry that speaks to the system keychain (keytar) is not installed here.`,
    );
  }
}

async function probe(keytar: Keytar): Promise<void> {
  const value = randomBytes(8).toString("hex");
  await keytar.setPassword(SERVICE, PROBE, value);
  const found = await keytar.getPassword(SERVICE, PROBE);
  if (found !== value) throw lockedError();
  await keytar.deletePassword(SERVICE, PROBE);
}

function lockedError(): FerryError {
  return new FerryError(
    "keychain-locked",
    "The system keychain is locked, so Ferry cannot read its secrets. Nothing was changed. Unlock it and try again.",
  );
}

/** The keychains say what is wrong in words only. */
function asKeychainError(error: unknown): FerryError {
  if (error instanceof FerryError) return error;
  const { message } = asFerryError(error);
  if (/locked|dismissed|cancell?ed|interaction is not allowed|prompt/i.test(message)) return lockedError();
  return new FerryError(
    "keychain-unavailable",
    `The system keychain cannot be used (${message.replace(/[.\s]+$/, "")}). Unlock or start it.`,
  );
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FerryError } from "../matrix/errors.ts";
import type { DataFolder } from "./data-folder.ts";
import { checkKeychain, openKeychain } from "./keychain.ts";
import { isMissing, writePrivateFile } from "./private-file.ts";
import { openPassphraseFile, openPlainFile } from "./secret-file.ts";
import { SECRET_NAMES, type RememberedSecrets, type SecretName, type Secrets } from "./secrets.ts";

/** Which place for secrets the user chose, and opening it. */

export type SecretsKind = Secrets["kind"];

const kind = z.enum(["keychain", "passphrase", "plain-file"]);

/** What is remembered in the data folder: no secret, only where they are and what they are called. */
const record = z.object({ kind, stored: z.array(z.string()) });
type StoredRecord = z.output<typeof record>;

const NAMES: { [Kind in SecretsKind]: string } = {
  keychain: "the system keychain",
  passphrase: "a file encrypted with a passphrase (--secrets passphrase)",
  "plain-file": "a file that is not encrypted (--secrets plain-file)",
};

/**
 * Decides where this account's secrets are kept: what the user asks for, else what was chosen before, else the system
 * keychain; and remembers it for the next time.
 *
 * @param asked the option `--secrets`, or undefined
 * @throws FerryError `bad-request` where it is no such place, or secrets lie in another one already; `data-folder`
 */
export function chooseSecrets(folder: DataFolder, asked: string | undefined): SecretsKind {
  const wanted = asked === undefined ? undefined : kind.safeParse(asked);
  if (wanted !== undefined && !wanted.success) {
    const kinds = kind.options.join(", ");
    throw new FerryError("bad-request", `There is no place for secrets called “${asked}”. Known are: ${kinds}.`);
  }
  const known = readRecord(folder);
  const chosen = wanted?.data ?? known?.kind ?? "keychain";
  if (known === null || known.kind !== chosen) {
    if (known !== null && known.stored.length > 0) {
      throw new FerryError(
        "bad-request",
        `This account's secrets are kept in ${NAMES[known.kind]} already. They can be kept in ${NAMES[chosen]} once you have logged out.`,
      );
    }
    writeRecord(folder, { kind: chosen, stored: [] });
  }
  return chosen;
}

/** What was chosen for this folder before, or null. @throws FerryError `data-folder` */
export function rememberedSecrets(folder: DataFolder): SecretsKind | null {
  return readRecord(folder)?.kind ?? null;
}

/** Whether a passphrase has been set: the file that it encrypts exists with something in it. */
export function hasStoredSecrets(folder: DataFolder): boolean {
  return (readRecord(folder)?.stored.length ?? 0) > 0;
}

/**
 * Opens the place for secrets. Nothing is read or written before the first call.
 *
 * Which secrets exist is remembered beside them (by name): one that was stored and is not found is an error, never
 * an empty account.
 *
 * @throws FerryError `passphrase-missing`; by the calls: see `Secrets`
 */
export function openSecrets(options: {
  kind: SecretsKind;
  folder: DataFolder;
  passphrase?: string | undefined;
}): RememberedSecrets {
  return remembering(openPlace(options), options.folder);
}

/**
 * Removes from the system keychain what is remembered to be in it, whatever the login. Files with secrets go with the
 * folder.
 *
 * @throws FerryError `keychain-locked`, `keychain-unavailable`; what has not been removed is still remembered
 */
export async function forgetKeychain(folder: DataFolder): Promise<void> {
  const secrets = remembering(openKeychain(), folder);
  for (const [account, name] of keychainEntries(folder)) await secrets.delete(account, name);
}

/** Whether `forgetKeychain` can be done. @throws FerryError `keychain-locked`, `keychain-unavailable` where it cannot */
export async function checkForgetting(folder: DataFolder): Promise<void> {
  if (keychainEntries(folder).length > 0) await checkKeychain();
}

function keychainEntries(folder: DataFolder): [string, SecretName][] {
  let known: StoredRecord | null;
  try {
    known = readRecord(folder);
  } catch {
    // What cannot be read names nothing that could be removed.
    return [];
  }
  if (known?.kind !== "keychain") return [];
  return known.stored.flatMap((entry): [string, SecretName][] => {
    const end = entry.lastIndexOf("/");
    const name = SECRET_NAMES.find((candidate) => candidate === entry.slice(end + 1));
    return name === undefined ? [] : [[entry.slice(0, end), name]];
  });
}

function openPlace(options: { kind: SecretsKind; folder: DataFolder; passphrase?: string | undefined }): Secrets {
  switch (options.kind) {
    case "keychain":
      return openKeychain();
    case "plain-file":
      return openPlainFile(join(options.folder.path, "secrets-not-encrypted.json"));
    case "passphrase":
      if (options.passphrase === undefined || options.passphrase === "") {
        throw new FerryError(
          "passphrase-missing",
          "Ferry's secrets are encrypted with a passphrase, and it was not given.",
        );
      }
      return openPassphraseFile(join(options.folder.path, "secrets.json"), options.passphrase);
  }
}

function remembering(place: Secrets, folder: DataFolder): RememberedSecrets {
  const mark = (entry: string, present: boolean): void => {
    const known = readRecord(folder);
    const stored = new Set(known?.kind === place.kind ? known.stored : []);
    if (stored.has(entry) === present && known?.kind === place.kind) return;
    if (present) stored.add(entry);
    else stored.delete(entry);
    writeRecord(folder, { kind: place.kind, stored: [...stored].sort() });
  };
  const entryOf = (account: string, name: SecretName) => `${account}/${name}`;
  return {
    kind: place.kind,
    accounts: () => {
      const known = readRecord(folder);
      const stored = known?.kind === place.kind ? known.stored : [];
      return [...new Set(stored.map((entry) => entry.slice(0, entry.lastIndexOf("/"))))];
    },
    get: async (account, name) => {
      const value = await place.get(account, name);
      const known = readRecord(folder);
      if (value === null && known?.kind === place.kind && known.stored.includes(entryOf(account, name))) {
        throw lost(place.kind, name);
      }
      return value;
    },
    // Stored first and remembered then: a crash in between leaves a secret that is found, never one that is missed.
    set: async (account, name, value) => {
      await place.set(account, name, value);
      mark(entryOf(account, name), true);
    },
    delete: async (account, name) => {
      await place.delete(account, name);
      mark(entryOf(account, name), false);
    },
  };
}

function lost(place: SecretsKind, name: SecretName): FerryError {
  if (place === "keychain") {
    return new FerryError(
      "keychain-locked",
      `The system keychain does not show the ${name} that Ferry stored there: another keychain is open, or it was ` +
        `removed by hand. Unlock the right one and try again; if it is gone for good, log out and log in again.`,
    );
  }
  return new FerryError(
    "data-folder",
    `The ${name} that Ferry stored is not in ${NAMES[place]} any more. Put the file back; if it is gone for good, ` +
      `log out and log in again.`,
  );
}

function recordPath(folder: DataFolder): string {
  return join(folder.path, "secrets-kind.json");
}

function readRecord(folder: DataFolder): StoredRecord | null {
  const path = recordPath(folder);
  try {
    return record.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (isMissing(error)) return null;
    // Guessing a place here could make an account look empty.
    throw new FerryError(
      "data-folder",
      `${path} cannot be read, so Ferry does not know where this account's secrets are.`,
    );
  }
}

function writeRecord(folder: DataFolder, value: StoredRecord): void {
  writePrivateFile(recordPath(folder), `${JSON.stringify(value)}\n`);
}

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { FerryError } from "../matrix/errors.ts";
import { isMissing, writePrivateFile } from "./private-file.ts";
import type { SecretName, Secrets } from "./secrets.ts";

/** Secrets in a file, for machines without a keychain: encrypted with a passphrase, or, by choice, plain. */

/** 128 MB of memory and about half a second for each guess (OWASP's recommendation for scrypt). */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const CIPHER = "aes-256-gcm";

/** An entry of no account: whether it decrypts says whether the passphrase is right. */
const CHECK = "ferry/check";

const base64 = z.base64();
const sealed = z.object({ iv: base64, tag: base64, data: base64 });
type Sealed = z.output<typeof sealed>;

const passphraseFile = z.object({
  version: z.literal(1),
  kind: z.literal("passphrase"),
  salt: base64,
  entries: z.record(z.string(), sealed),
});

const plainFile = z.object({
  version: z.literal(1),
  kind: z.literal("plain-file"),
  entries: z.record(z.string(), z.string()),
});

/**
 * Opens the file encrypted with a passphrase. The passphrase is tried at the first call, which then fails with
 * `wrong-passphrase`; the key is kept in memory from then on.
 *
 * @throws FerryError (by every call) `wrong-passphrase`, `data-folder` where the file cannot be read or was changed,
 *   `disk-full`
 */
export function openPassphraseFile(path: string, passphrase: string): Secrets {
  let unlocking: Promise<{ key: Buffer; salt: string }> | undefined;
  const unlock = async () => {
    unlocking ??= deriveKey(path, passphrase);
    try {
      return await unlocking;
    } catch (error) {
      // The next call may find the disk readable, or the file put back.
      unlocking = undefined;
      throw error;
    }
  };
  const change = async (edit: (entries: Record<string, Sealed>, key: Buffer) => void): Promise<void> => {
    const { key, salt } = await unlock();
    const entries = { [CHECK]: seal(key, CHECK, "ferry"), ...readFile(path, passphraseFile)?.entries };
    edit(entries, key);
    writePrivateFile(path, `${JSON.stringify({ version: 1, kind: "passphrase", salt, entries }, null, 2)}\n`);
  };
  return {
    kind: "passphrase",
    get: async (account, name) => {
      const { key } = await unlock();
      const entry = entryName(account, name);
      const found = ownEntry(readFile(path, passphraseFile)?.entries, entry);
      if (found === undefined) return null;
      const value = open(key, entry, found);
      if (value === null) throw damaged(path);
      return value;
    },
    set: (account, name, value) =>
      change((entries, key) => {
        const entry = entryName(account, name);
        entries[entry] = seal(key, entry, value);
      }),
    delete: (account, name) => change((entries) => void delete entries[entryName(account, name)]),
  };
}

/** Opens the file that is not encrypted: only its mode (0600) protects it. Fails: `data-folder`, `disk-full`. */
export function openPlainFile(path: string): Secrets {
  const change = (edit: (entries: Record<string, string>) => void): void => {
    const entries = { ...readFile(path, plainFile)?.entries };
    edit(entries);
    writePrivateFile(path, `${JSON.stringify({ version: 1, kind: "plain-file", entries }, null, 2)}\n`);
  };
  return {
    kind: "plain-file",
    get: async (account, name) => ownEntry(readFile(path, plainFile)?.entries, entryName(account, name)) ?? null,
    set: async (account, name, value) => change((entries) => (entries[entryName(account, name)] = value)),
    delete: async (account, name) => change((entries) => void delete entries[entryName(account, name)]),
  };
}

function entryName(account: string, name: SecretName): string {
  return `${account}/${name}`;
}

function ownEntry<Value>(entries: Record<string, Value> | undefined, name: string): Value | undefined {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

async function deriveKey(path: string, passphrase: string): Promise<{ key: Buffer; salt: string }> {
  const file = readFile(path, passphraseFile);
  const salt = file?.salt ?? randomBytes(16).toString("base64");
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), Buffer.from(salt, "base64"), 32, SCRYPT, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
  if (file === null) return { key, salt };
  const check = ownEntry(file.entries, CHECK);
  if (check === undefined) throw damaged(path);
  if (open(key, CHECK, check) === null) {
    throw new FerryError("wrong-passphrase", "This is not the passphrase that Ferry's secrets are encrypted with.");
  }
  return { key, salt };
}

/** The entry's name is associated data: an entry moved to another name does not open. */
function seal(key: Buffer, entry: string, value: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(entry));
  const data = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return { iv: iv.toString("base64"), tag: cipher.getAuthTag().toString("base64"), data: data.toString("base64") };
}

/** @returns null where key, name or content do not belong together */
function open(key: Buffer, entry: string, { iv, tag, data }: Sealed): string | null {
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, "base64"), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(entry)).setAuthTag(Buffer.from(tag, "base64"));
    return Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]).toString("utf8");
  } catch {
    // Node tells a wrong key only by throwing; which of the three was wrong cannot be known.
    return null;
  }
}

/** @returns null where there is no file; a file that cannot be understood is an error, and stays as it is */
function readFile<Output>(path: string, schema: z.ZodType<Output>): Output | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw new FerryError("data-folder", `Ferry cannot read ${path}: ${(error as Error).message}.`);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw damaged(path);
  }
}

function damaged(path: string): FerryError {
  return new FerryError(
    "data-folder",
    `The file with Ferry's secrets (${path}) is damaged or was changed. Ferry left it as it is. Put back a copy, or ` +
      `move it away and log in again.`,
  );
}

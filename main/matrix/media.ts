import { isObject, type JsonObject } from "./event.ts";

/** The address of a file in the content repository (specification, "Matrix Content (`mxc://`) URIs"). */
export type MxcUri = `mxc://${string}/${string}`;

/** How a file is encrypted: "v2" of the specification's "Sending encrypted attachments", AES-256 in counter mode. */
export interface FileEncryption {
  /** The key, 32 bytes in URL-safe base64 without padding. */
  key: string;
  /** The first counter block, 16 bytes in base64 without padding. */
  iv: string;
  /** Of the encrypted bytes, in base64 without padding. */
  sha256: string;
}

/** A file as an event's content names it. */
export interface FileReference {
  url: MxcUri;
  /** Null where it lies in the clear. */
  encryption: FileEncryption | null;
}

const MXC = /^mxc:\/\/[\w.:[\]-]{1,255}\/[\w=.~-]{1,255}$/;

/** Whether a value is an address of the content repository; nothing in it can lead elsewhere on a server. */
export function isMxcUri(value: unknown): value is MxcUri {
  return typeof value === "string" && MXC.test(value) && !/\/\.{1,2}(?:\/|$)/.test(value);
}

/** What names a file in an event's content: `url` and `file`. Null where neither is well formed. */
export function readFileReference(url: unknown, file: unknown): FileReference | null {
  if (file === undefined) return isMxcUri(url) ? { url, encryption: null } : null;
  if (!isObject(file) || !isMxcUri(file["url"])) return null;
  const { key, iv, hashes, v: version } = file;
  if (version !== "v2" || !isObject(key) || !isObject(hashes)) return null;
  if (key["kty"] !== "oct" || key["alg"] !== "A256CTR") return null;
  const encryption = { key: unpadded(key["k"]), iv: unpadded(iv), sha256: unpadded(hashes["sha256"]) };
  return isFileEncryption(encryption) ? { url: file["url"], encryption } : null;
}

/** Whether the three have the lengths that they must have. */
export function isFileEncryption(value: { [name in keyof FileEncryption]: unknown }): value is FileEncryption {
  return isBase64(value.key, 43) && isBase64(value.iv, 22) && isBase64(value.sha256, 43);
}

/** `EncryptedFile` of the specification. */
export function writeEncryptedFile(url: MxcUri, { key, iv, sha256 }: FileEncryption): JsonObject {
  return {
    url,
    key: { kty: "oct", key_ops: ["encrypt", "decrypt"], alg: "A256CTR", k: key, ext: true },
    ...{ iv, hashes: { sha256 }, v: "v2" },
  };
}

/** What names a file in an event's content: `url`, or `file` where it is encrypted, after a prefix. */
export function writeFileReference(prefix: string, { url, encryption }: FileReference): JsonObject {
  return encryption === null ? { [`${prefix}url`]: url } : { [`${prefix}file`]: writeEncryptedFile(url, encryption) };
}

function unpadded(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/=+$/, "") : value;
}

function isBase64(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === length && /^[\w+/-]+$/.test(value);
}

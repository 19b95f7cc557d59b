import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Person } from "./person.ts";

/** Files as an ordinary client sends and opens them, with another library's cryptography than Ferry's. */

type Content = Record<string, unknown>;

/** `EncryptedFile` of the specification. */
interface EncryptedFile {
  url: string;
  key: { k: string };
  iv: string;
  hashes: { sha256: string };
}

/** A file of a content: what names it, and what is in it. */
export interface OpenedFile {
  uri: string;
  /** Null where it lies in the clear. */
  key: string | null;
  bytes: Buffer;
}

/** Uploads a file. Answers with what names it in a content: `url`, or `file` where it is encrypted. */
export async function uploaded(
  person: Person,
  bytes: Buffer,
  { encrypted, type = "application/octet-stream" }: { encrypted: boolean; type?: string },
): Promise<{ url: string } | { file: EncryptedFile }> {
  if (!encrypted) return { url: await upload(person, bytes, type) };
  const [key, iv] = [randomBytes(32), Buffer.concat([randomBytes(8), Buffer.alloc(8)])];
  const sealed = createCipheriv("aes-256-ctr", key, iv).update(bytes);
  const sha256 = unpadded(createHash("sha256").update(sealed).digest());
  const url = await upload(person, sealed, "application/octet-stream");
  const jwk = { kty: "oct", key_ops: ["encrypt", "decrypt"], alg: "A256CTR", k: key.toString("base64url"), ext: true };
  return { file: { v: "v2", url, key: jwk, iv: unpadded(iv), hashes: { sha256 } } as EncryptedFile };
}

/** The same as a thumbnail is named. */
export function asThumbnail(named: { url: string } | { file: EncryptedFile }): Content {
  return "url" in named ? { thumbnail_url: named.url } : { thumbnail_file: named.file };
}

/** Opens what a content names by `url` or `file` (or, in `info`, a thumbnail). Fails where its hash is wrong. */
export async function openedFile(
  person: Person,
  content: Content,
  prefix: "" | "thumbnail_" | "avatar_" = "",
): Promise<OpenedFile> {
  const file = content[`${prefix}file`] as EncryptedFile | undefined;
  const uri = file?.url ?? content[`${prefix}url`];
  if (typeof uri !== "string") throw new Error(`no file in ${JSON.stringify(content)}`);
  const raw = await download(person, uri);
  if (file === undefined) return { uri, key: null, bytes: raw };
  const sha256 = unpadded(createHash("sha256").update(raw).digest());
  if (sha256 !== file.hashes.sha256) throw new Error(`the hash of ${uri} is not ${file.hashes.sha256}`);
  const [key, iv] = [Buffer.from(file.key.k, "base64url"), Buffer.from(file.iv, "base64")];
  return { uri, key: file.key.k, bytes: createDecipheriv("aes-256-ctr", key, iv).update(raw) };
}

async function upload(person: Person, bytes: Buffer, type: string): Promise<string> {
  const { content_uri: uri } = await person.client.uploadContent(new Blob([new Uint8Array(bytes)]), { type });
  return uri;
}

async function download(person: Person, uri: string): Promise<Buffer> {
  const url = person.client.mxcUrlToHttp(uri, undefined, undefined, undefined, false, true, true);
  const response = await fetch(url ?? "", { headers: { authorization: `Bearer ${person.accessToken}` } });
  if (!response.ok) throw new Error(`${uri} cannot be had: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

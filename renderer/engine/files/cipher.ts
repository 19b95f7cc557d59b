import { sha256 } from "@noble/hashes/sha2.js";
import type { FileEncryption } from "../../../main/matrix/media.ts";

/**
 * The cryptography of attachments ("v2" of the specification's "Sending encrypted attachments"), piece after piece.
 *
 * Not the crypto library's: that takes a file as a whole, and holds it several times over. The browser has the cipher
 * but no hash that can be fed in pieces.
 */

const BLOCK = 16;
/** Bytes of a piece that is encrypted at once: whole blocks, so that the next one can go on where it ends. */
export const PIECE_BYTES = 1 << 20;

/** AES-256 in counter mode, which is the same in both directions, over pieces of whole blocks; the last may be shorter. */
class Counter {
  readonly #key: CryptoKey;
  readonly #block: Uint8Array<ArrayBuffer>;

  constructor(key: CryptoKey, first: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.#block = first;
  }

  async over(piece: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: "AES-CTR", counter: this.#block.slice(), length: 128 };
    this.#advance(Math.ceil(piece.length / BLOCK));
    return new Uint8Array(await crypto.subtle.encrypt(algorithm, this.#key, piece));
  }

  /** The counter is one number of 128 bits that starts again after its end. */
  #advance(blocks: number): void {
    let carry = blocks;
    for (let at = BLOCK - 1; at >= 0 && carry > 0; at -= 1) {
      carry += this.#block[at] ?? 0;
      this.#block[at] = carry % 256;
      carry = Math.floor(carry / 256);
    }
  }
}

/** Decrypts a file. */
export class Opener {
  readonly #counter: Counter;
  readonly #hash = sha256.create();
  readonly #expected: string;

  private constructor(counter: Counter, expected: string) {
    this.#counter = counter;
    this.#expected = expected;
  }

  static async of({ key, iv, sha256: expected }: FileEncryption): Promise<Opener> {
    const jwk = { kty: "oct", alg: "A256CTR", k: urlSafe(key), ext: true };
    const imported = await crypto.subtle.importKey("jwk", jwk, "AES-CTR", false, ["encrypt"]);
    return new Opener(new Counter(imported, fromBase64(iv)), expected);
  }

  async take(piece: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    this.#hash.update(piece);
    return this.#counter.over(piece);
  }

  /** Whether what has been taken was the file that was meant. Until then nothing of it may be used. */
  isGenuine(): boolean {
    return urlSafe(toBase64(this.#hash.digest())) === urlSafe(this.#expected);
  }
}

/** Encrypts a file under a key of its own. */
export class Sealer {
  readonly #counter: Counter;
  readonly #hash = sha256.create();
  readonly #key: string;
  readonly #iv: string;

  private constructor(counter: Counter, key: string, iv: string) {
    this.#counter = counter;
    this.#key = key;
    this.#iv = iv;
  }

  static async create(): Promise<Sealer> {
    const key = await crypto.subtle.generateKey({ name: "AES-CTR", length: 256 }, true, ["encrypt"]);
    const { k } = await crypto.subtle.exportKey("jwk", key);
    // The second half counts the blocks, from nought: whoever counts with 64 bits only comes to the same.
    const first = new Uint8Array(BLOCK);
    crypto.getRandomValues(first.subarray(0, BLOCK / 2));
    const iv = toBase64(first);
    return new Sealer(new Counter(key, first), k ?? "", iv);
  }

  async take(piece: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const sealed = await this.#counter.over(piece);
    this.#hash.update(sealed);
    return sealed;
  }

  /** How to open it, once all of it has been taken. */
  seal(): FileEncryption {
    return { key: this.#key, iv: this.#iv, sha256: toBase64(this.#hash.digest()) };
  }
}

/**
 * Cuts what comes in pieces of any size into pieces of the same size; only the last one is shorter. Each holds until the
 * next one is asked for: they all lie in the same place, since what a large file leaves behind would fill the memory.
 */
export async function* evenly(
  chunks: AsyncIterable<Uint8Array>,
  size = PIECE_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + size - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield piece;
      length = 0;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

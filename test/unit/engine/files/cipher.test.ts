import { createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Attachment, EncryptedAttachment, initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { isFileEncryption, readFileReference, writeEncryptedFile } from "../../../../main/matrix/media.ts";
import { evenly, Opener, PIECE_BYTES, Sealer } from "../../../../renderer/engine/files/cipher.ts";

const URL = "mxc://one.test/file" as const;

beforeAll(() => initAsync());

function bytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length));
}

function together(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** Cut into pieces of whole blocks, as `evenly` does it. */
function cut(file: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] {
  const pieces = [];
  for (let at = 0; at < file.length; at += size) pieces.push(file.slice(at, at + size));
  return pieces;
}

async function all(cipher: Opener | Sealer, pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const taken = [];
  for (const piece of pieces) taken.push(await cipher.take(piece));
  return together(taken);
}

describe("a file that is encrypted in pieces", () => {
  test.each([0, 1, 15, 16, 17, 4_096, 100_003])("of %i bytes opens with the crypto library", async (length) => {
    const file = bytes(length);
    const sealer = await Sealer.create();
    const sealed = await all(sealer, cut(file, 4_096));
    const encryption = sealer.seal();
    expect(isFileEncryption(encryption)).toBe(true);
    const info = JSON.stringify(writeEncryptedFile(URL, encryption));
    expect(Buffer.from(Attachment.decrypt(new EncryptedAttachment(sealed, info)))).toEqual(Buffer.from(file));
  });

  test("has another key and another beginning each time, and half of the counter to count with", async () => {
    const [one, two] = [(await Sealer.create()).seal(), (await Sealer.create()).seal()];
    expect(one.key).not.toBe(two.key);
    expect(one.iv).not.toBe(two.iv);
    expect(Buffer.from(one.iv, "base64").subarray(8)).toEqual(Buffer.alloc(8));
  });
});

describe("a file that the crypto library has encrypted", () => {
  test.each([0, 1, 16, 100_003])("of %i bytes opens in pieces", async (length) => {
    const file = bytes(length);
    const attachment = Attachment.encrypt(file);
    const sealed = new Uint8Array(attachment.encryptedData);
    const info = JSON.parse(attachment.mediaEncryptionInfo ?? "") as Record<string, unknown>;
    const reference = readFileReference(undefined, { ...info, url: URL });
    const opener = await Opener.of(reference?.encryption ?? { key: "", iv: "", sha256: "" });
    expect(Buffer.from(await all(opener, cut(sealed, 1_024)))).toEqual(Buffer.from(file));
    expect(opener.isGenuine()).toBe(true);
  });

  test("and somebody has changed is not genuine", async () => {
    const attachment = Attachment.encrypt(bytes(1_000));
    const sealed = new Uint8Array(attachment.encryptedData);
    sealed[500] = (sealed[500] ?? 0) ^ 1;
    const info = JSON.parse(attachment.mediaEncryptionInfo ?? "") as Record<string, unknown>;
    const reference = readFileReference(undefined, { ...info, url: URL });
    const opener = await Opener.of(reference?.encryption ?? { key: "", iv: "", sha256: "" });
    await all(opener, [sealed]);
    expect(opener.isGenuine()).toBe(false);
  });
});

test("the counter goes on over its end as one number of 128 bits", async () => {
  const key = randomBytes(32);
  const iv = Buffer.alloc(16, 0xff);
  const sealed = bytes(10 * 16);
  const expected = createDecipheriv("aes-256-ctr", key, iv).update(sealed);
  const opener = await Opener.of({
    key: key.toString("base64url"),
    iv: iv.toString("base64").replace(/=+$/, ""),
    sha256: createHash("sha256").update(sealed).digest("base64").replace(/=+$/, ""),
  });
  expect(Buffer.from(await all(opener, cut(sealed, 32)))).toEqual(expected);
  expect(opener.isGenuine()).toBe(true);
});

test("what comes in pieces of any size is cut evenly, and nothing is lost", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(chunks, async (chunks) => {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield* chunks;
      }
      const pieces = [];
      for await (const piece of evenly(source(), 16)) pieces.push(piece.slice());
      expect(together(pieces)).toEqual(together(chunks));
      expect(pieces.slice(0, -1).every((piece) => piece.length === 16)).toBe(true);
      expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    }),
  );
  expect(PIECE_BYTES % 16).toBe(0);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { cutTornWrites } from "../../../main/host/torn-writes.ts";

const BLOCK = 32_768;
const LOG = join("Default", "IndexedDB", "https_example.org_0.indexeddb.leveldb", "000003.log");

function profile(files: Record<string, Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), "ferry-profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

/** One record after the other as LevelDB writes them, and where each of them ends. */
function logOf(lengths: readonly number[]): { log: Buffer; ends: number[] } {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let at = 0;
  const write = (piece: Buffer): void => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const length of lengths) {
    let left = length;
    let begun = false;
    for (let over = false; !over;) {
      const room = BLOCK - (at % BLOCK);
      if (room < 7) {
        write(Buffer.alloc(room));
        continue;
      }
      const bytes = Math.min(left, room - 7);
      left -= bytes;
      over = left === 0;
      // Whole, first, middle, last.
      const kind = begun ? (over ? 4 : 3) : over ? 1 : 2;
      const header = Buffer.from([0xde, 0xad, 0xbe, 0xef, bytes & 0xff, bytes >> 8, kind]);
      write(Buffer.concat([header, Buffer.alloc(bytes, 0x05)]));
      begun = true;
    }
    ends.push(at);
  }
  return { log: Buffer.concat(pieces), ends };
}

describe("cutTornWrites", () => {
  test("leaves the longest run of whole records, wherever the writing was cut off", () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(5_000), fc.integer({ min: 32_700, max: 70_000 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (records, share) => {
        const { log, ends } = logOf(records);
        const cut = Math.floor(share * log.length);
        const folder = profile({ [LOG]: log.subarray(0, cut) });
        cutTornWrites(folder);
        const expected = Math.max(0, ...ends.filter((end) => end <= cut));
        // Compared as a whole: an assertion byte by byte takes seconds.
        expect(readFileSync(join(folder, LOG)).equals(log.subarray(0, expected))).toBe(true);
        rmSync(folder, { recursive: true });
      }),
    );
  });

  test("tells what it has cut, and touches nothing the second time", () => {
    const { log } = logOf([100, 200]);
    const manifest = LOG.replace("000003.log", "MANIFEST-000001");
    const folder = profile({ [LOG]: log.subarray(0, log.length - 3), [manifest]: log.subarray(0, 110) });
    expect(cutTornWrites(folder).sort((a, b) => a.bytes - b.bytes)).toEqual([
      { file: manifest, bytes: 3 },
      { file: LOG, bytes: 204 },
    ]);
    expect(cutTornWrites(folder)).toEqual([]);
  });

  test("leaves alone what is damaged in another way, and what is no log of an IndexedDB", () => {
    const { log } = logOf([100, 200]);
    const torn = log.subarray(0, log.length - 3);
    const unknownKind = Buffer.from(torn);
    unknownKind[6] = 0;
    const beyondItsBlock = Buffer.from(torn);
    beyondItsBlock.writeUInt16LE(0xffff, 4);
    const files = {
      [LOG]: unknownKind,
      [LOG.replace("3.log", "4.log")]: beyondItsBlock,
      [LOG.replace("3.log", "5.ldb")]: torn,
      [join("Default", "Local Storage", "leveldb", "000003.log")]: torn,
    };
    const folder = profile(files);
    expect(cutTornWrites(folder)).toEqual([]);
    for (const [file, content] of Object.entries(files)) expect(readFileSync(join(folder, file))).toEqual(content);
  });
});

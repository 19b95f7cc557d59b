import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";

/** LevelDB's log format: blocks, in which records stand one after the other, each behind a header. */
const BLOCK_BYTES = 32_768;
/** Checksum (4 bytes), length (2, little-endian), kind (1). What is left of a block and shorter than that is padding. */
const HEADER_BYTES = 7;
/** Kinds: a record that is whole, and the pieces of one that goes on over the end of a block. */
const WHOLE = 1;
const LAST = 4;

/**
 * Cuts off what a killed browser was in the middle of writing to the logs of its IndexedDB.
 *
 * Chromium overlooks an unfinished record at the end of a log, goes on writing right behind it, and takes the log for
 * damaged the next time, whereupon it deletes the whole folder: the crypto store, and with it all keys of the device.
 * Without the unfinished record, which never counted, there is nothing to stumble over. To be called only while no
 * browser uses the profile. Should Ferry die on the way, the next start cuts what is left.
 *
 * @returns the files that were cut, each with the number of bytes that went
 */
export function cutTornWrites(profileDir: string): { file: string; bytes: number }[] {
  return logsIn(profileDir).flatMap((file) => {
    const log = readFileSync(join(profileDir, file));
    const whole = wholeBytes(log);
    if (whole === log.length) return [];
    truncateSync(join(profileDir, file), whole);
    return [{ file, bytes: log.length - whole }];
  });
}

/** The logs of every IndexedDB of the profile, seen from its folder: of the data, and of the files (MANIFEST). */
function logsIn(profileDir: string): string[] {
  return readdirSync(profileDir, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.indexeddb\.leveldb[/\\](\d+\.log|MANIFEST-\d+)$/.test(path),
  );
}

/** How much of a log was written to its end. A log that is damaged otherwise is not Ferry's to judge: all of it. */
function wholeBytes(log: Buffer): number {
  let whole = 0;
  for (let at = 0; at < log.length;) {
    const leftOfBlock = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (leftOfBlock < HEADER_BYTES) {
      at += leftOfBlock;
      continue;
    }
    if (at + HEADER_BYTES > log.length) return whole;
    const kind = log.readUInt8(at + 6);
    const bytes = HEADER_BYTES + log.readUInt16LE(at + 4);
    if (kind < WHOLE || kind > LAST || bytes > leftOfBlock) return log.length;
    at += bytes;
    if (at > log.length) return whole;
    if (kind === WHOLE || kind === LAST) whole = at;
  }
  return whole;
}

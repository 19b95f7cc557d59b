import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FerryError } from "../matrix/errors.ts";

/** So many files of one name and day are told apart. */
const MOST_OF_A_DAY = 1000;

/**
 * Writes a file for the user that only they can read (mode 0600), and never in place of another one: where there is one
 * of that name, a number tells them apart.
 *
 * @param folder made where it is not there
 * @param name without `.json`
 * @returns its full path
 * @throws FerryError `file-not-written`, with nothing left behind
 */
export function writeExport(folder: string, name: string, text: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let number = 1; number <= MOST_OF_A_DAY; number++) {
      const path = join(folder, `${name}${number === 1 ? "" : `-${number}`}.json`);
      if (writeNew(path, text)) return path;
    }
  } catch (error) {
    const { message } = error as Error;
    throw new FerryError("file-not-written", `The file could not be written into ${folder}: ${message}.`);
  }
  throw new FerryError(
    "file-not-written",
    `There are too many files called ${name} in ${folder}. Remove some of them.`,
  );
}

/** @returns false where there is a file of that name */
function writeNew(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

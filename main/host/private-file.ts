import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { asFerryError, FerryError } from "../matrix/errors.ts";

/**
 * Writes a file that only the user can read (mode 0600), in one step: after a crash there is the old one or the new
 * one, complete.
 *
 * @throws FerryError `disk-full`, `data-folder`; the old file is then still there
 */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    // A leftover of a crash could have another mode.
    rmSync(temporary, { force: true });
    const file = openSync(temporary, "wx", 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    const full = (error as NodeJS.ErrnoException).code === "ENOSPC";
    if (full)
      throw new FerryError("disk-full", `The disk is full, so ${path} was not written. Make room and try again.`);
    throw new FerryError("data-folder", `Ferry cannot write ${path}: ${asFerryError(error).message}.`);
  }
}

/** Whether a file operation failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** The rename itself is only durable once its folder is. Windows has no such call, and needs none. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

import { statfsSync } from "node:fs";

/** Room that is left where Ferry writes, in bytes. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Where the system does not say, a write that fails will.
    return Number.POSITIVE_INFINITY;
  }
}

import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FerryError } from "../matrix/errors.ts";

const WAIT_MS = 10_000;
const POLL_MS = 50;

/**
 * Makes sure that no browser uses the profile, so that never two clients open one crypto store.
 *
 * A browser whose main process was killed ends by itself when its pipe breaks; one that has not after some seconds is
 * ended, since the profile folder is Ferry's alone. What it leaves behind of its lock is removed.
 *
 * @throws FerryError `browser-failed` where it cannot be ended
 */
export async function freeProfile(profileDir: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (let owner = ownerOf(profileDir); owner !== null; owner = ownerOf(profileDir)) {
    if (Date.now() > deadline) {
      throw new FerryError(
        "browser-failed",
        `An earlier browser (process ${owner}) still uses Ferry's profile. End it.`,
      );
    }
    if (Date.now() > deadline - WAIT_MS / 2) kill(owner);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const name of listing(profileDir))
    if (name.startsWith("Singleton")) rmSync(join(profileDir, name), { force: true });
}

/** The living process that holds the profile's lock; null where there is none. */
function ownerOf(profileDir: string): number | null {
  const lock = join(profileDir, "SingletonLock");
  try {
    if (!lstatSync(lock).isSymbolicLink()) return null;
    // A link that points at "HOST-PID".
    const pid = Number(/-(\d+)$/.exec(readlinkSync(lock))?.[1]);
    return Number.isInteger(pid) && pid > 1 && isBrowserOf(pid, profileDir) ? pid : null;
  } catch {
    return null;
  }
}

/** Process ids are used again: it is the browser only where its command line names the profile. */
function isBrowserOf(pid: number, profileDir: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    // Of a killed process the first thread may have ended while another is still writing.
    if (/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, "utf8")))
      return readdirSync(`/proc/${pid}/task`).length > 1;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profileDir);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone in between.
  }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

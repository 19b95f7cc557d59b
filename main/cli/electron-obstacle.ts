import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasDisplay } from "../host/display.ts";

/** Whether Electron can start on this machine, asked before it is tried: where it cannot, it dies without a word of Ferry's. */

/** What is asked of the machine. */
export interface Machine {
  platform: NodeJS.Platform;
  isRoot: boolean;
  hasDisplay: boolean;
  /** A program's exit status and what it has printed; null where there is no such program. */
  run(program: string, words: readonly string[]): { status: number | null; output: string } | null;
  /** Whose a file is, and its mode; null where there is none. */
  look(path: string): { owner: number; mode: number } | null;
}

export const thisMachine = (): Machine => ({
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  hasDisplay: hasDisplay(),
  run: (program, words) => {
    const { status, stdout, error } = spawnSync(program, words, { encoding: "utf8", timeout: 10_000 });
    return error === undefined ? { status, output: stdout } : null;
  },
  look: (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? null : { owner: found.uid, mode: found.mode & 0o7777 };
  },
});

/** The packages of Debian and Ubuntu that hold what Electron needs of the system. */
const PACKAGES = "libgtk-3-0 libnotify4 libnss3 libxss1 libxtst6 libatspi2.0-0 libsecret-1-0 libasound2 libgbm1";

/** In `mode`: set user id, and everybody may execute it. */
const SUID_HELPER = 0o4755;

/**
 * What keeps Electron from starting, in one sentence with what would mend it; null where nothing is known to. Only Linux
 * can be without libraries or a sandbox.
 *
 * @param path the runtime's program
 */
export function obstacleTo(path: string, machine: Machine): string | null {
  if (machine.platform !== "linux") return null;
  return missingLibraries(path, machine) ?? missingSandbox(path, machine);
}

function missingLibraries(path: string, machine: Machine): string | null {
  const linked = machine.run("ldd", [path])?.output ?? "";
  const libraries = [...linked.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name);
  if (libraries.length === 0) return null;
  const [are, them] = libraries.length === 1 ? ["is", "it"] : ["are", "them"];
  return (
    `Electron needs ${libraries.join(", ")}, which ${are} not installed here, so Ferry goes on with Chromium. ` +
    `To install ${them} on Debian or Ubuntu: sudo apt-get install ${PACKAGES}`
  );
}

/**
 * Chromium's sandbox needs the right to make user namespaces, which Ubuntu 23.10 and later give to known programs only, or
 * a helper that is root's (electron/electron issue 42510). With neither it aborts. To root it refuses its sandbox at all,
 * and to root only is it switched off.
 */
function missingSandbox(path: string, machine: Machine): string | null {
  if (machine.isRoot) return null;
  const helper = join(dirname(path), "chrome-sandbox");
  const found = machine.look(helper);
  if (found?.owner === 0 && (found.mode & SUID_HELPER) === SUID_HELPER) return null;
  const asked = machine.run("unshare", ["--user", "--map-root-user", "true"]);
  // Without that program nobody knows, and it is tried.
  if (asked === null || asked.status === 0) return null;
  return (
    "This system does not let Electron shut its pages into a sandbox, so Ferry goes on with Chromium. To have Ferry's own " +
    `window and tray: sudo chown root:root "${helper}" && sudo chmod 4755 "${helper}"`
  );
}

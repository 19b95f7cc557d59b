import { describe } from "vitest";

const isWindows = process.platform === "win32";
if (isWindows) console.log("Tests of Unix sockets and of files' modes are skipped: Windows has neither.");

/** Describes what there is on Unix only: sockets that are files, and the modes of files. */
export const describeOnUnix = describe.skipIf(isWindows);

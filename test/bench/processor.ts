import { readFileSync } from "node:fs";
import { processesNaming } from "../support/processes.ts";

/** Clock ticks of /proc are 10 ms on every Linux that Ferry meets (sysconf(_SC_CLK_TCK) is 100). */
const TICK_MS = 10;

/**
 * Watches what the processes that name a folder use of the processor, for `--profile` (Linux).
 *
 * @returns a function that answers with the milliseconds used since, by kind of process
 */
export function watchProcessor(folders: readonly string[]): () => Map<string, number> {
  const before = used(folders);
  return () => {
    const since = new Map<string, number>();
    for (const [pid, { kind, ms }] of used(folders)) {
      since.set(kind, (since.get(kind) ?? 0) + ms - (before.get(pid)?.ms ?? 0));
    }
    return since;
  };
}

function used(folders: readonly string[]): Map<number, { kind: string; ms: number }> {
  const pids = folders.flatMap((folder) => processesNaming(folder));
  return new Map(
    [...pids, process.pid].map((pid) => {
      const fields = readProc(pid, "stat").split(")").at(-1)?.trim().split(" ") ?? [];
      // utime and stime, proc_pid_stat(5); the fields before them ended with the name in brackets.
      return [pid, { kind: kindOf(pid), ms: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS }];
    }),
  );
}

function kindOf(pid: number): string {
  if (pid === process.pid) return "the bench";
  const command = readProc(pid, "cmdline").replaceAll("\0", " ");
  if (command.includes("runpy")) return "Synapse";
  if (command.includes("ferry.mjs")) return "main";
  const type = /--utility-sub-type=(\S+)/.exec(command) ?? /--type=(\S+)/.exec(command);
  return `engine, ${type?.[1] ?? "browser"}`;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // It ended meanwhile.
  }
}

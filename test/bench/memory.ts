import { readFileSync } from "node:fs";
import type { Ferry } from "../support/ferry.ts";
import { processesNaming } from "../support/processes.ts";
import { sum } from "./figures.ts";

/** In megabytes. */
export interface Memory {
  main: number;
  engine: number;
}

/**
 * What Ferry's own process and those of its browser hold in memory, with shared pages split between those that share
 * them. Null elsewhere than on Linux.
 */
export function engineAndMain(ferry: Ferry): Memory | null {
  if (process.platform !== "linux") return null;
  const engine = processesNaming(ferry.dataDir).filter((pid) => pid !== ferry.pid);
  return { main: proportionalMemory(ferry.pid), engine: sum(engine.map(proportionalMemory)) };
}

/** Proportional set size (proc_pid_smaps(5)) in megabytes; 0 for a process that has ended meanwhile. */
function proportionalMemory(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return 0;
    throw error;
  }
}

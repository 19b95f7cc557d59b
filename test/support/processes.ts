import { existsSync, readdirSync, readFileSync } from "node:fs";
import { endProcess } from "./cleanup.ts";

interface RunningProcess {
  pid: number;
  parent: number;
  command: string;
}

/** Ids of the processes whose command line names the text, and of all their descendants (Linux). */
export function processesNaming(text: string): number[] {
  const running = runningProcesses();
  const found = new Set(running.filter(({ command }) => command.includes(text)).map(({ pid }) => pid));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of running) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}

/**
 * SIGKILL for a process and everything that belongs to it: whatever names its folder, and all descendants of that.
 * Returns when all have ended; elsewhere than on Linux only the process itself is ended, and its browser notices.
 */
export function killAll(pid: number | undefined, folder: string): void {
  // Found first: once their parent has gone, descendants that do not name the folder cannot be told any more.
  let left = processesNaming(folder);
  endProcess(pid, "SIGKILL");
  for (let round = 0; left.length > 0; round += 1) {
    if (round > 100) throw new Error(`Processes that name ${folder} do not end.`);
    for (const each of left) endProcess(each, "SIGKILL");
    // Synchronous, because this also runs while this process ends.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    left = [...new Set([...left.filter(isRunning), ...processesNaming(folder)])];
  }
}

function isRunning(pid: number): boolean {
  const state = readProc(`/proc/${pid}/stat`).split(")").at(-1)?.trim()[0];
  return state !== undefined && state !== "Z";
}

function runningProcesses(): RunningProcess[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // The name in brackets may itself contain brackets and spaces: what counts stands behind the last one.
      const fields = readProc(`/proc/${name}/stat`).split(")").at(-1)?.trim().split(" ");
      if (fields?.[0] === undefined || fields[0] === "" || fields[0] === "Z") return [];
      const command = readProc(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      return [{ pid: Number(name), parent: Number(fields[1]), command }];
    });
}

function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It ended meanwhile.
  }
}

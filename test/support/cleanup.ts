import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What must not outlive this process: child processes and temporary folders. Every entry runs at the process's end,
 * Ctrl-C included, newest first, and has to be synchronous.
 */
const entries = new Set<() => void>();

/** Registers a clean-up; the answer takes it back, for what has been cleaned up in order. */
export function atEnd(cleanUp: () => void): () => void {
  listen();
  entries.add(cleanUp);
  return () => entries.delete(cleanUp);
}

/** Ends a process by its id; one that has ended already is none of our business. */
export function endProcess(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Removes a folder, also one that a dying process is still writing to. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** A new folder that is gone when this process is. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  atEnd(() => removeFolder(folder));
  return folder;
}

let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  process.on("exit", runAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  const parent = Number(process.env["FERRY_PARENT"]);
  if (parent > 0) endWith(parent);
}

/** Ends this process when another one has gone: the one that prepared this run, and would have passed signals on. */
function endWith(parent: number): void {
  const watch = setInterval(() => {
    if (!isAlive(parent)) process.exit(128 + constants.signals.SIGTERM);
  }, 500);
  watch.unref();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function runAll(): void {
  for (const cleanUp of [...entries].reverse()) {
    entries.delete(cleanUp);
    try {
      cleanUp();
    } catch (error) {
      process.stderr.write(`Cleaning up: ${String(error)}\n`);
    }
  }
}

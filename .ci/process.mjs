import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { constants as machine } from "node:os";
import { delimiter, join } from "node:path";
import { clearInterval, setInterval } from "node:timers";

/** What ends the preparation: a sentence for whoever typed the command, without a stack trace. */
export class Stop extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/** One line about what goes on. Standard error, because standard output belongs to the command itself. */
export function progress(line) {
  process.stderr.write(`${line}\n`);
}

/** Full path of a command, or null where it is not on PATH. A name with a slash is checked as it is. */
export function which(command) {
  const folders = command.includes("/") ? [""] : (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of folders) {
    for (const ending of endings) {
      const path = join(folder, command + ending);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // Not there or not ours to run: not found is the answer.
  }
}

/** Children under way, so that a signal reaches them. */
const children = new Set();
let interrupted = null;

/**
 * Signals go on to what runs, once each: a terminal sends Ctrl-C to the whole group, and npm passes it on besides, so
 * the second within a second is the same one. Whoever gets it cleans up; this process waits for that.
 */
export function passSignalsOn() {
  const last = new Map();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (last.get(signal) ?? 0) < 1000) return;
      last.set(signal, now);
      endChildren(signal);
    });
  }
  if (process.env.npm_lifecycle_event) endWithParent();
}

/** A signal to npm alone ends npm's shell, which tells nobody: then this process has another parent. */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    endChildren("SIGTERM");
  }, 200);
  watch.unref();
}

function endChildren(signal) {
  interrupted = signal;
  for (const child of children) child.kill(signal);
  if (children.size === 0) process.exit(128 + machine.signals[signal]);
}

/**
 * Runs a command and answers with its exit status (128 + number for one that a signal ended).
 *
 * `detached` keeps the terminal's own Ctrl-C away from it, so that it gets the signal once, from here.
 */
export function runAttached(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", detached: process.platform !== "win32", ...options });
    children.add(child);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve(code ?? 128 + (machine.signals[signal] ?? 0));
    });
  });
}

/**
 * Runs a step of the preparation without its output, and answers with its standard output. Where it fails, its output
 * is shown and `failure` is the sentence that it ends with.
 */
export async function runQuietly(command, args, failure, options = {}) {
  const { status, stdout, stderr } = await new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const output = { stdout: "", stderr: "" };
    children.add(child);
    child.stdout.on("data", (data) => (output.stdout += data));
    child.stderr.on("data", (data) => (output.stderr += data));
    child.on("error", (error) => resolve({ ...output, status: 127, stderr: error.message }));
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ ...output, status: code ?? 128 + (machine.signals[signal] ?? 0) });
    });
  });
  if (interrupted) throw new Stop("Interrupted.", 128 + machine.signals[interrupted]);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`.split("\n").slice(-60).join("\n"));
    throw new Stop(failure);
  }
  return stdout;
}

import { spawn, type ChildProcess } from "node:child_process";
import { createConnection } from "node:net";
import { constants } from "node:os";
import { obstacleTo, type Machine } from "./electron-obstacle.ts";
import { findRuntime } from "./electron-runtime.ts";
import type { DesktopArguments, DesktopEnd } from "./environment.ts";

/** Running the desktop app with Electron's runtime, for `ferry start` in a checkout. */

/** How long it may take until Ferry answers, in milliseconds: after that it hangs. */
const PATIENCE_MS = 60_000;

/** How often it is looked whether it answers, in milliseconds. */
const LOOK_EVERY_MS = 200;

/** How long one that hangs may take to end, in milliseconds. */
const END_MS = 5_000;

/** Signals that a program dies of by a fault of its own. */
const FAULTS: readonly NodeJS.Signals[] = ["SIGTRAP", "SIGILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGSYS", "SIGFPE"];

/** Exit statuses of who could not even begin: it cannot be executed, it is not there, a library is missing. */
const NOT_BEGUN = [126, 127];

/** What the desktop app is run with, besides what it is told. */
export interface DesktopSurroundings {
  /** The package's folder, which Electron is given as the app. */
  root: string;
  passphrase: string | undefined;
  environment: NodeJS.ProcessEnv;
  machine: Machine;
  /** Tells the user how far the runtime's fetching is. */
  say: (sentence: string) => void;
  /** Where signals come: the process. */
  signals: Pick<NodeJS.EventEmitter, "on" | "off">;
  /** Milliseconds. */
  patienceMs?: number;
}

/**
 * Runs the desktop app until it ends.
 *
 * @returns its exit status; or null where Electron does not start here, with one sentence that says why, what Ferry does,
 *   and what would mend it. Whatever keeps Ferry itself from starting, the desktop app has said
 */
export async function runDesktop(words: DesktopArguments, surroundings: DesktopSurroundings): Promise<DesktopEnd> {
  const { machine, environment, passphrase, say, signals } = surroundings;
  const found = machine.hasDisplay
    ? await findRuntime(surroundings.root, { now: () => Date.now(), say, environment, signals })
    : { path: null, reason: "There is no display here, so Ferry goes on with Chromium." };
  if ("interrupted" in found) return { status: 128 + constants.signals.SIGINT };
  if (found.path === null) return { status: null, reason: found.reason };
  const obstacle = obstacleTo(found.path, machine);
  if (obstacle !== null) return { status: null, reason: obstacle };
  const child = spawn(found.path, argumentsOf(words, surroundings), {
    stdio: "inherit",
    env: environmentOf(environment, passphrase),
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  signals.on("SIGINT", forward);
  signals.on("SIGTERM", forward);
  try {
    return await endOf(child, words.folder.socket, surroundings.patienceMs ?? PATIENCE_MS);
  } finally {
    signals.off("SIGINT", forward);
    signals.off("SIGTERM", forward);
  }
}

function argumentsOf({ folder, secrets }: DesktopArguments, { root, machine }: DesktopSurroundings): string[] {
  const words = [root, "--data", folder.path, ...(secrets === undefined ? [] : ["--secrets", secrets])];
  // Chromium refuses its sandbox to root, and to root only is it switched off.
  return machine.platform === "linux" && machine.isRoot ? ["--no-sandbox", ...words] : words;
}

function environmentOf(environment: NodeJS.ProcessEnv, passphrase: string | undefined): NodeJS.ProcessEnv {
  // With it Electron would be a Node.
  const others = { ...environment, ELECTRON_RUN_AS_NODE: undefined };
  return passphrase === undefined ? others : { ...others, FERRY_PASSPHRASE: passphrase };
}

/** Ferry has begun when somebody listens at its control socket; who ends before has not come so far. */
async function endOf(child: ChildProcess, socket: string, patienceMs: number): Promise<DesktopEnd> {
  const ended = new Promise<DesktopEnd | { fault: string }>((resolve) => {
    child.once("error", (error) => resolve({ fault: `does not start here (${error.message})` }));
    child.once("exit", (code, signal) => {
      const fault = faultOf(code, signal);
      resolve(fault === null ? { status: code ?? 1 } : { fault: `ended as soon as it was started (${fault})` });
    });
  });
  const began = await hasBegun(socket, ended, patienceMs);
  if (began === "not yet") {
    await endHanging(child, ended);
    return noStart(`was started and did nothing for ${Math.round(patienceMs / 1000)} seconds`);
  }
  const end = await ended;
  if (!("fault" in end)) return end;
  return began === "no" ? noStart(end.fault) : { status: 1 };
}

function noStart(what: string): DesktopEnd {
  return {
    status: null,
    reason: `Electron ${what}, so Ferry goes on with Chromium. What it said of it stands above.`,
  };
}

/** What a program has died of that was no decision of its own; null where it has ended in order, or by being told to. */
function faultOf(code: number | null, signal: NodeJS.Signals | null): string | null {
  if (signal !== null) return FAULTS.includes(signal) ? signal : null;
  if (code === null) return null;
  const ofShell = FAULTS.find((name) => constants.signals[name] + 128 === code);
  if (ofShell !== undefined) return ofShell;
  // Windows: an exception that nobody has caught (NTSTATUS, severity "error").
  return NOT_BEGUN.includes(code) || code >= 0xc0000000 ? `status ${code}` : null;
}

async function hasBegun(
  socket: string,
  ended: Promise<unknown>,
  patienceMs: number,
): Promise<"yes" | "no" | "not yet"> {
  let over = false;
  void ended.then(() => (over = true));
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    if (over) return "no";
    if (await answers(socket)) return "yes";
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return "not yet";
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once("connect", () => resolve(true)).once("error", () => resolve(false));
    connection.once("connect", () => connection.destroy());
  });
}

async function endHanging(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill();
  const killing = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(killing);
}

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { lastLines } from "../../main/log.ts";
import { runCommand } from "../../main/cli/program.ts";
import { systemEnvironment } from "../../main/cli/system.ts";
import { resolveDataFolder } from "../../main/host/data-folder.ts";
import { connectControl } from "../../main/service/control-socket.ts";
import { atEnd, endProcess } from "./cleanup.ts";
import { killAll } from "./processes.ts";
import { until } from "./until.ts";

/** How a `ferry` command ended. */
export interface CliResult {
  status: number;
  stdout: string;
  stderr: string;
  /** What stands on standard output, where that is JSON; otherwise null. */
  json: unknown;
}

export interface FerryOptions {
  /** Its profile; kept over `stop` and `kill`, so that another `startFerry` goes on with it. */
  dataDir: string;
  secrets?: "plain-file" | "passphrase" | "keychain";
  /** How long an event that does not decrypt holds its room's line; Ferry's own 10 seconds where left out. */
  decryptionHoldMs?: number;
}

/** `ferry run`, driven by the `ferry` command as its user does. */
export interface Ferry {
  readonly pid: number;
  readonly dataDir: string;
  /** Waits until it has said that it is ready; fails with its output where it ends instead. */
  waitReady(): Promise<void>;
  /**
   * Runs a `ferry` command for this data folder: while Ferry runs, in this process, which saves starting another one;
   * see `runCli` for the command as its user starts it.
   */
  cli(...words: string[]): Promise<CliResult>;
  /** `ferry login`; answers with the new device's id, fails with what the command says. */
  login(homeserver: string, user: string, password: string): Promise<string>;
  /** `ferry link add`; answers with the link as JSON, fails with what the command says. */
  link(rooms: readonly string[], ...options: string[]): Promise<{ id: string }>;
  /** Waits until it has done all that is to be done with what it has received so far. */
  idle(): Promise<void>;
  /** SIGTERM, and waits for the end. Answers with the exit status. */
  stop(): Promise<number | null>;
  /** SIGKILL for Ferry and for every process of its browser, at once. */
  kill(): Promise<void>;
  /** What it has printed. */
  output(): string;
}

const COMMAND = join(import.meta.dirname, "../../main/bin/ferry.mjs");
const READY_LIMIT_MS = 60_000;
const COMMAND_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 30_000;

/** Ferries that have been started and neither stopped nor killed. */
const ferries = new Set<Ferry>();
const LAST_LINES = 40;

/** What every Ferry that runs, or has ended by itself, has printed, and the end of its log. */
export function describeFerries(): string {
  const described = [...ferries].map((ferry) => {
    const log = lastLines(resolveDataFolder(ferry.dataDir, false).log, LAST_LINES);
    return `Ferry ${ferry.pid} printed:\n${ferry.output().trim()}\nand noted last:\n${log.join("\n")}`;
  });
  return described.join("\n\n") || "No Ferry is running.";
}

/** Starts `ferry run`. Does not wait for it: see `waitReady`. */
export function startFerry(options: FerryOptions): Ferry {
  const { dataDir, decryptionHoldMs } = options;
  const hold = decryptionHoldMs === undefined ? {} : { FERRY_DECRYPTION_HOLD_MS: String(decryptionHoldMs) };
  const secrets = options.secrets ?? "plain-file";
  const child = spawn(process.execPath, [COMMAND, "run", "--data", dataDir, "--secrets", secrets], {
    // Over the channel it notices where this process has gone, by whatever way, and ends too.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...hold },
    detached: true,
  });
  child.channel?.unref();
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  const forget = atEnd(() => killAll(isRunning(child) ? child.pid : undefined, dataDir));
  const perform = (words: readonly string[], input?: string): Promise<CliResult> => {
    const all = [...words, "--data", dataDir];
    return isRunning(child) ? runHere(all, input) : runCli(all, { input });
  };
  const cli = (...words: string[]): Promise<CliResult> => perform(words);
  const over = (): void => {
    forget();
    ferries.delete(ferry);
  };
  const ferry: Ferry = {
    pid: child.pid ?? 0,
    dataDir,
    output: () => output,
    waitReady: () => untilReady(child, () => output),
    cli,
    login: async (homeserver, user, password) => {
      const words = ["login", "--homeserver", homeserver, "--user", user, "--password-stdin", "--json"];
      const { json } = succeeded("ferry login", await perform(words, `${password}\n`));
      return (json as { device_id: string }).device_id;
    },
    link: async (rooms, ...flags) => {
      const result = await cli("link", "add", ...rooms, ...flags, "--yes", "--json");
      return succeeded("ferry link add", result).json as { id: string };
    },
    idle: async () => {
      const control = await connectControl(resolveDataFolder(dataDir, false).socket);
      await control.client.idle({}).finally(() => control.close());
    },
    stop: async () => {
      const status = await stop(child, () => output);
      over();
      return status;
    },
    kill: async () => {
      // An id that nobody waits for any more may be another process's by now.
      killAll(isRunning(child) ? child.pid : undefined, dataDir);
      await ended(child);
      over();
    },
  };
  ferries.add(ferry);
  return ferry;
}

/**
 * Runs a `ferry` command. A time limit keeps a command that hangs from hanging the tests.
 *
 * @param options.input for its standard input, which is empty otherwise
 * @param options.onError called with what it writes to standard error, as it comes
 */
export async function runCli(
  words: readonly string[],
  options: { input?: string | undefined; onError?: (text: string) => void } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [COMMAND, ...words], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString();
    options.onError?.(data.toString());
  });
  // A command that reads nothing may have ended already.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const forget = atEnd(() => endProcess(child.pid, "SIGKILL"));
  const limit = setTimeout(() => {
    stderr += `\n(ended after ${COMMAND_LIMIT_MS / 1000} s)`;
    endProcess(child.pid, "SIGKILL");
  }, COMMAND_LIMIT_MS);
  const [status] = (await once(child, "close")) as [number | null];
  clearTimeout(limit);
  forget();
  return { status: status ?? -1, stdout, stderr, json: parsed(stdout) };
}

/** Runs a `ferry` command in this process, with nobody to be asked: the same but for how it was started. */
async function runHere(words: readonly string[], input = ""): Promise<CliResult> {
  const typed = input.split("\n").slice(0, -1);
  const lines: Record<"out" | "error", string[]> = { out: [], error: [] };
  const status = await runCommand(words, {
    ...systemEnvironment(),
    interactive: false,
    readLine: async () => typed.shift() ?? null,
    print: (text) => void lines.out.push(`${text}\n`),
    complain: (text) => void lines.error.push(`${text}\n`),
  });
  const stdout = lines.out.join("");
  return { status, stdout, stderr: lines.error.join(""), json: parsed(stdout) };
}

/** The result, where the command has succeeded; otherwise an error with what it said. */
export function succeeded(what: string, result: CliResult): CliResult {
  if (result.status === 0) return result;
  throw new Error(`"${what}" ended with ${result.status}: ${result.stderr.trim() || result.stdout.trim()}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Text for people.
  }
}

async function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  const ready = (): boolean => {
    if (!isRunning(child)) throw new Error(`Ferry ended: ${output().trim()}`);
    return output().includes("Ferry is ready");
  };
  await until(ready, READY_LIMIT_MS, () => `Ferry did not get ready. It printed: ${output().trim() || "nothing"}`);
}

async function stop(child: ChildProcess, output: () => string): Promise<number | null> {
  if (!isRunning(child)) return child.exitCode;
  endProcess(child.pid, "SIGTERM");
  const over = (): boolean => !isRunning(child);
  await until(
    over,
    STOP_LIMIT_MS,
    () => `Ferry did not end when asked to. It printed: ${output().trim() || "nothing"}`,
  );
  return child.exitCode;
}

async function ended(child: ChildProcess): Promise<void> {
  if (isRunning(child)) await once(child, "exit");
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** A `ferry login --browser` that waits for the browser. */
export interface BrowserLogin {
  /** What is to be opened in the browser. */
  address: string;
  ended: Promise<CliResult>;
}

/** Begins to log in with the browser, and answers with the address that the command prints. */
export async function beginBrowserLogin(dataDir: string, homeserver: string): Promise<BrowserLogin> {
  let said = "";
  const words = ["login", "--homeserver", homeserver, "--browser", "--json", "--data", dataDir];
  const ended = runCli(words, { onError: (text) => (said += text) });
  let over = false;
  const end = (): boolean => (over = true);
  ended.then(end, end);
  const address = (): string | undefined => /^https?:\S+$/m.exec(said)?.[0];
  await until(
    () => over || address() !== undefined,
    COMMAND_LIMIT_MS,
    () => `No address was printed: ${said}`,
  );
  return { address: address() ?? "", ended };
}

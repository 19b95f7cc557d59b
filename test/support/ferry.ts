import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
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
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/** `ferry run`, driven by the `ferry` command as its user does. */
export interface Ferry {
  readonly pid: number;
  readonly dataDir: string;
  /** Waits until it has said that it is ready; fails with its output where it ends instead. */
  waitReady(): Promise<void>;
  /** Runs a `ferry` command for this data folder. */
  cli(...words: string[]): Promise<CliResult>;
  /** `ferry login`; fails with what the command says. */
  login(homeserver: string, user: string, password: string): Promise<void>;
  /** `ferry link add`; answers with the link as JSON, fails with what the command says. */
  link(rooms: readonly string[], ...options: string[]): Promise<{ id: string }>;
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

/** Starts `ferry run`. Does not wait for it: see `waitReady`. */
export function startFerry(options: FerryOptions): Ferry {
  const { dataDir, env } = options;
  const secrets = options.secrets ?? "plain-file";
  const child = spawn(process.execPath, [COMMAND, "run", "--data", dataDir, "--secrets", secrets], {
    // Over the channel it notices where this process has gone, by whatever way, and ends too.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...env },
    detached: true,
  });
  child.channel?.unref();
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  const forget = atEnd(() => killAll(isRunning(child) ? child.pid : undefined, dataDir));
  const cli = (...words: string[]): Promise<CliResult> => runCli([...words, "--data", dataDir], { env });
  return {
    pid: child.pid ?? 0,
    dataDir,
    output: () => output,
    waitReady: () => untilReady(child, () => output),
    cli,
    login: (homeserver, user, password) => login({ homeserver, user, password, dataDir, env }),
    link: async (rooms, ...flags) => {
      const result = await cli("link", "add", ...rooms, ...flags, "--yes", "--json");
      return succeeded("ferry link add", result).json as { id: string };
    },
    stop: async () => {
      const status = await stop(child, () => output);
      forget();
      return status;
    },
    kill: async () => {
      // An id that nobody waits for any more may be another process's by now.
      killAll(isRunning(child) ? child.pid : undefined, dataDir);
      await ended(child);
      forget();
    },
  };
}

interface Login {
  homeserver: string;
  user: string;
  password: string;
  dataDir: string;
  env?: Record<string, string> | undefined;
}

async function login({ homeserver, user, password, dataDir, env }: Login): Promise<void> {
  const words = ["login", "--homeserver", homeserver, "--user", user, "--password-stdin", "--data", dataDir];
  succeeded("ferry login", await runCli(words, { env, input: `${password}\n` }));
}

/**
 * Runs a `ferry` command. A time limit keeps a command that hangs from hanging the tests.
 *
 * @param options.input for its standard input, which is empty otherwise
 * @param options.onError called with what it writes to standard error, as it comes
 */
export async function runCli(
  words: readonly string[],
  options: { input?: string; env?: Record<string, string> | undefined; onError?: (text: string) => void } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [COMMAND, ...words], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
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

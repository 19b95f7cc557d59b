import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, endProcess, removeFolder } from "./cleanup.ts";
import { writeSynapseConfig, type Limits } from "./synapse-config.ts";
import { until } from "./until.ts";

/** A real homeserver of its own, on loopback, in a temporary folder. */
export interface Synapse {
  /** Base URL of the client-server API, without a trailing slash; the same over restarts. */
  readonly url: string;
  readonly serverName: string;
  readonly dataDir: string;
  /** Makes an account by the shared-secret admin API. Answers with the user id. */
  register(localpart: string, password: string): Promise<string>;
  /** Ends it in order and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL; the folder stays, and `restart` carries on from there. */
  kill(): Promise<void>;
  /** Starts it again on the same port, where needed after ending it in order. */
  restart(): Promise<void>;
}

/**
 * Runs Synapse, and ends it as soon as its standard input closes: whatever way this process goes, SIGKILL included,
 * the homeserver and its folder go too.
 */
const LAUNCHER = `
import os, runpy, shutil, sys, threading
folder = sys.argv[1]
def watch():
    os.read(0, 1)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
sys.argv = ["synapse", "--config-path", os.path.join(folder, "homeserver.yaml")]
runpy.run_module("synapse.app.homeserver", run_name="__main__")
`;

const START_LIMIT_MS = 60_000;

export interface SynapseOptions {
  limits?: Limits;
  serverName?: string;
  configure?: (url: string) => Promise<Record<string, unknown>>;
}

/**
 * Starts a homeserver and waits until it answers (about 2 seconds).
 *
 * @param options.limits rate limits; "none" by default
 * @param options.serverName "ferry.test" by default
 * @param options.configure more of its configuration, for the address that it will have
 */
export async function startSynapse(options: SynapseOptions = {}): Promise<Synapse> {
  const folder = mkdtempSync(join(tmpdir(), "ferry-synapse-"));
  const port = await freePort();
  const serverName = options.serverName ?? "ferry.test";
  const sharedSecret = randomBytes(24).toString("hex");
  const url = `http://127.0.0.1:${port}`;
  const more = (await options.configure?.(url)) ?? {};
  writeSynapseConfig({ folder, serverName, port, sharedSecret, limits: options.limits ?? "none", more });
  const python = synapsePython();
  let child: ChildProcess | null = null;
  const forget = atEnd(() => {
    endProcess(child?.pid, "SIGKILL");
    removeFolder(folder);
  });

  async function start(): Promise<void> {
    child = spawn(python, ["-c", LAUNCHER, folder], { cwd: folder, stdio: ["pipe", "ignore", "pipe"], detached: true });
    await untilAnswering(child, url, folder);
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    endProcess(ending.pid, signal);
    const impatience = setTimeout(() => endProcess(ending.pid, "SIGKILL"), 10_000);
    await exited;
    clearTimeout(impatience);
  }

  await start();
  return {
    url,
    serverName,
    dataDir: folder,
    register: (localpart, password) => register(url, sharedSecret, localpart, password),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    stop: async () => {
      await end("SIGTERM");
      removeFolder(folder);
      forget();
    },
  };
}

let shared: Promise<Synapse> | null = null;

/**
 * The homeserver of this process, which all files that a worker runs have in common: for whoever neither stops it nor
 * wants it otherwise. It ends with the process.
 */
export function sharedSynapse(): Promise<Synapse> {
  return (shared ??= startSynapse());
}

/** Path of the Python that has Synapse; makes it where a test is run without `npm test`. */
function synapsePython(): string {
  const given = process.env["FERRY_SYNAPSE_PYTHON"];
  if (given) return given;
  const script = join(import.meta.dirname, "../../.ci/prepare.mjs");
  return execFileSync(process.execPath, [script, "synapse"], { encoding: "utf8" }).trim();
}

async function untilAnswering(child: ChildProcess, url: string, folder: string): Promise<void> {
  let errors = "";
  child.stderr?.on("data", (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));
  const answers = async (): Promise<boolean> => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Synapse did not start.\n${errors}${tail(join(folder, "synapse.log"))}`);
    }
    try {
      return (await fetch(`${url}/_matrix/client/versions`)).ok;
    } catch {
      return false; // Nothing listens yet.
    }
  };
  await until(answers, START_LIMIT_MS, () => `Synapse did not answer.\n${errors}${tail(join(folder, "synapse.log"))}`);
}

function tail(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(-20).join("\n") : "";
}

/** https://element-hq.github.io/synapse/latest/admin_api/register_api.html */
async function register(url: string, secret: string, localpart: string, password: string): Promise<string> {
  const endpoint = `${url}/_synapse/admin/v1/register`;
  const { nonce } = (await (await fetch(endpoint)).json()) as { nonce: string };
  const fields = [nonce, localpart, password, "notadmin"].join("\0");
  const mac = createHmac("sha1", secret).update(fields).digest("hex");
  const body = JSON.stringify({ nonce, username: localpart, password, admin: false, mac, inhibit_login: true });
  const answer = await fetch(endpoint, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!answer.ok) throw new Error(`Synapse refused the account ${localpart}: ${await answer.text()}`);
  return ((await answer.json()) as { user_id: string }).user_id;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No loopback port is free.");
  return address.port;
}

import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Electron's runtime in a checkout: where it is, and fetching it where it is missing. */

export type Runtime = { path: string } | { path: null; reason: string } | { path: null; interrupted: true };

/** After a failure it is not tried again for so long, in milliseconds: it would take its time at every start. */
const RETRY_AFTER_MS = 24 * 3_600_000;

/** Progress is said whenever so much more is there. */
const STEP = 0.1;

/**
 * Runs before the script of the package `electron` that fetches the runtime, in its process: it counts what comes. Where
 * that script fetches in another way nothing is counted, and it fetches all the same.
 */
const COUNTING = `
const plain = globalThis.fetch;
globalThis.fetch = async (...words) => {
  const response = await plain(...words);
  const total = Number(response.headers.get("content-length"));
  if (!response.ok || response.body === null || !(total > 0)) return response;
  let done = 0;
  const count = new TransformStream({
    transform(chunk, rest) {
      done += chunk.length;
      process.send?.({ done, total });
      rest.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count), response);
};`;

/** What the fetching needs of the world around it. */
export interface Surroundings {
  now(): number;
  /** Tells the user how far it is. */
  say: (sentence: string) => void;
  environment: NodeJS.ProcessEnv;
  /** Where signals come: the process. */
  signals: Pick<NodeJS.EventEmitter, "on" | "off">;
}

/**
 * Finds the runtime's program, and fetches it first where it is missing (over 100 MB).
 *
 * @param root the checkout
 */
export async function findRuntime(root: string, surroundings: Surroundings): Promise<Runtime> {
  const folder = packageFolder(root);
  // An installation without development dependencies.
  if (folder === null) return missing("Electron is not installed here");
  const present = installed(folder, surroundings.environment);
  if (present !== null) return { path: present };
  const mark = join(folder, "ferry-fetch-failed");
  if (failedLately(mark, surroundings.now()))
    return missing("Electron's runtime could not be fetched when it was last tried");
  surroundings.say("Fetching Electron's runtime, which is some 100 MB. Ctrl+C ends it.");
  const outcome = await fetchRuntime(folder, surroundings);
  if (outcome === "interrupted") return { path: null, interrupted: true };
  const fetched = installed(folder, surroundings.environment);
  if (outcome === "fetched" && fetched !== null) return { path: fetched };
  remember(mark, surroundings.now());
  return missing("Electron's runtime cannot be fetched here");
}

function missing(why: string): Runtime {
  return { path: null, reason: `${why}, so Ferry goes on with Chromium. To fetch it: npx install-electron` };
}

function packageFolder(root: string): string | null {
  try {
    return dirname(createRequire(join(root, "package.json")).resolve("electron"));
  } catch {
    return null;
  }
}

/** The program, where it is there and of the package's own version; `ELECTRON_OVERRIDE_DIST_PATH` names another folder. */
function installed(folder: string, environment: NodeJS.ProcessEnv): string | null {
  const name = read(join(folder, "path.txt"));
  const elsewhere = environment["ELECTRON_OVERRIDE_DIST_PATH"];
  if (elsewhere) return present(join(elsewhere, name ?? "electron"));
  if (
    name === null ||
    read(join(folder, "dist", "version"))
      ?.replace(/^v/, "")
      .trim() !== versionOf(folder)
  )
    return null;
  return present(join(folder, "dist", name));
}

function present(path: string): string | null {
  return existsSync(path) ? path : null;
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function failedLately(mark: string, now: number): boolean {
  const failedTs = Number(read(mark) ?? Number.NaN);
  return failedTs <= now && now < failedTs + RETRY_AFTER_MS;
}

/** Where the folder cannot be written to, it is tried again at the next start. */
function remember(mark: string, now: number): void {
  try {
    writeFileSync(mark, String(now));
  } catch {
    return;
  }
}

type Outcome = "fetched" | "failed" | "interrupted";

function fetchRuntime(folder: string, { say, environment, signals }: Surroundings): Promise<Outcome> {
  const words = ["--import", `data:text/javascript,${encodeURIComponent(COUNTING)}`, join(folder, "install.js")];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...environment, ELECTRON_GET_NO_PROGRESS: "1" },
  });
  return new Promise((resolve) => {
    let next = STEP;
    let interrupted = false;
    const interrupt = (): void => {
      interrupted = true;
      child.kill();
    };
    const end = (outcome: Outcome): void => {
      signals.off("SIGINT", interrupt);
      signals.off("SIGTERM", interrupt);
      resolve(interrupted ? "interrupted" : outcome);
    };
    signals.on("SIGINT", interrupt);
    signals.on("SIGTERM", interrupt);
    child.on("message", (message) => {
      const { done, total } = message as { done: number; total: number };
      if (done / total < next) return;
      next = Math.floor(done / total / STEP + 1) * STEP;
      say(`Fetching Electron's runtime: ${megabytes(done)} of ${megabytes(total)} MB`);
    });
    child.once("error", () => end("failed"));
    child.once("exit", (code) => end(code === 0 ? "fetched" : "failed"));
  });
}

function megabytes(size: number): string {
  return (size / 1_000_000).toFixed(0);
}

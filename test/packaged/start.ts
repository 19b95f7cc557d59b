import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveDataFolder } from "../../main/host/data-folder.ts";
import { connectControl, type ControlConnection } from "../../main/service/control-socket.ts";

/**
 * `node test/packaged/start.ts PROGRAM`: starts what people install, with an empty data folder, and ends it. For the
 * workflows: it needs Electron's runtime, which is in the package. Ends with 1 and a sentence where something is not as it
 * should be: it does not start, does not answer, has a page without the sandbox, or does not end in order.
 */

const START_LIMIT_MS = 90_000;
const END_LIMIT_MS = 30_000;

const [program = ""] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), "ferry-packaged-"));
const child = spawn(program, ["--data", data, "--secrets", "plain-file"], { stdio: "inherit" });
const ended = new Promise<string>((resolve) => {
  child.once("error", (error) => resolve(error.message));
  child.once("exit", (code, signal) => resolve(signal ?? String(code)));
});

async function answering(path: string): Promise<ControlConnection> {
  const until = Date.now() + START_LIMIT_MS;
  for (;;) {
    const connection = await connectControl(path).catch(() => null);
    if (connection !== null) return connection;
    const end = await Promise.race([ended, new Promise<null>((resolve) => setTimeout(() => resolve(null), 500))]);
    if (end !== null) throw new Error(`It has ended (${end}) before it answered.`);
    if (Date.now() > until) throw new Error("It does not answer.");
  }
}

/** The processes that were started by this one, and by those. */
function descendants(of: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(statusOf(Number(name), "PPid"))] as const);
  const found = [of];
  for (const known of found) found.push(...parents.filter(([, parent]) => parent === known).map(([id]) => id));
  return found;
}

function statusOf(id: number, field: string): string | undefined {
  try {
    return new RegExp(`^${field}:\\s*(\\S+)$`, "m").exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** Each process with a page in it may make only the system calls that a filter lets through (2: seccomp with a filter). */
function checkSandbox(id: number): void {
  const pages = descendants(id).filter((process) => {
    try {
      return readFileSync(`/proc/${process}/cmdline`, "utf8").includes("--type=renderer");
    } catch {
      return false;
    }
  });
  if (pages.length === 0) throw new Error("It has no page.");
  const open = pages.filter((page) => statusOf(page, "Seccomp") !== "2");
  if (open.length > 0) throw new Error(`${open.length} of its ${pages.length} pages are in no sandbox.`);
  console.log(`${pages.length} pages in the sandbox.`);
}

try {
  const connection = await answering(resolveDataFolder(data).socket);
  const { version, summary } = await connection.client.status({});
  console.log(`Ferry ${version} answers: ${summary}.`);
  if (process.platform === "linux" && child.pid !== undefined) checkSandbox(child.pid);
  await connection.client.quit({});
  connection.close();
  const end = await Promise.race([
    ended,
    new Promise((resolve) => setTimeout(() => resolve("not at all"), END_LIMIT_MS)),
  ]);
  if (end !== "0") throw new Error(`It was to end, and ended with ${String(end)}.`);
  console.log("It has ended in order.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  child.kill("SIGKILL");
  await ended;
  rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

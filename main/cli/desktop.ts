import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { hasDisplay } from "../host/display.ts";
import type { DesktopArguments, DesktopEnd } from "./environment.ts";

/** Finding Electron's runtime and running the desktop app with it, for `ferry start` in a checkout. */

type Found = { path: string } | { path: null; reason: string };

/**
 * Runs the desktop app until it ends.
 *
 * @param root the package's folder, which Electron is given as the app
 * @returns its exit status, or null with one sentence where it cannot be run here
 */
export async function runDesktop(
  root: string,
  passphrase: string | undefined,
  { folder, secrets }: DesktopArguments,
): Promise<DesktopEnd> {
  const found = await findRuntime(root);
  if (found.path === null) return { status: null, reason: found.reason };
  const words = [root, "--data", folder.path];
  if (secrets !== undefined) words.push("--secrets", secrets);
  // Chromium refuses its sandbox to root, and to root only is it switched off.
  if (process.getuid?.() === 0) words.unshift("--no-sandbox");
  const environment = passphrase === undefined ? process.env : { ...process.env, FERRY_PASSPHRASE: passphrase };
  const child = spawn(found.path, words, { stdio: "inherit", env: environment });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", forward);
  process.on("SIGTERM", forward);
  try {
    return await endOf(child);
  } finally {
    process.off("SIGINT", forward);
    process.off("SIGTERM", forward);
  }
}

function endOf(child: ChildProcess): Promise<DesktopEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      const reason = `Electron does not start here (${error.message}), so Ferry goes on with Chromium.`;
      resolve({ status: null, reason });
    });
    child.once("exit", (code) => resolve({ status: code ?? 1 }));
  });
}

async function findRuntime(root: string): Promise<Found> {
  if (!hasDisplay()) {
    return { path: null, reason: "There is no display here, so Ferry goes on with Chromium." };
  }
  const path = await askElectron(root);
  if (path !== null && existsSync(path)) return { path };
  return { path: null, reason: "Electron's runtime is not here, so Ferry goes on with Chromium." };
}

/**
 * The package `electron` names its runtime, and fetches it first where it is missing. It does so while it is being
 * loaded, writing what it likes: so it is loaded in a process of its own, whose last line is the answer.
 */
function askElectron(root: string): Promise<string | null> {
  try {
    createRequire(join(root, "package.json")).resolve("electron");
  } catch {
    // An installation without development dependencies.
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["-e", 'console.log("\\n" + require("electron"))'], {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code === 0 ? (output.trim().split("\n").at(-1) ?? null) : null));
  });
}

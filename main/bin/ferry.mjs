#!/usr/bin/env node
// Starts the built `ferry` command under a Node that is new enough. Plain JavaScript, readable by any Node:
// npm runs this file with the system's Node, which may be an older one.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = [22, 13];
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const built = join(root, "dist", "main", "cli.js");

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** The Node that is pinned as a dependency; installed beside this package where that is a dependency itself. */
function findPinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = [join(root, "node_modules", ".bin"), join(root, "..", ".bin")];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

/** Node's built-in SQLite is stable enough for Ferry, and its users can do nothing about the warning. */
function hideExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === "object" ? rest[0]?.type : rest[0];
    if (type === "ExperimentalWarning") return;
    emitWarning.call(process, warning, ...rest);
  };
}

/** Runs this file again under the other Node. The channel tells that one when this process has gone. */
function runAgain(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`Ferry's own Node (${node}) does not start: ${error.message}.`));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
    process.kill(process.pid, signal);
  });
}

if (!existsSync(built)) {
  fail("Ferry has not been built yet. Run npm run build first.");
} else if (isNewEnough(process.versions.node)) {
  hideExperimentalWarnings();
  await import(pathToFileURL(built).href);
} else {
  const node = findPinnedNode();
  if (node === undefined || realpathSync(node) === realpathSync(process.execPath)) {
    fail(
      `Ferry needs Node ${NEEDED.join(".")} or newer, and this is ${process.versions.node}. ` +
        "Run npm ci first: it brings a newer one along for this platform; or install one.",
    );
  } else {
    runAgain(node);
  }
}

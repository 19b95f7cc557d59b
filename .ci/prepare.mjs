#!/usr/bin/env node
// Makes a fresh clone run: sets up whatever a command needs, then runs it. Plain JavaScript for the system's Node
// (20 or later) and the standard library only, because nothing is installed yet when it starts.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { passSignalsOn, progress, runAttached, runQuietly, Stop, which } from "./process.mjs";
import { ensureSynapse } from "./synapse.mjs";
import { ensurePrograms } from "./system.mjs";

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const inTop = (...parts) => join(top, ...parts);

const VITEST = ["vitest", "run", "--config", "test/vitest.config.ts"];
const FAULTS = ["node", "test/faults/run.ts"];
const MUTATION = [
  "node",
  "node_modules/@stryker-mutator/core/bin/stryker.js",
  "run",
  "test/mutation/stryker.config.json",
];
const UNIT = ["--project", "unit", "--project", "replaced"];

/** What each command runs, step by step, once everything is there, and which suites of the tests. */
const COMMANDS = {
  start: { steps: [["node", "main/bin/ferry.mjs", "start"]] },
  demo: { homeserver: true, steps: [["node", "test/demo/demo.ts"]] },
  bench: { homeserver: true, steps: [["node", "test/bench/bench.ts"]] },
  test: { homeserver: true, keychain: true, steps: [VITEST], suites: ["--project", "!long"] },
  unit: { steps: [VITEST], suites: UNIT },
  watch: { steps: [VITEST.filter((word) => word !== "run")], suites: UNIT },
  long: {
    homeserver: true,
    keychain: true,
    steps: [FAULTS, MUTATION, VITEST],
    suites: ["--project", "long"],
    env: { FERRY_EFFORT: "100" },
  },
  faults: { homeserver: true, steps: [FAULTS] },
  mutation: { steps: [MUTATION] },
  check: {
    homeserver: true,
    keychain: true,
    steps: [["lint", "format:check", "types"].map((script) => ["npm", "run", "--silent", script]), VITEST],
  },
};

async function main([name, ...args]) {
  // For the test support, where a test is run without this script: prints where Synapse's Python is.
  if (name === "synapse") return printSynapse();
  const command = COMMANDS[name];
  if (!command) throw new Stop(`Usage: node .ci/prepare.mjs ${Object.keys(COMMANDS).join("|")} [-- arguments]`, 2);
  process.chdir(top);
  const keytarNow = command.homeserver && (await ensurePrograms({ keychain: command.keychain === true }));
  await ensureDependencies(keytarNow === true);
  await ensureBuild();
  const PATH = inTop("node_modules", ".bin") + delimiter + process.env.PATH;
  // What starts homeservers and browsers ends them when this process has gone, by whatever way.
  const env = { ...command.env, ...process.env, PATH, FERRY_PARENT: String(process.pid) };
  // Node keeps there what it has compiled: tests start the same programs hundreds of times.
  env.NODE_COMPILE_CACHE ??= inTop("node_modules", ".cache", "compiled");
  if (command.homeserver) env.FERRY_SYNAPSE_PYTHON = await ensureSynapse();
  const given = args[0] === "--" ? args.slice(1) : args;
  return runSteps(command.steps, [...suitesFor(command, given), ...given], env);
}

/** The command's own, where the arguments name neither others nor a file of others. */
function suitesFor({ suites = [] }, given) {
  if (given.some((argument) => argument.startsWith("--project"))) return [];
  return given.some((argument) => argument.startsWith("test/long")) ? COMMANDS.long.suites : suites;
}

/** Every step runs, whatever the ones before it found; what is one step runs at once. The arguments are for the last one. */
async function runSteps(steps, args, env) {
  let status = 0;
  for (const [index, step] of steps.entries()) {
    const programs = Array.isArray(step[0]) ? step : [step];
    const given = index === steps.length - 1 ? args : [];
    const running = programs.map(([program, ...fixed]) => {
      if (steps.length > 1) progress(`> ${[program, ...fixed].join(" ")}`);
      return runAttached(...launch(program, [...fixed, ...given]), { env });
    });
    const ended = Math.max(...(await Promise.all(running)));
    if (ended > 128) return ended;
    status ||= ended;
  }
  return status;
}

/** Programs of the checkout run under its own Node, whatever the system has. */
function launch(program, args) {
  if (program === "npm") return [program, args];
  const node = pinnedNode();
  if (program === "node") return [node, args];
  return [node, [inTop("node_modules", program, `${program}.mjs`), ...args]];
}

function pinnedNode() {
  const pinned = which(inTop("node_modules", ".bin", "node"));
  if (pinned) return pinned;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  throw new Stop(`Ferry needs Node 22.13 or later, and npm has none for this machine. This is ${process.version}.`);
}

async function ensureDependencies(keytarNow) {
  const keytarMissing = keytarNow && !existsSync(inTop("node_modules", "keytar"));
  if (dependenciesFit() && !keytarMissing) return;
  progress("Installing dependencies …");
  const failure = "npm could not install the dependencies: what it says is above. Is there a network?";
  await runQuietly("npm", ["ci", "--no-audit", "--no-fund"], failure, { cwd: top });
}

/** Compares what npm says it has installed with what the lock file wants. Optional ones may be missing. */
function dependenciesFit() {
  const installedList = inTop("node_modules", ".package-lock.json");
  if (!existsSync(installedList)) return false;
  const installed = JSON.parse(readFileSync(installedList, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(inTop("package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const present = installed[path];
    return present ? present.version === version : optional === true;
  });
}

async function ensureBuild() {
  const built = Math.min(...["dist/main", "dist/desktop", "dist/renderer"].map((folder) => oldest(inTop(folder))));
  const sources = ["main", "renderer", "assets", "package-lock.json"].map((path) => newest(inTop(path)));
  if (built > Math.max(...sources)) return;
  progress("Building …");
  const PATH = dirname(pinnedNode()) + delimiter + process.env.PATH;
  const failure = "The build failed: what it says is above.";
  await runQuietly("npm", ["run", "build"], failure, { cwd: top, env: { ...process.env, PATH } });
}

/** Time of the newest file or folder (a removed file changes its folder), in milliseconds; 0 for nothing. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Time of the oldest file of a folder, in milliseconds; 0 where the folder is missing. */
function oldest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.min(Date.now(), ...readdirSync(path).map((name) => oldest(join(path, name))));
}

async function printSynapse() {
  await ensurePrograms({ keychain: false });
  process.stdout.write(`${await ensureSynapse()}\n`);
  return 0;
}

passSignalsOn();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  progress(error.message);
  process.exitCode = error.status;
}

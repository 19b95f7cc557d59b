import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { progress, runQuietly } from "./process.mjs";

/** The homeserver that the demo, the tests and the measurements run against. */
const SYNAPSE_VERSION = "1.163.2";
/** Logging in by a single sign-on provider needs a package more. */
const EXTRA = "oidc";

/**
 * Makes the virtual environment with Synapse, in the user's cache folder so that every checkout shares it.
 *
 * It is built beside its place and moved there when it is complete, so that neither an interrupted run nor two runs
 * at once leave half of one. One that no longer works (the system's Python has gone) is made anew.
 *
 * @returns {Promise<string>} path of its Python
 */
export async function ensureSynapse() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrix-ferry");
  const place = join(cache, `synapse-${SYNAPSE_VERSION}-${EXTRA}`);
  if (works(pythonOf(place))) return pythonOf(place);
  progress(`Installing Synapse ${SYNAPSE_VERSION} in ${place} …`);
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  try {
    await runQuietly("python3", ["-m", "venv", draft], "Python could not make a virtual environment for Synapse.");
    const wanted = `matrix-synapse[${EXTRA}]==${SYNAPSE_VERSION}`;
    const failure = `pip could not install ${wanted}: what it says is above. Is there a network?`;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted];
    await runQuietly(pythonOf(draft), pip, failure);
    moveTo(draft, place);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return pythonOf(place);
}

/** Only `python -m` is used of it, never the scripts beside it, which name the folder that it was made in. */
function pythonOf(environment) {
  return process.platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
}

function moveTo(draft, place) {
  if (works(pythonOf(place))) return; // Another run was faster.
  rmSync(place, { recursive: true, force: true });
  renameSync(draft, place);
}

function works(python) {
  if (!existsSync(python)) return false;
  const check = "import authlib, importlib.metadata, synapse; print(importlib.metadata.version('matrix-synapse'))";
  return spawnSync(python, ["-c", check], { encoding: "utf8" }).stdout?.trim() === SYNAPSE_VERSION;
}

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { progress, runQuietly, Stop, which } from "./process.mjs";

const BROWSER_COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_PLACES = {
  linux: ["/usr/bin", "/usr/local/bin", "/snap/bin"].flatMap((folder) =>
    BROWSER_COMMANDS.map((name) => `${folder}/${name}`),
  ),
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: [
    `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env["PROGRAMFILES(X86)"]}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
  ],
};

/** The installed Chrome or Chromium, or null. `FERRY_CHROMIUM` decides where it is set. */
export function findBrowser() {
  const chosen = process.env.FERRY_CHROMIUM;
  if (chosen) {
    if (!which(chosen)) throw new Stop(`FERRY_CHROMIUM names ${chosen}, but there is no such program.`);
    return which(chosen);
  }
  for (const command of [...BROWSER_COMMANDS, ...(BROWSER_PLACES[process.platform] ?? [])]) {
    const path = which(command);
    if (path) return path;
  }
  return null;
}

/**
 * Makes sure of the programs that npm does not bring: a browser, Python for the homeserver, and for the tests a
 * keychain. As root on Debian or Ubuntu it installs what is missing; elsewhere it says which command does.
 *
 * @param {{ keychain: boolean }} wanted whether the keychain's tests are to run
 * @returns {Promise<boolean>} whether keytar's headers have come just now, so that it can be built
 */
export async function ensurePrograms({ keychain }) {
  const needs = { chromium: !findBrowser(), python: !pythonFits() };
  const optional = keychain && process.platform === "linux" && canInstall() ? missingKeychain() : [];
  if (!canInstall()) {
    if (needs.chromium) throw new Stop(withoutBrowser());
    if (needs.python) throw new Stop(withoutPython());
    return false;
  }
  const packages = [
    ...(needs.chromium ? ["chromium"] : []),
    ...(needs.python ? ["python3", "python3-venv"] : []),
    ...optional,
  ];
  if (packages.length === 0) return false;
  await install(packages);
  if (!findBrowser()) throw new Stop(withoutBrowser());
  if (needs.python && !pythonFits()) throw new Stop(withoutPython());
  return packages.includes("libsecret-1-dev");
}

async function install(packages) {
  progress(`Installing ${packages.join(", ")} by apt-get …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const failure = `apt-get could not install ${packages.join(", ")}: what it says is above.`;
  await runQuietly("apt-get", ["update", "-qq"], "apt-get update failed: what it says is above.", { env });
  await runQuietly("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], failure, { env });
}

/** What the keychain's tests need, and keytar's headers, which have to be there before npm builds it. */
function missingKeychain() {
  const present = {
    dbus: which("dbus-run-session"),
    "gnome-keyring": which("gnome-keyring-daemon"),
    "libglib2.0-bin": which("gdbus"),
    "libsecret-tools": which("secret-tool"),
    "libsecret-1-dev": existsSync("/usr/include/libsecret-1"),
  };
  return Object.keys(present).filter((name) => !present[name]);
}

/** Whether there is a Python that can make a virtual environment and is new enough for Synapse. */
function pythonFits() {
  const check = "import ensurepip, sys, venv; print('fits' if sys.version_info >= (3, 10) else 'old')";
  return spawnSync("python3", ["-c", check], { encoding: "utf8" }).stdout?.trim() === "fits";
}

function isDebian() {
  if (!existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

function canInstall() {
  return process.getuid?.() === 0 && isDebian() && which("apt-get") !== null;
}

function withoutBrowser() {
  if (isDebian()) return "Chromium is needed and was not found. Install it with: sudo apt-get install chromium";
  return "Chrome or Chromium is needed and was not found. Install one, or name it by FERRY_CHROMIUM=/path/to/it.";
}

function withoutPython() {
  const need = "Python 3.10 or later with venv is needed for the Synapse homeserver and was not found.";
  return isDebian() ? `${need} Install it with: sudo apt-get install python3 python3-venv` : need;
}

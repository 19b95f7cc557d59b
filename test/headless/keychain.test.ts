import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Ferry's keychain against a real one: gnome-keyring in a D-Bus session and a home of its own. */

const script = join(import.meta.dirname, "keychain-script.ts");
const missing = findMissing();
if (missing !== null) console.log(`The keychain tests are skipped: ${missing}.`);

const KEYRING = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
const LOCK =
  "gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets " +
  "--method org.freedesktop.Secret.Service.Lock '[objectpath \"/org/freedesktop/secrets/collection/login\"]' >/dev/null";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ferry-keyring-"));
  mkdirSync(join(home, ".cache"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe.skipIf(missing !== null)("the system keychain", () => {
  it("stores, finds and deletes", async () => {
    const lines = await inSession(`${KEYRING}; ${steps("get", "set", "get", "delete", "get", "delete")}`);
    expect(lines).toEqual(["get: null", "set: null", 'get: "canary"', "delete: null", "get: null", "delete: null"]);
  });

  it("leaves no item of its own behind", async () => {
    const list = "secret-tool search --all service Ferry 2>&1 | grep -c probe || true";
    expect(await inSession(`${KEYRING}; ${steps("get", "set", "get")}; ${list}`)).toContain("0");
  });

  it("is an error when it is locked, never an empty one", async () => {
    const lines = await inSession(`${KEYRING}; ${steps("set")}; ${LOCK}; ${steps("get", "set", "delete")}`);
    expect(lines[0]).toBe("set: null");
    expect(lines.slice(1).map((line) => line.split(":")[1]?.trim())).toEqual(Array(3).fill("keychain-locked"));
    // What was stored is still there when it is opened again.
    expect(await inSession(`${KEYRING}; ${steps("get")}`)).toEqual(['get: "canary"']);
  });

  it("is an error when it starts locked", async () => {
    await inSession(`${KEYRING}; ${steps("set")}`);
    const start = "gnome-keyring-daemon --start --components=secrets >/dev/null";
    expect((await inSession(`${start}; ${steps("get")}`))[0]).toMatch(/^get: keychain-locked: /);
  });

  it("is an error that says what can be done where there is none", async () => {
    const [line] = await run(process.execPath, [script, "get"], { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" });
    expect(line).toMatch(
      /^get: keychain-unavailable: The system keychain cannot be used \(.*\)\. Unlock or start it\.$/,
    );
  });
});

function steps(...names: string[]): string {
  return `'${process.execPath}' '${script}' ${names.join(" ")}`;
}

function inSession(commands: string): Promise<string[]> {
  return run("dbus-run-session", ["--", "sh", "-c", commands], {});
}

/** Without a display nobody is asked to unlock anything. */
function run(command: string, words: string[], changes: NodeJS.ProcessEnv): Promise<string[]> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: home,
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_RUNTIME_DIR: home,
  };
  for (const name of ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_DATA_HOME"]) delete env[name];
  Object.assign(env, changes);
  return new Promise((resolve, reject) => {
    execFile(command, words, { env, timeout: 40_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim().split("\n"));
      else reject(new Error(`${error.message}\n${stderr}`));
    });
  });
}

/** What of a Linux keyring is not installed here, or null. */
function findMissing(): string | null {
  if (process.platform !== "linux") return "they are for the Secret Service of Linux";
  for (const program of ["dbus-run-session", "gnome-keyring-daemon", "gdbus", "secret-tool"]) {
    const folders = (process.env["PATH"] ?? "").split(":");
    if (!folders.some((folder) => existsSync(join(folder, program)))) return `${program} is not installed`;
  }
  try {
    execFileSync(process.execPath, ["-e", "require('keytar')"], { cwd: import.meta.dirname, stdio: "ignore" });
  } catch {
    return "keytar has not been built";
  }
  return null;
}

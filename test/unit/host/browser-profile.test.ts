import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freeProfile } from "../../../main/host/browser-profile.ts";

function profile(): string {
  const folder = mkdtempSync(join(tmpdir(), "ferry-profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "Preferences"), "{}");
  return folder;
}

/** Leaves what Chromium leaves when it is killed. */
function lock(folder: string, pid: number | string): void {
  symlinkSync(`a-host-name-${pid}`, join(folder, "SingletonLock"));
  symlinkSync("nowhere", join(folder, "SingletonCookie"));
  symlinkSync("nowhere", join(folder, "SingletonSocket"));
}

/** A process whose command line names the profile, as a browser's does; it ends by itself after `seconds`. */
function browserOf(folder: string, seconds: number): ChildProcess {
  const script = `setTimeout(() => {}, ${seconds * 1000})`;
  const child = spawn(process.execPath, ["-e", script, "--", `--user-data-dir=${folder}`], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const leftIn = (folder: string): string[] => readdirSync(folder).sort();

describe("freeProfile", () => {
  test("does nothing to a profile that nobody uses, nor to one that is not there", async () => {
    const folder = profile();
    await freeProfile(folder);
    expect(leftIn(folder)).toEqual(["Preferences"]);
    await freeProfile(join(folder, "missing"));
  });

  test("removes what a browser that was killed has left of its lock, and nothing else", async () => {
    const folder = profile();
    const child = browserOf(folder, 0);
    await new Promise((resolve) => child.once("exit", resolve));
    lock(folder, child.pid ?? 0);
    await freeProfile(folder);
    expect(leftIn(folder)).toEqual(["Preferences"]);
  });

  test("is not held up by another process that has the same number by now", async () => {
    const folder = profile();
    lock(folder, process.pid);
    await freeProfile(folder);
    expect(existsSync(folder)).toBe(true);
    expect(leftIn(folder)).toEqual(["Preferences"]);
  });

  test.each(["1", "0", "-5", "x", ""])("does not take %j for a process", async (pid) => {
    const folder = profile();
    lock(folder, pid);
    await freeProfile(folder);
    expect(leftIn(folder)).toEqual(["Preferences"]);
  });

  test("waits for a browser that is about to end", async () => {
    const folder = profile();
    const child = browserOf(folder, 1);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    lock(folder, child.pid ?? 0);
    await freeProfile(folder);
    await ended;
    expect(child.signalCode).toBeNull();
    expect(() => lstatSync(join(folder, "SingletonLock"))).toThrow();
  });

  test("ends one that does not", async () => {
    const folder = profile();
    const child = browserOf(folder, 60);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    lock(folder, child.pid ?? 0);
    await freeProfile(folder);
    await ended;
    expect(child.signalCode).toBe("SIGKILL");
    expect(leftIn(folder)).toEqual(["Preferences"]);
  }, 15_000);
});

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  appImageOf,
  autostartEntry,
  createAutostart,
  installationOf,
  isEnabled,
  startedWithSystem,
  type Installation,
} from "../../main/desktop/autostart.ts";

const silent = { warn: () => undefined };

/** A system that keeps login items, as Electron shows it. */
function loginItems(found: object = {}) {
  const asked: unknown[] = [];
  const set: unknown[] = [];
  const getLoginItemSettings = (options?: unknown) => {
    asked.push(options);
    return found as ReturnType<Electron.App["getLoginItemSettings"]>;
  };
  return {
    asked,
    set,
    app: { getLoginItemSettings, setLoginItemSettings: (settings: object) => void set.push(settings) },
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ferry-autostart-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function linux(changes: Partial<Installation> = {}): Installation & { file: string } {
  const configFolder = folder();
  const installation: Installation = {
    ...{ platform: "linux", isPackaged: true, program: "/opt/Ferry/matrix-ferry", configFolder, data: null },
    ...changes,
  };
  return { ...installation, file: join(installation.configFolder, "autostart", "org.matrix-ferry.Ferry.desktop") };
}

describe("on Linux", () => {
  test("a file in the user's autostart folder is written, found and removed", async () => {
    const { file, ...installation } = linux();
    const autostart = createAutostart(installation, loginItems().app, silent);
    expect(await autostart?.get()).toBe(false);
    await autostart?.set(true);
    expect(readFileSync(file, "utf8")).toMatch(/^Exec=\/opt\/Ferry\/matrix-ferry --hidden$/m);
    expect(await autostart?.get()).toBe(true);
    await autostart?.set(true);
    await autostart?.set(false);
    await autostart?.set(false);
    expect(existsSync(file)).toBe(false);
    expect(await autostart?.get()).toBe(false);
  });

  test("the data folder goes with it where it is not the ordinary one", async () => {
    const { file, ...installation } = linux({ data: "/home/ana/My Ferry" });
    await createAutostart(installation, loginItems().app, silent)?.set(true);
    expect(readFileSync(file, "utf8")).toContain('--hidden --data "/home/ana/My Ferry"\n');
  });

  test("a file that names an older AppImage names this one from then on; one that was switched off is left alone", () => {
    const { file, ...installation } = linux();
    mkdirSync(join(installation.configFolder, "autostart"));
    writeFileSync(file, autostartEntry(["/home/ana/Ferry-0.1.AppImage", "--hidden"]));
    createAutostart({ ...installation, program: "/home/ana/Ferry-0.2.AppImage" }, loginItems().app, silent);
    expect(readFileSync(file, "utf8")).toContain("Exec=/home/ana/Ferry-0.2.AppImage --hidden\n");
    const off = `${autostartEntry(["/old", "--hidden"])}Hidden=true\n`;
    writeFileSync(file, off);
    createAutostart(installation, loginItems().app, silent);
    expect(readFileSync(file, "utf8")).toBe(off);
  });

  test("what cannot be written is named, and is no reason not to start", async () => {
    const { file, ...installation } = linux();
    writeFileSync(join(installation.configFolder, "autostart"), "a file in the way");
    const autostart = createAutostart(installation, loginItems().app, silent);
    await expect(autostart?.set(true)).rejects.toMatchObject({ code: "data-folder" });
    expect(await autostart?.get()).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    [null, false],
    [autostartEntry(["/x"]), true],
    ["[Desktop Entry]\nExec=x\nHidden=true\n", false],
    ["[Desktop Entry]\nExec=x\nHidden = true\n", false],
    ["[Desktop Entry]\nExec=x\nX-GNOME-Autostart-enabled=false\n", false],
    ["[Desktop Entry]\nExec=x\n# Hidden=true\nHidden=false\n", true],
  ])("the truth is read back from %j: %s", (entry, expected) => {
    expect(isEnabled(entry)).toBe(expected);
  });

  test("a path with a line break in it is refused: it would be a line of the file", () => {
    expect(() => autostartEntry(["/x\nExec=/evil"])).toThrow(expect.objectContaining({ code: "bad-request" }));
  });
});

const HOSTILE = [
  "plain",
  "with space",
  `quote " and ' and \` done`,
  "dollar $HOME and ${HOME}",
  "back\\slash\\\\twice\\",
  "percent %f %U %% 100%",
  "; rm -rf x & | < > * ? # ~ ( )",
  "emoji ⛴ and ünï",
];
const hasGio = process.platform === "linux" && spawnSync("gio", ["version"]).status === 0;
if (!hasGio) console.log("The test of the autostart file with GLib is skipped: there is no `gio launch` here.");

test.skipIf(!hasGio)("what GLib starts of the file is the program that it names, with its arguments", () => {
  // A folder like the ones that AppImages lie in, and a program that says how it was called.
  const place = join(folder(), `My "Apps" 100% $x \\ ⛴`);
  mkdirSync(place);
  const program = join(place, "Ferry-0.1.0.AppImage");
  const called = join(place, "called");
  writeFileSync(
    program,
    `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > "$(dirname "$0")/called.new"\n` +
      `mv "$(dirname "$0")/called.new" "$(dirname "$0")/called"\n`,
  );
  chmodSync(program, 0o755);
  const file = join(place, "x.desktop");
  writeFileSync(file, autostartEntry([program, "--hidden", ...HOSTILE]));
  const ran = spawnSync("gio", ["launch", file], { encoding: "utf8", timeout: 10_000 });
  expect(ran.stderr).toBe("");
  for (let tries = 0; !existsSync(called) && tries < 100; tries += 1) spawnSync("sleep", ["0.05"]);
  expect(readFileSync(called, "utf8")).toBe(`${["--hidden", ...HOSTILE].join("\n")}\n`);
});

describe("on Windows", () => {
  const installation: Installation = {
    ...{ platform: "win32", isPackaged: true, program: "C:\\Ferry\\Ferry.exe", configFolder: "", data: "C:\\My Data" },
  };
  const args = ["--hidden", "--data", '"C:\\My Data"'];

  test("the login item has the arguments, and is asked for by the same", async () => {
    const { app, asked, set } = loginItems({ openAtLogin: true, executableWillLaunchAtLogin: true });
    const autostart = createAutostart(installation, app, silent);
    await autostart?.set(true);
    await autostart?.set(false);
    const path = "C:\\Ferry\\Ferry.exe";
    expect(set).toEqual([
      { openAtLogin: true, enabled: true, path, args },
      { openAtLogin: false, enabled: false, path, args },
    ]);
    expect(await autostart?.get()).toBe(true);
    expect(asked).toEqual([{ path, args }]);
  });

  test("one that is switched off in the task manager is off", async () => {
    const { app } = loginItems({ openAtLogin: true, executableWillLaunchAtLogin: false });
    expect(await createAutostart(installation, app, silent)?.get()).toBe(false);
  });
});

describe("on macOS", () => {
  const installation: Installation = {
    ...{ platform: "darwin", isPackaged: true, program: "/Applications/Ferry.app", configFolder: "", data: null },
  };

  test.each([
    ["enabled", true],
    ["not-registered", false],
    ["requires-approval", false],
    ["not-found", false],
  ])("a login item that is %s", async (status, expected) => {
    const { app, set } = loginItems({ status });
    const autostart = createAutostart(installation, app, silent);
    expect(await autostart?.get()).toBe(expected);
    await autostart?.set(true);
    expect(set).toEqual([{ openAtLogin: true }]);
  });

  test("a Ferry that the system has started stays hidden", () => {
    expect(startedWithSystem("darwin", loginItems({ wasOpenedAtLogin: true }).app)).toBe(true);
    expect(startedWithSystem("darwin", loginItems({ wasOpenedAtLogin: false }).app)).toBe(false);
    expect(startedWithSystem("linux", loginItems({ wasOpenedAtLogin: true }).app)).toBe(false);
  });
});

test("an AppImage is known also where it is mounted in a folder of two names", () => {
  const place = folder();
  mkdirSync(join(place, "real"));
  symlinkSync(join(place, "real"), join(place, "link"), "junction");
  const env = { APPIMAGE: "/home/ana/Ferry.AppImage", APPDIR: join(place, "link") };
  const execPath = join(realpathSync(place), "real", "matrix-ferry");
  if (process.platform !== "win32") expect(appImageOf({ env, execPath })).toBe("/home/ana/Ferry.AppImage");
  expect(appImageOf({ env, execPath: "/opt/Ferry/matrix-ferry" })).toBe(null);
});

describe("an installation", () => {
  test.each(["linux", "win32", "darwin"] as const)(
    "that is a checkout is not started with the computer: %s",
    (platform) => {
      const { app, set, asked } = loginItems();
      expect(createAutostart({ ...linux(), platform, isPackaged: false }, app, silent)).toBeUndefined();
      expect([set, asked]).toEqual([[], []]);
    },
  );

  test("on another system has nobody to ask", () => {
    expect(createAutostart({ ...linux(), platform: "freebsd" }, loginItems().app, silent)).toBeUndefined();
  });

  const process = { platform: "linux" as const, execPath: "/tmp/.mount_Ferry/matrix-ferry" };
  test.each([
    [{}, "/tmp/.mount_Ferry/matrix-ferry", "/home/ana/.config"],
    [
      { APPIMAGE: "/home/ana/Ferry.AppImage", APPDIR: "/tmp/.mount_Ferry" },
      "/home/ana/Ferry.AppImage",
      "/home/ana/.config",
    ],
    // Started from another AppImage, a terminal for example.
    [
      { APPIMAGE: "/home/ana/Terminal.AppImage", APPDIR: "/tmp/.mount_Term" },
      "/tmp/.mount_Ferry/matrix-ferry",
      "/home/ana/.config",
    ],
    [{ APPIMAGE: "", XDG_CONFIG_HOME: "/etc/ana" }, "/tmp/.mount_Ferry/matrix-ferry", "/etc/ana"],
  ])("with %j is started by %s", (env, program, configFolder) => {
    const installation = installationOf({ ...process, env }, "/home/ana", true, null);
    expect(installation).toEqual({ platform: "linux", isPackaged: true, program, configFolder, data: null });
  });
});

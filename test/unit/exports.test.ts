import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeExport } from "../../main/host/export-file.ts";
import { resolveExportFolder } from "../../main/host/export-folder.ts";
import { lastLines } from "../../main/log.ts";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";

let home: string;

beforeEach(() => {
  home = realpathSync(temporaryFolder("ferry-home-"));
});
afterEach(() => removeFolder(home));

const inHome = (...names: string[]): string => {
  const path = join(home, ...names);
  mkdirSync(path, { recursive: true });
  return path;
};
function userDirs(text: string, config = join(home, ".config")): void {
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, "user-dirs.dirs"), text);
}

describe("where files for the user go", () => {
  const folder = (environment: NodeJS.ProcessEnv = {}): string => resolveExportFolder(environment, home);

  test("where the user says", () => {
    inHome("Downloads");
    expect(folder({ FERRY_EXPORTS: "/there" })).toBe("/there");
  });

  test("into what the desktop calls the folder for downloads", () => {
    const own = inHome("Herunter geladen");
    inHome("Downloads");
    userDirs('# comment\nXDG_DESKTOP_DIR="$HOME/Tisch"\nXDG_DOWNLOAD_DIR="$HOME/Herunter geladen"\n');
    expect(folder()).toBe(own);
    const elsewhere = inHome("settings");
    userDirs(`XDG_DOWNLOAD_DIR="${inHome("absolute")}"`, elsewhere);
    expect(folder({ XDG_CONFIG_HOME: elsewhere })).toBe(join(home, "absolute"));
  });

  test.each(['XDG_DOWNLOAD_DIR="$HOME/gone"', 'XDG_DOWNLOAD_DIR="relative"', "nonsense", ""])(
    "into Downloads where that says nothing of use: %s",
    (text) => {
      userDirs(text);
      expect(folder()).toBe(home);
      expect(folder()).not.toBe(inHome("Downloads"));
      expect(folder()).toBe(join(home, "Downloads"));
    },
  );
});

describe("a file for the user", () => {
  test("is for their eyes alone, and never takes another one's place", () => {
    const folder = join(home, "new", "folder");
    const paths = ["1", "2", "3"].map((text) => writeExport(folder, "ferry-links-2026-11-26", text));
    expect(paths.map((path) => path.slice(folder.length + 1))).toEqual([
      "ferry-links-2026-11-26.json",
      "ferry-links-2026-11-26-2.json",
      "ferry-links-2026-11-26-3.json",
    ]);
    expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual(["1", "2", "3"]);
    for (const path of paths) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("that cannot be written leaves nothing, and says where it could not", () => {
    writeFileSync(join(home, "file"), "");
    expect(() => writeExport(join(home, "file"), "x", "1")).toThrow(
      expect.objectContaining({
        code: "file-not-written",
        message: expect.stringContaining(join(home, "file")) as string,
      }),
    );
    const closed = inHome("closed");
    chmodSync(closed, 0o500);
    if (process.getuid?.() !== 0) {
      expect(() => writeExport(closed, "x", "1")).toThrow(expect.objectContaining({ code: "file-not-written" }));
    }
    expect(readdirSync(closed)).toEqual([]);
  });
});

describe("the end of the log", () => {
  test("is found over the file that was put aside", () => {
    const file = join(home, "logs", "ferry.log");
    expect(lastLines(file, 3)).toEqual([]);
    mkdirSync(dirname(file));
    writeFileSync(`${file}.1`, "one\ntwo\n");
    writeFileSync(file, "three\nfour");
    expect(existsSync(`${file}.2`)).toBe(false);
    expect([lastLines(file, 1), lastLines(file, 3), lastLines(file, 9)]).toEqual([
      ["four"],
      ["two", "three", "four"],
      ["one", "two", "three", "four"],
    ]);
  });
});

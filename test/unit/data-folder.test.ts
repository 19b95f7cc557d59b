import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resolveDataFolder } from "../../main/host/data-folder.ts";
import { describeOnUnix } from "../support/on-unix.ts";

let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "ferry-data-")));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

describeOnUnix("the data folder", () => {
  it("is the option, else FERRY_DATA, else the platform's place", () => {
    vi.stubEnv("FERRY_DATA", join(base, "from-environment"));
    vi.stubEnv("XDG_DATA_HOME", join(base, "xdg"));
    expect(resolveDataFolder(join(base, "from-option")).path).toBe(join(base, "from-option"));
    expect(resolveDataFolder().path).toBe(join(base, "from-environment"));
    vi.stubEnv("FERRY_DATA", "");
    if (process.platform === "linux") expect(resolveDataFolder().path).toBe(join(base, "xdg", "ferry"));
  });

  it("is made with its parents, for the user alone", () => {
    const folder = resolveDataFolder(join(base, "a", "b"));
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(folder).toEqual({
      path: join(base, "a", "b"),
      database: join(base, "a", "b", "ferry.db"),
      log: join(base, "a", "b", "logs", "ferry.log"),
      profile: join(base, "a", "b", "profile"),
      window: join(base, "a", "b", "window"),
      socket: join(base, "a", "b", "control.sock"),
      windowSocket: join(base, "a", "b", "window.sock"),
    });
  });

  it("is not made for commands that only ask", () => {
    resolveDataFolder(join(base, "none"), false);
    expect(existsSync(join(base, "none"))).toBe(false);
  });

  it("has one name, however it is written", () => {
    mkdirSync(join(base, "real"), { mode: 0o700 });
    symlinkSync(join(base, "real"), join(base, "alias"));
    expect(resolveDataFolder(join(base, "alias")).socket).toBe(resolveDataFolder(join(base, "real")).socket);
  });

  it("is closed to others where it is empty or Ferry's, and refused where it holds something else", () => {
    const open = join(base, "open");
    mkdirSync(open);
    chmodSync(open, 0o755);
    resolveDataFolder(open);
    expect(statSync(open).mode & 0o777).toBe(0o700);

    chmodSync(open, 0o755);
    writeFileSync(join(open, "photo.jpg"), "");
    expect(() => resolveDataFolder(open)).toThrow(expect.objectContaining({ code: "data-folder" }));
    expect(statSync(open).mode & 0o777).toBe(0o755);

    writeFileSync(join(open, "ferry.db"), "");
    resolveDataFolder(open);
    expect(statSync(open).mode & 0o777).toBe(0o700);
  });

  it("fails with a sentence where a file is in the way", () => {
    writeFileSync(join(base, "file"), "");
    expect(() => resolveDataFolder(join(base, "file"))).toThrow(/in the way|not a folder/);
    expect(() => resolveDataFolder(join(base, "file", "below"))).toThrow(/in the way/);
  });

  it("puts the socket elsewhere where its path would be too long, in a folder of the user's own", () => {
    const long = join(base, "x".repeat(120));
    const { socket } = resolveDataFolder(long);
    const own = dirname(socket);
    try {
      expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100);
      expect(statSync(own).mode & 0o777).toBe(0o700);
      expect(resolveDataFolder(long, false).socket).toBe(socket);
      chmodSync(own, 0o777);
      expect(() => resolveDataFolder(long, false)).toThrow(expect.objectContaining({ code: "data-folder" }));
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });
});

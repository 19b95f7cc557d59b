import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { finishDeletion, openDataFolder } from "../../main/deletion.ts";
import { isMarkedForDeletion, markForDeletion, unmarkForDeletion } from "../../main/host/data-deletion.ts";
import { resolveDataFolder, type DataFolder } from "../../main/host/data-folder.ts";
import { checkForgetting, chooseSecrets, openSecrets } from "../../main/host/secrets-choice.ts";
import { createLogger } from "../../main/log.ts";
import { serveControl } from "../../main/service/control-socket.ts";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { fakeHandlers } from "../support/fake-control.ts";

/** What Ferry keeps goes, all of it and nothing else, however often it is cut off. */

const keychain = vi.hoisted(() => ({ items: new Map<string, string>(), isLocked: false }));
vi.mock("keytar", () => ({
  default: {
    getPassword: async (_service: string, name: string) =>
      keychain.isLocked ? null : (keychain.items.get(name) ?? null),
    setPassword: async (_service: string, name: string, value: string) => {
      if (!keychain.isLocked) keychain.items.set(name, value);
    },
    deletePassword: async (_service: string, name: string) => !keychain.isLocked && keychain.items.delete(name),
  },
}));

let outer: string;
let folder: DataFolder;

beforeEach(() => {
  keychain.items.clear();
  keychain.isLocked = false;
  outer = realpathSync(temporaryFolder("ferry-deletion-"));
  folder = resolveDataFolder(join(outer, "data"));
});
afterEach(() => removeFolder(outer));

const OWN = [
  ...["ferry.db", "ferry.db-wal", "ferry.db-shm", "secrets.json", "secrets-not-encrypted.json", "secrets-kind.json"],
  ...[
    "secrets.json.new",
    "logs/ferry.log",
    "logs/ferry.log.1",
    "logs/ferry.log.2",
    "control.sock",
    "window.sock",
    "window.sock.lock",
    "desktop.json",
  ],
  ...["profile/Default/IndexedDB/000003.log", "electron/Local State", "window/Default/Preferences"],
];
const FOREIGN = ["letter.txt", "logs/other.log", "pictures/cat.jpg"];

function put(...names: string[]): void {
  for (const name of names) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith("secrets-kind.json") ? JSON.stringify({ kind: "plain-file", stored: [] }) : "x");
  }
}

/** Every file there is. */
function files(path = folder.path): string[] {
  if (!existsSync(path)) return [];
  const found = readdirSync(path, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
    .sort();
}

describe("a deletion", () => {
  test("takes all that is Ferry's, and the folder with it", async () => {
    put(...OWN);
    markForDeletion(folder);
    expect(await finishDeletion(folder)).toBe(true);
    expect(existsSync(folder.path)).toBe(false);
    expect(await finishDeletion(folder)).toBe(false);
  });

  test("leaves what is not Ferry's", async () => {
    put(...OWN, ...FOREIGN);
    // A folder where Ferry has a file is not Ferry's either.
    put("ferry.db-journal/inside");
    markForDeletion(folder);
    await finishDeletion(folder);
    expect(files()).toEqual([...FOREIGN, "ferry.db-journal/inside"].sort());
  });

  test("does nothing that was not asked for", async () => {
    put(...OWN);
    expect(await finishDeletion(folder)).toBe(false);
    markForDeletion(folder);
    unmarkForDeletion(folder);
    expect([await finishDeletion(folder), isMarkedForDeletion(folder)]).toEqual([false, false]);
    expect(files()).toEqual(OWN.toSorted());
  });

  test("follows no link out of the folder", async () => {
    const elsewhere = join(outer, "elsewhere");
    mkdirSync(join(elsewhere, "deep"), { recursive: true });
    for (const name of ["ferry.log", "ferry.db", "deep/photo.jpg"]) writeFileSync(join(elsewhere, name), "mine");
    symlinkSync(elsewhere, join(folder.path, "logs"));
    symlinkSync(elsewhere, join(folder.path, "profile"));
    symlinkSync(join(elsewhere, "ferry.db"), join(folder.path, "ferry.db"));
    mkdirSync(join(folder.path, "electron"));
    symlinkSync(elsewhere, join(folder.path, "electron", "Cache"));
    markForDeletion(folder);
    await finishDeletion(folder);
    expect(files(elsewhere)).toEqual(["deep/photo.jpg", "ferry.db", "ferry.log"]);
    // The link that the user has put there is theirs.
    expect(readdirSync(folder.path)).toEqual(["logs"]);
  });

  test("that was cut off anywhere is finished at the next start", async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(OWN), async (left) => {
        put(...left, ...FOREIGN);
        markForDeletion(folder);
        const opened = await openDataFolder(folder.path);
        expect(opened).toEqual(folder);
        expect(files()).toEqual(FOREIGN.toSorted());
      }),
      { numRuns: 30 },
    );
  });

  test("that took all there was leaves a folder to begin with", async () => {
    put(...OWN);
    markForDeletion(folder);
    await openDataFolder(folder.path);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("waits for the Ferry that is running", async () => {
    put(...OWN.filter((name) => name !== "control.sock"));
    const server = await serveControl({ path: folder.socket, handlers: fakeHandlers() });
    markForDeletion(folder);
    expect(await finishDeletion(folder)).toBe(false);
    expect(files()).toContain("ferry.db");
    await server.close();
    expect(await finishDeletion(folder)).toBe(true);
    expect(existsSync(folder.path)).toBe(false);
  });

  test("leaves no log of its own", async () => {
    const logger = createLogger({ file: folder.log, level: "info" });
    logger.info("before");
    markForDeletion(folder);
    await finishDeletion(folder, logger);
    logger.error("after");
    expect(existsSync(folder.path)).toBe(false);
  });

  test("of a folder with a long name takes the socket's own folder, too", async () => {
    const long = resolveDataFolder(join(outer, "x".repeat(120)));
    expect(dirname(long.socket)).not.toBe(long.path);
    const server = await serveControl({ path: long.socket, handlers: fakeHandlers() });
    await server.close();
    markForDeletion(long);
    await finishDeletion(long);
    expect([existsSync(dirname(long.socket)), existsSync(long.path)]).toEqual([false, false]);
  });
});

describe("secrets in the keychain", () => {
  const ANA = "@ana:example.org QWERTY";

  beforeEach(async () => {
    chooseSecrets(folder, "keychain");
    const secrets = openSecrets({ kind: "keychain", folder });
    for (const name of ["access-token", "storage-key"] as const) await secrets.set(ANA, name, "canary");
    keychain.items.set("@ben:example.org OTHER/access-token", "of another data folder");
    put("ferry.db");
    markForDeletion(folder);
  });

  test("that are locked away are known to before anything is begun; other places need no key", async () => {
    await checkForgetting(folder);
    keychain.isLocked = true;
    const other = resolveDataFolder(join(outer, "other"));
    chooseSecrets(other, "passphrase");
    await checkForgetting(other);
    await expect(checkForgetting(folder)).rejects.toMatchObject({ code: "keychain-locked" });
  });

  test("go, those of another data folder stay", async () => {
    await finishDeletion(folder);
    expect([...keychain.items.keys()]).toEqual(["@ben:example.org OTHER/access-token"]);
    expect(existsSync(folder.path)).toBe(false);
  });

  test("that are locked away hold up the files, until they can be removed", async () => {
    keychain.isLocked = true;
    await expect(openDataFolder(folder.path)).rejects.toMatchObject({ code: "keychain-locked" });
    expect([isMarkedForDeletion(folder), files().includes("ferry.db")]).toEqual([true, true]);
    keychain.isLocked = false;
    await openDataFolder(folder.path);
    expect([keychain.items.size, readdirSync(folder.path)]).toEqual([1, []]);
  });

  test("of which nothing is known any more hold up nothing", async () => {
    writeFileSync(join(folder.path, "secrets-kind.json"), "damaged");
    await openDataFolder(folder.path);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

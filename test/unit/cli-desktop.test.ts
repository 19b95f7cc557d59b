import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runDesktop, type DesktopSurroundings } from "../../main/cli/desktop.ts";
import type { Machine } from "../../main/cli/electron-obstacle.ts";
import { resolveDataFolder } from "../../main/host/data-folder.ts";

/**
 * The first start, with stand-ins for Electron's runtime that fail in each of the ways that are known of it, and what the
 * user is told. They are shell scripts.
 */

const VERSION = "45.4.1";
let top: string;
let electron: string;
let data: string;
let signals: EventEmitter;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "ferry-desktop-"));
  electron = join(top, "node_modules", "electron");
  data = join(top, "data");
  signals = new EventEmitter();
  mkdirSync(join(electron, "dist"), { recursive: true });
  writeFileSync(join(top, "package.json"), "{}");
  writeFileSync(
    join(electron, "package.json"),
    JSON.stringify({ name: "electron", version: VERSION, main: "index.js" }),
  );
  writeFileSync(join(electron, "index.js"), "throw new Error('It would fetch the runtime.');");
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** Puts a script in the place of Electron's program. It finds the socket of Ferry in `$SOCKET`, and Node in `$NODE`. */
function standIn(script: string): void {
  const program = join(electron, "dist", "electron");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(electron, "path.txt"), "electron");
  writeFileSync(join(electron, "dist", "version"), VERSION);
}

/** Listens like Ferry, until somebody has seen that. */
const listening = `"$NODE" -e 'require("net").createServer(() => process.exit()).listen(process.env.SOCKET)'`;

const machine: Machine = {
  ...{ platform: "linux", isRoot: false, hasDisplay: true },
  run: () => ({ status: 0, output: "" }),
  look: () => null,
};

interface Start {
  machine?: Partial<Machine>;
  surroundings?: Partial<DesktopSurroundings>;
  environment?: NodeJS.ProcessEnv;
}

async function start({ machine: other, surroundings, environment }: Start = {}) {
  const said: string[] = [];
  const folder = resolveDataFolder(data);
  const end = await runDesktop(
    { folder, secrets: undefined },
    {
      ...{ root: top, passphrase: undefined, patienceMs: 20_000, say: (sentence) => said.push(sentence), signals },
      machine: { ...machine, ...other },
      environment: { ...process.env, NODE: process.execPath, SOCKET: folder.socket, ...environment },
      ...surroundings,
    },
  );
  return { ...end, said };
}

const ON_WITH_CHROMIUM = "so Ferry goes on with Chromium.";

describe.skipIf(process.platform === "win32")("the desktop app", () => {
  test.each<[string, string, string]>([
    ["is killed for its sandbox", "kill -TRAP $$", "Electron ended as soon as it was started (SIGTRAP)"],
    ["crashes", "kill -SEGV $$", "Electron ended as soon as it was started (SIGSEGV)"],
    ["crashes below a shell", "exit 139", "Electron ended as soon as it was started (SIGSEGV)"],
    ["aborts", "kill -ABRT $$", "Electron ended as soon as it was started (SIGABRT)"],
    ["misses a library", "exit 127", "Electron ended as soon as it was started (status 127)"],
  ])("%s, and Ferry goes on without", async (_name, script, expected) => {
    standIn(script);
    expect(await start()).toEqual({
      status: null,
      reason: `${expected}, ${ON_WITH_CHROMIUM} What it said of it stands above.`,
      said: [],
    });
  });

  test("hangs, is ended, and Ferry goes on without", async () => {
    standIn(`echo $$ > "${top}/pid"; exec sleep 1000`);
    const { status, ...rest } = await start({ surroundings: { patienceMs: 1_000 } });
    expect(status).toBeNull();
    expect(rest).toMatchObject({
      reason: `Electron was started and did nothing for 1 seconds, ${ON_WITH_CHROMIUM} What it said of it stands above.`,
    });
    expect(() => process.kill(Number(readFileSync(join(top, "pid"), "utf8")), 0)).toThrow();
  });

  test("cannot be executed, and Ferry goes on without", async () => {
    standIn("exit 0");
    chmodSync(join(electron, "dist", "electron"), 0o644);
    const { status, ...rest } = await start();
    expect(status).toBeNull();
    expect(rest).toMatchObject({
      reason: expect.stringMatching(/^Electron does not start here \(.*EACCES\)/) as string,
    });
  });

  test.each<[string, string, number]>([
    ["does not start, and has said why", "exit 1", 1],
    ["is told to end before it has begun", "kill -TERM $$", 1],
    ["ends in order", `${listening}; exit 0`, 0],
    ["ends with a failure of its own", `${listening}; exit 3`, 3],
    ["crashes after it has begun", `${listening}; kill -SEGV $$`, 1],
  ])("%s: that is the end", async (_name, script, status) => {
    standIn(script);
    expect(await start()).toEqual({ status, said: [] });
  });

  test("gets its words, the passphrase, and no leave to be a Node", async () => {
    standIn(`echo "$@" > "${top}/words"; echo "$FERRY_PASSPHRASE $ELECTRON_RUN_AS_NODE" >> "${top}/words"; exit 3`);
    await start({ surroundings: { passphrase: "secret" }, environment: { ELECTRON_RUN_AS_NODE: "1" } });
    expect(readFileSync(join(top, "words"), "utf8")).toBe(`${top} --data ${data}\nsecret \n`);
  });

  test("runs without its sandbox for root, and for nobody else", async () => {
    standIn(`echo "$1" > "${top}/words"; exit 3`);
    await start({ machine: { isRoot: true, run: () => null } });
    expect(readFileSync(join(top, "words"), "utf8")).toBe("--no-sandbox\n");
    await start();
    expect(readFileSync(join(top, "words"), "utf8")).toBe(`${top}\n`);
  });
});

describe("before it is tried", () => {
  const answer = (answers: Record<string, { status: number; output?: string } | null>): Machine["run"] => {
    return (program) => {
      const given = answers[program];
      return given === null || given === undefined ? null : { output: "", ...given };
    };
  };
  const ldd = { status: 0, output: "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibnss3.so => not found\n" };

  test("a missing library is named, with what installs it", async () => {
    standIn("exit 127");
    const { status, ...rest } = await start({ machine: { run: answer({ ldd }) } });
    expect([status, rest]).toEqual([
      null,
      {
        said: [],
        reason:
          `Electron needs libnss3.so, which is not installed here, ${ON_WITH_CHROMIUM} To install it on Debian or Ubuntu: ` +
          "sudo apt-get install libgtk-3-0 libnotify4 libnss3 libxss1 libxtst6 libatspi2.0-0 libsecret-1-0 libasound2 libgbm1",
      },
    ]);
  });

  test.each<[string, Partial<Machine>, boolean]>([
    ["namespaces", { run: answer({ unshare: { status: 0 } }) }, true],
    ["no namespaces", { run: answer({ unshare: { status: 1 } }) }, false],
    ["nobody to ask", { run: answer({}) }, true],
    ["a helper of root's", { run: answer({ unshare: { status: 1 } }), look: () => ({ owner: 0, mode: 0o4755 }) }, true],
    [
      "a helper of the user's",
      { run: answer({ unshare: { status: 1 } }), look: () => ({ owner: 1000, mode: 0o4755 }) },
      false,
    ],
    [
      "a helper without the bit",
      { run: answer({ unshare: { status: 1 } }), look: () => ({ owner: 0, mode: 0o755 }) },
      false,
    ],
    ["root", { isRoot: true, run: answer({ unshare: { status: 1 } }) }, true],
    ["another system", { platform: "darwin", run: answer({ ldd, unshare: { status: 1 } }) }, true],
  ])("the sandbox is asked for: %s", async (_name, other, isTried) => {
    standIn("exit 3");
    const end = await start({ machine: other });
    if (isTried) expect(end).toEqual({ status: 3, said: [] });
    else {
      const helper = join(electron, "dist", "chrome-sandbox");
      expect(end).toEqual({
        status: null,
        said: [],
        reason:
          `This system does not let Electron shut its pages into a sandbox, ${ON_WITH_CHROMIUM} To have Ferry's own window ` +
          `and tray: sudo chown root:root "${helper}" && sudo chmod 4755 "${helper}"`,
      });
    }
  });

  test("without a display nothing is fetched or tried", async () => {
    expect(await start({ machine: { hasDisplay: false } })).toEqual({
      ...{ status: null, said: [], reason: `There is no display here, ${ON_WITH_CHROMIUM}` },
    });
  });

  test("without the package it is said how to have it", async () => {
    rmSync(electron, { recursive: true });
    expect(await start()).toEqual({
      ...{
        status: null,
        said: [],
        reason: `Electron is not installed here, ${ON_WITH_CHROMIUM} To fetch it: npx install-electron`,
      },
    });
  });
});

describe("the runtime is fetched where it is missing", () => {
  /** A script in the place of the package's own, which fetches from a server here as that one does. */
  function fetching(address: string): void {
    const program = `
      const { writeFileSync, mkdirSync, existsSync } = require("node:fs");
      const { join } = require("node:path");
      (async () => {
        writeFileSync(join(__dirname, "tries"), "x", { flag: "a" });
        const response = await fetch(${JSON.stringify(address)});
        if (!response.ok) process.exit(1);
        const text = await response.text();
        mkdirSync(join(__dirname, "dist"), { recursive: true });
        writeFileSync(join(__dirname, "dist", "electron"), text.trimEnd() + "\\n", { mode: 0o755 });
        writeFileSync(join(__dirname, "dist", "version"), "v${VERSION}");
        writeFileSync(join(__dirname, "path.txt"), "electron");
        process.exit(0);
      })();`;
    writeFileSync(join(electron, "install.js"), program);
  }

  async function serving<Result>(status: number, use: (address: string) => Promise<Result>): Promise<Result> {
    const body = `#!/bin/sh\nexit 3\n${" ".repeat(2_000_000)}`;
    const server = createServer((_request, response) => {
      response.writeHead(status, { "content-length": String(body.length) }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    } finally {
      server.close();
    }
  }

  test("with its progress, and is started then", async () => {
    await serving(200, async (address) => {
      fetching(address);
      const { status, said } = await start();
      expect(status).toBe(3);
      expect(said[0]).toBe("Fetching Electron's runtime, which is some 100 MB. Ctrl+C ends it.");
      expect(said.at(-1)).toBe("Fetching Electron's runtime: 2 of 2 MB");
      expect(said.length).toBeLessThanOrEqual(12);
    });
  });

  test("once a day at most, where it cannot be had", async () => {
    await serving(404, async (address) => {
      fetching(address);
      const first = await start();
      expect(first).toMatchObject({
        status: null,
        reason: `Electron's runtime cannot be fetched here, ${ON_WITH_CHROMIUM} To fetch it: npx install-electron`,
      });
      const second = await start();
      expect(second).toMatchObject({
        ...{ status: null, said: [] },
        reason: `Electron's runtime could not be fetched when it was last tried, ${ON_WITH_CHROMIUM} To fetch it: npx install-electron`,
      });
      expect(readFileSync(join(electron, "tries"), "utf8")).toBe("x");
      writeFileSync(join(electron, "ferry-fetch-failed"), String(Date.now() - 25 * 3_600_000));
      await start();
      expect(readFileSync(join(electron, "tries"), "utf8")).toBe("xx");
    });
  });

  test("until the user ends it", async () => {
    writeFileSync(
      join(electron, "install.js"),
      `setInterval(() => {}, 1000); require("node:fs").writeFileSync(__dirname + "/there", "");`,
    );
    const ended = start();
    while (!existsSync(join(electron, "there"))) await new Promise((resolve) => setTimeout(resolve, 20));
    signals.emit("SIGINT");
    expect(await ended).toMatchObject({ status: 130 });
    expect(existsSync(join(electron, "ferry-fetch-failed"))).toBe(false);
  });
});

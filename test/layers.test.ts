import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { MAY_AWAIT, violations, type Source } from "./layer-rules.ts";
import { MODULES_REPLACED } from "./suites.ts";

/** No file of Ferry breaks an import rule; and the checker is itself checked, on small made-up sources. */

const ROOT = join(import.meta.dirname, "..");

function filesOf(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((path) => /\.(ts|mjs|js|svelte)$/.test(path) && !path.includes("/node_modules/"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

describe("the layers of Ferry", () => {
  test.each(["main", "renderer", "test"])("%s keeps to the rules", (folder) => {
    const files = filesOf(folder);
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap(violations)).toEqual([]);
  });
});

test("whatever replaces a module has a process of its own", () => {
  const replacing = filesOf("test").filter(({ text }) => /^\s*vi\.(do)?[mM]ock\(/m.test(text));
  expect(replacing.map(({ path }) => path)).toEqual(MODULES_REPLACED.toSorted());
});

describe("the checker", () => {
  const refused: [path: string, text: string, expected: string][] = [
    ["main/matrix/ids.ts", 'import { x } from "../bridge/link.ts";', "must not import main/bridge/link.ts"],
    ["main/matrix/ids.ts", 'import { z } from "zod";', "must not import zod"],
    ["main/bridge/route.ts", 'import type { Store } from "../store/store.ts";', "must not import main/store/store.ts"],
    ["main/bridge/route.ts", 'import { readFileSync } from "node:fs";', "must not import node:fs"],
    ["main/bridge/route.ts", 'import { randomBytes } from "node:crypto";', "takes more of node:crypto"],
    ["main/bridge/route.ts", 'import crypto from "node:crypto";', "takes more of node:crypto"],
    ["main/bridge/route.ts", "export const at = Date.now();", "uses Date"],
    ["main/bridge/route.ts", "export const id = Math.random();", "uses Math.random"],
    ["main/bridge/route.ts", "export function f(): Promise<void> { return g(); }", "uses Promise"],
    ["main/bridge/route.ts", "export async function f() {}", "is asynchronous"],
    [MAY_AWAIT, "export const at = Date.now();", "uses Date"],
    ["main/protocol/rpc.ts", 'import { a } from "../app.ts";', "must not import main/app.ts"],
    ["main/store/links.ts", 'import { route } from "../bridge/route.ts";', "must not import main/bridge/route.ts"],
    ["main/store/links.ts", 'export { route } from "../bridge/route.ts";', "must not import main/bridge/route.ts"],
    [
      "main/store/links.ts",
      'import type { Mirror } from "../service/mirror.ts";',
      "must not import main/service/mirror.ts",
    ],
    [
      "main/service/a.ts",
      'import { openSecrets } from "../host/secrets-choice.ts";',
      "must not import main/host/secrets-choice.ts",
    ],
    ["main/service/a.ts", 'const { app } = await import("electron");', "must not import electron"],
    ["main/app.ts", 'import { app } from "electron";', "must not import electron"],
    ["main/app.ts", 'const electron = require("electron");', "must not import electron"],
    ["main/app.ts", 'import { readFileSync } from "fs";', "must write node:fs"],
    [
      "main/app.ts",
      'import { Timeline } from "../renderer/engine/timeline.ts";',
      "must not import renderer/engine/timeline.ts",
    ],
    ["main/app.ts", 'export const name = "org.matrix.msc2923.link";', "names org.matrix.msc2923"],
    ["main/host/keychain.ts", 'import keytar from "keytar";', "must load keytar when it is needed"],
    ["main/electron.ts", 'import { autoUpdater } from "electron-updater";', "must load electron-updater when it is"],
    ["main/app.ts", 'import type { AppUpdater } from "electron-updater";', "must not import electron-updater"],
    ["main/host/host.ts", 'import { chromium } from "playwright-core";', "must not import playwright-core"],
    ["main/app.ts", 'import { DatabaseSync } from "node:sqlite";', "must not import node:sqlite"],
    ["main/log.ts", 'import { MatrixClient } from "matrix-js-sdk/lib/client.js";', "must not import matrix-js-sdk"],
    ["renderer/settings/main.ts", 'import { MatrixClient } from "matrix-js-sdk";', "must not import matrix-js-sdk"],
    [
      "renderer/engine/a.ts",
      'import { route } from "../../main/bridge/route.ts";',
      "must not import main/bridge/route.ts",
    ],
    [
      "renderer/settings/A.svelte",
      '<script lang="ts">\nimport "../../main/log.ts";\n</script>',
      "must not import main/log.ts",
    ],
    ["test/a.test.ts", "\n".repeat(301), "has 301 lines"],
  ];
  test.each(refused)("%s: %s", (path, text, expected) => {
    expect(violations({ path, text }).join("\n")).toContain(expected);
  });

  const allowed: [path: string, text: string][] = [
    ["main/host/keychain.ts", 'const keytar = (await import("keytar")).default; type K = typeof import("keytar");'],
    ["main/host/keychain.ts", 'import type keytar from "keytar";'],
    [
      "main/store/account.ts",
      'import type { Host } from "../host/host.ts"; import { type Link } from "../bridge/link.ts";',
    ],
    ["main/bridge/link.ts", 'import { createHash } from "node:crypto"; const date = { Date: 1 }; // Date'],
    [MAY_AWAIT, "export async function f(): Promise<void> { await g(); }"],
    [
      "renderer/engine/a.ts",
      'import { MatrixClient } from "matrix-js-sdk/lib/client.js"; import "../../main/protocol/engine.ts";',
    ],
    ["test/a.test.ts", `import "matrix-js-sdk"; import "../main/app.ts";${"\n".repeat(300)}`],
  ];
  test.each(allowed)("allows %s: %s", (path, text) => {
    expect(violations({ path, text })).toEqual([]);
  });
});

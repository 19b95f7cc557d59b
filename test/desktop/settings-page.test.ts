import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { chromium, type Browser, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPageBridge } from "../../main/desktop/page-bridge.ts";
import { createPageHandler } from "../../main/desktop/pages.ts";
import { findChromium } from "../../main/host/find-chromium.ts";
import type { controlRequests } from "../../main/protocol/control.ts";
import { fakeStatus } from "../support/fake-control.ts";

/** The built settings page in a real Chromium, with exactly the answers that Electron's scheme handler gives. */

const top = join(import.meta.dirname, "..", "..");
const origin = "https://settings.invalid";
const status = fakeStatus({ summary: "Mirroring 3 links" });
const answers: Partial<Record<keyof typeof controlRequests, unknown>> = { status, linkList: [], proposals: [] };

function chromiumOrReason(): { path: string } | { reason: string } {
  try {
    return { path: findChromium() };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
const found = chromiumOrReason();
if ("reason" in found) console.log(`The settings page's test is skipped: ${found.reason}`);

describe.skipIf("reason" in found)("the settings page", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const outside: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ferry-settings-"));
    await build({
      configFile: false,
      root: join(top, "renderer"),
      base: "./",
      logLevel: "error",
      plugins: [svelte({ configFile: false })],
      build: {
        outDir: folder,
        modulePreload: false,
        assetsInlineLimit: 0,
        rolldownOptions: { input: { settings: join(top, "renderer/settings/index.html") } },
      },
    });
    if (!("path" in found)) return;
    browser = await chromium.launch({ executablePath: found.path, chromiumSandbox: process.getuid?.() !== 0 });
    page = await browser.newPage();
    const answer = createPageHandler("settings", folder, () => []);
    await page.route("**/*", async (route) => {
      const url = route.request().url();
      if (!url.startsWith(`${origin}/`)) {
        outside.push(url);
        return route.abort();
      }
      const response = await answer({ url: url.replace(origin, "ferry://settings"), method: "GET" });
      const body = Buffer.from(await response.arrayBuffer());
      await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
    });
    await page.addInitScript(installFerry, JSON.stringify(answers));
    await page.goto(`${origin}/index.html`);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("shows what Ferry is doing, within its security policy", async () => {
    await page.getByText("Mirroring 3 links").waitFor();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Links");
    expect(await page.evaluate("violations")).toEqual([]);
  });

  const ends = `const yes = () => end("reached"), no = () => end("refused");`;
  const attempts: [string, string, string][] = [
    ["fetch", "connect-src", `fetch("https://example.org/").then(yes, no)`],
    ["fetch of its own origin", "connect-src", `fetch("/index.html").then(yes, no)`],
    [
      "a WebSocket",
      "connect-src",
      `const socket = new WebSocket("wss://example.org/"); socket.onerror = no; socket.onopen = yes`,
    ],
    [
      "an image",
      "img-src",
      `const image = new Image(); image.onerror = no; image.onload = yes; image.src = "https://example.org/i.png"`,
    ],
    // Later, because what the test itself runs may make code from text.
    ["a script from text", "script-src", `setTimeout(() => { try { new Function("")(); yes() } catch { no() } })`],
  ];
  test.each(attempts)("%s is refused by %s", async (_name, directive, script) => {
    await page.evaluate("violations.length = 0");
    expect(await page.evaluate(`new Promise((end) => { ${ends} ${script} })`)).toBe("refused");
    await expect.poll(() => page.evaluate("violations")).toEqual([directive]);
    expect(outside).toEqual([]);
  });
});

test("the preload script is one CommonJS file that needs nothing but Electron", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-preload-"));
  try {
    const configFile = join(top, "main/vite.preload.config.ts");
    await build({ configFile, logLevel: "error", build: { outDir: folder } });
    const script = readFileSync(join(folder, "preload.cjs"), "utf8");
    expect([...script.matchAll(/\brequire\(([^)]*)\)/g)].map(([, name]) => name)).toEqual([`"electron"`]);
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
    const exposed: Record<string, unknown> = {};
    const electron = {
      contextBridge: { exposeInMainWorld: (name: string, value: unknown) => (exposed[name] = value) },
      ipcRenderer: { on: () => undefined, send: () => undefined },
    };
    // As Electron runs it: a script that finds `require` around it.
    runInNewContext(script, { require: () => electron });
    const shape = createPageBridge(electron.ipcRenderer as never);
    expect(Object.keys(exposed)).toEqual(["ferry"]);
    expect(Object.keys(exposed["ferry"] as object)).toEqual(Object.keys(shape));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);

/** Runs in the page before its own script: answers as main does. */
function installFerry(answers: string): void {
  const scope = window as unknown as { violations: string[]; ferry: object };
  scope.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => scope.violations.push(event.violatedDirective));
  let listener: (text: string) => void = () => undefined;
  scope.ferry = {
    send: async (text: string) => {
      const { t, i, m } = JSON.parse(text) as { t: string; i: string; m: string };
      const value = (JSON.parse(answers) as Record<string, unknown>)[m];
      if (t === "q") listener(JSON.stringify({ t: "s", i, r: { value } }));
    },
    onReceive: (next: (text: string) => void) => (listener = next),
  };
}

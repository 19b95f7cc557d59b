import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSources, createPageHandler, pageOf } from "../../main/desktop/pages.ts";
import type { PageName } from "../../main/host/page-files.ts";
import { discoveryReach } from "../../main/service/engine.ts";

let root: string;
let folder: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ferry-pages-"));
  folder = join(root, "renderer");
  for (const name of ["engine", "settings", "assets"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "engine", "index.html"), "engine page");
  writeFileSync(join(folder, "settings", "index.html"), "settings page");
  writeFileSync(join(folder, "assets", "engine-Ab_1-2.js"), "script");
  writeFileSync(join(folder, "assets", "crypto-9.wasm"), "wasm");
  writeFileSync(join(folder, "assets", "notes.txt"), "not for pages");
  writeFileSync(join(folder, "secret.js"), "secret");
  writeFileSync(join(root, "secret.js"), "secret");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function ask(page: PageName, url: string, method = "GET", connect: string[] = []): Promise<Response> {
  return createPageHandler(page, folder, () => connect)({ url, method });
}

describe("what a page is served", () => {
  const served: [PageName, string, string, string][] = [
    ["engine", "ferry://engine/", "engine page", "text/html; charset=utf-8"],
    ["engine", "ferry://engine/index.html?x=1#y", "engine page", "text/html; charset=utf-8"],
    ["engine", "ferry://engine/assets/engine-Ab_1-2.js", "script", "text/javascript; charset=utf-8"],
    ["engine", "ferry://engine/assets/crypto-9.wasm", "wasm", "application/wasm"],
    ["settings", "ferry://settings/index.html", "settings page", "text/html; charset=utf-8"],
    ["settings", "ferry://settings/x/../index.html", "settings page", "text/html; charset=utf-8"],
  ];
  test.each(served)("%s gets %s", async (page, url, body, type) => {
    const response = await ask(page, url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(body);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-dns-prefetch-control")).toBe("off");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  const refused: [PageName, string][] = [
    ["engine", "ferry://settings/index.html"],
    ["settings", "ferry://engine/index.html"],
    ["engine", "ferry://engine/settings/index.html"],
    ["engine", "ferry://engine/engine/index.html"],
    ["engine", "ferry://engine.example/index.html"],
    ["engine", "ferry://name@engine/index.html"],
    ["engine", "ferry://engine:80/index.html"],
    ["engine", "https://engine/index.html"],
    ["engine", "file:///etc/passwd"],
    ["engine", "ferry://engine/secret.js"],
    ["engine", "ferry://engine/../secret.js"],
    ["engine", "ferry://engine/assets/../../secret.js"],
    ["engine", "ferry://engine/assets/%2e%2e/secret.js"],
    ["engine", "ferry://engine/assets/..%2fsecret.js"],
    ["engine", "ferry://engine/assets/..%5csecret.js"],
    ["engine", "ferry://engine/assets/..\\secret.js"],
    ["engine", "ferry://engine/assets//etc/passwd"],
    ["engine", "ferry://engine//etc/passwd"],
    ["engine", "ferry://engine/assets/%00.js"],
    ["engine", "ferry://engine/assets/.hidden.js"],
    ["engine", "ferry://engine/assets/notes.txt"],
    ["engine", "ferry://engine/assets/"],
    ["engine", "ferry://engine/assets/missing.js"],
    ["engine", "no address"],
  ];
  test.each(refused)("%s does not get %s", async (page, url) => {
    const response = await ask(page, url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe("");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test.each(["POST", "PUT", "HEAD", "OPTIONS"])("%s is refused", async (method) => {
    expect((await ask("engine", "ferry://engine/index.html", method)).status).toBe(405);
  });
});

describe("the content security policy", () => {
  async function policyOf(page: PageName, connect: string[]): Promise<Map<string, string>> {
    const response = await ask(page, `ferry://${page}/`, "GET", connect);
    const text = response.headers.get("content-security-policy") ?? "";
    return new Map(text.split(";").map((part) => part.trim().split(/ (.*)/s) as [string, string]));
  }

  test("the engine page may connect to its own files and what it was given", async () => {
    const policy = await policyOf("engine", ["https://matrix.example.org", "http://127.0.0.1:8008"]);
    expect(policy.get("connect-src")).toBe("'self' https://matrix.example.org http://127.0.0.1:8008");
    expect(policy.get("script-src")).toBe("'self' 'wasm-unsafe-eval'");
    expect(policy.get("default-src")).toBe("'none'");
  });

  test("the settings page may connect to nothing", async () => {
    const policy = await policyOf("settings", ["https://matrix.example.org"]);
    // A directive that is missing falls back to the default, which is none.
    expect(policy.get("connect-src") ?? "'none'").toBe("'none'");
    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect([...policy.values()].join(" ")).not.toMatch(/https?:|unsafe|\*/);
  });

  test.each(["engine", "settings"] as const)("%s cannot send forms, be framed or change its base", async (page) => {
    const policy = await policyOf(page, []);
    for (const directive of ["base-uri", "form-action", "frame-ancestors"])
      expect(policy.get(directive)).toBe("'none'");
  });

  test("origins are taken, and a path is cut off", () => {
    expect(checkSources(["https://a.example/x", "http://[::1]:8008", "https:"])).toEqual([
      "https://a.example",
      "http://[::1]:8008",
      "https:",
    ]);
  });

  test("lets the engine look for a homeserver", () => {
    const { connect } = discoveryReach("http://home.test:8008/path");
    expect(checkSources(connect)).toEqual(connect);
  });

  test.each([
    "*",
    "'unsafe-inline'",
    "https://a.example; script-src *",
    "data:",
    "ws://a.example",
    "https://*.example",
  ])("%s is not taken", (source) => {
    expect(() => checkSources([source])).toThrow(expect.objectContaining({ code: "bad-request" }));
  });
});

test.each([
  ["ferry://engine/index.html", "engine"],
  ["ferry://settings/", "settings"],
  ["ferry://settings", "settings"],
  ["ferry://other/", null],
  ["ferry:engine", null],
  ["https://engine/", null],
  ["", null],
  [null, null],
])("the page of %s is %s", (address, page) => {
  expect(pageOf(address)).toBe(page);
});

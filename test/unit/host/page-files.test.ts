import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentSecurityPolicy, readPageFile } from "../../../main/host/page-files.ts";

let base: string;
let pages: string;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "ferry-pages-"));
  pages = join(base, "pages");
  for (const folder of ["engine", "settings", "assets", "assets/deep"])
    mkdirSync(join(pages, folder), { recursive: true });
  const files = [
    "engine/index.html",
    "settings/index.html",
    "assets/app-1a2b.js",
    "assets/crypto.wasm",
    "assets/deep/x.js",
  ];
  for (const file of [...files, "assets/secret.txt", "assets/.hidden.js", "engine/other.html"])
    writeFileSync(join(pages, file), file);
  writeFileSync(join(base, "outside.js"), "outside");
  symlinkSync(join(base, "outside.js"), join(pages, "assets", "link.js"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const read = (path: string, page: "engine" | "settings" = "engine") =>
  readPageFile(pages, page, path, { connect: ["https://hs.test"] });

describe("a page's origin", () => {
  test.each([
    ["/", "engine/index.html", "text/html; charset=utf-8"],
    ["/index.html", "engine/index.html", "text/html; charset=utf-8"],
    ["/assets/app-1a2b.js", "assets/app-1a2b.js", "text/javascript; charset=utf-8"],
    ["/assets/crypto.wasm", "assets/crypto.wasm", "application/wasm"],
  ])("serves %s", async (path, body, type) => {
    const file = await read(path);
    expect(file?.body.toString()).toBe(body);
    expect(file?.headers).toMatchObject({ "content-type": type, "x-content-type-options": "nosniff" });
  });

  test("serves its own index, not the other page's", async () => {
    expect((await read("/", "settings"))?.body.toString()).toBe("settings/index.html");
    expect(await read("/settings/index.html")).toBeNull();
    expect(await read("/engine/other.html")).toBeNull();
  });

  test.each([
    ...[
      "",
      "//",
      "/assets",
      "/assets/",
      "/assets/missing.js",
      "/assets/secret.txt",
      "/assets/deep/x.js",
      "/assets/.hidden.js",
    ],
    ...["/assets/../../outside.js", "/../outside.js", "/assets/..%2f..%2foutside.js", "/assets/..\\..\\outside.js"],
    ...[
      "/assets/%2e%2e/outside.js",
      "/assets//app-1a2b.js",
      "assets/app-1a2b.js",
      "/assets/app-1a2b.js\0",
      "/assets/app-1a2b.js?x",
    ],
    ...["/ASSETS/app-1a2b.js", "/assets/app-1a2b.js/", "/index.html/../assets/app-1a2b.js", "/assets/deep"],
  ])("does not serve %j", async (path) => expect(await read(path)).toBeNull());

  test("serves nothing from outside, whatever is asked for", async () => {
    const piece = fc.constantFrom(
      "/",
      "..",
      ".",
      "%2e",
      "%2f",
      "\\",
      "assets",
      "outside.js",
      "app-1a2b.js",
      "\0",
      "deep",
      "~",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const file = await read(pieces.join(""));
        expect(["engine/index.html", "assets/app-1a2b.js", undefined]).toContain(file?.body.toString());
      }),
      { numRuns: 300 },
    );
  });
});

describe("the content security policy", () => {
  const directives = (policy: string) =>
    new Map(policy.split("; ").map((part) => [part.split(" ")[0], part.split(" ").slice(1)]));

  test("lets the engine talk to the homeserver and to nobody else", () => {
    const policy = directives(contentSecurityPolicy("engine", { connect: ["https://hs.test"] }));
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("connect-src")).toEqual(["'self'", "https://hs.test"]);
    expect(policy.get("script-src")).toEqual(["'self'", "'wasm-unsafe-eval'"]);
  });

  test("lets the settings page talk to nobody, whatever it is given", () => {
    const policy = contentSecurityPolicy("settings", { connect: ["https://hs.test"] });
    expect(directives(policy).get("default-src")).toEqual(["'none'"]);
    expect(policy).not.toMatch(/connect-src|https?:|unsafe|\*/);
  });

  test("lets a document on the homeserver's origin take scripts from Ferry's files, not from the homeserver", async () => {
    writeFileSync(join(pages, "engine", "index.html"), '<script type="module" src="../assets/app-1a2b.js"></script>');
    const sources = { connect: ["https://hs.test"], files: "https://files.test" };
    const document = await readPageFile(pages, "engine", "/", sources);
    writeFileSync(join(pages, "engine", "index.html"), "engine/index.html");
    const policy = directives(document?.headers["content-security-policy"] ?? "");
    expect(policy.get("script-src")).toEqual(["https://files.test", "'wasm-unsafe-eval'"]);
    expect(policy.get("connect-src")).toEqual(["https://files.test", "https://hs.test"]);
    expect(document?.body.toString()).toContain('src="https://files.test/assets/app-1a2b.js"');
  });

  test("stands in the answer", async () => {
    expect((await read("/"))?.headers["content-security-policy"]).toBe(
      contentSecurityPolicy("engine", { connect: ["https://hs.test"] }),
    );
  });
});

import { existsSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { extractFile, listPackage, statFile } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FRAMES, trayIcon } from "../../main/desktop/tray-icons.ts";
import { trayStates } from "../../main/service/status-text.ts";
import { packageFerry, type Packaged } from "../support/packaged.ts";

/** What a release of Ferry consists of: electron-builder packages it for Linux with a stand-in for Electron's runtime. */

const top = join(import.meta.dirname, "..", "..");
const DESKTOP_ID = "org.matrix-ferry.Ferry";

/** In the fuse wire's order (@electron/fuses). */
const FUSES: [keyof typeof FuseV1Options, boolean][] = [
  ["RunAsNode", false],
  ["EnableCookieEncryption", false],
  ["EnableNodeOptionsEnvironmentVariable", false],
  ["EnableNodeCliInspectArguments", false],
  ["EnableEmbeddedAsarIntegrityValidation", true],
  ["OnlyLoadAppFromAsar", true],
  ["LoadBrowserProcessSpecificV8Snapshot", false],
  ["GrantFileProtocolExtraPrivileges", false],
];

function reasonToSkip(): string | null {
  if (process.platform !== "linux") return "the stand-in for Electron's runtime is one for Linux";
  if (!existsSync(join(top, "dist/desktop/electron.js"))) return "Ferry is not built (npm run build)";
  return null;
}
const reason = reasonToSkip();
if (reason !== null) console.log(`The packaging test is skipped: ${reason}.`);

describe.skipIf(reason !== null)("the packaged application", () => {
  let packaged: Packaged;
  let asar: string;
  let files: string[];

  beforeAll(async () => {
    packaged = await packageFerry(
      top,
      FUSES.map(([, isOn]) => isOn),
    );
    asar = join(packaged.folder, "resources", "app.asar");
    files = listPackage(asar, { isPack: false })
      .map((path) => path.replaceAll("\\", "/").slice(1))
      .filter((path) => !("files" in statFile(asar, path)));
  }, 120_000);
  afterAll(() => packaged?.remove());

  test("has everything that it runs on", () => {
    const icons = trayStates.flatMap((state) =>
      Array.from({ length: state === "catching-up" ? FRAMES : 1 }, (_, frame) => trayIcon(state, "linux", frame)),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        ...["package.json", "dist/desktop/electron.js", "dist/desktop/preload.cjs", "assets/icon.png"],
        ...["dist/renderer/engine/index.html", "dist/renderer/settings/index.html"],
        ...icons.flatMap((icon) => [`assets/tray/${icon}`, `assets/tray/${icon.replace(".png", "@2x.png")}`]),
        ...["node_modules/keytar/package.json", "node_modules/keytar/lib/keytar.js"],
      ]),
    );
    expect(files.some((path) => /^dist\/renderer\/assets\/.*\.wasm$/.test(path))).toBe(true);
    expect(JSON.parse(extractFile(asar, "package.json").toString())).toMatchObject({
      main: "dist/desktop/electron.js",
    });
  });

  test("has keytar's program beside the archive, where it can be loaded", () => {
    const keytar = "node_modules/keytar/build/Release/keytar.node";
    // The build of an optional dependency may have failed; then there is nothing to be packaged.
    expect(existsSync(join(`${asar}.unpacked`, keytar))).toBe(existsSync(join(top, keytar)));
    expect(files.filter((path) => path.endsWith(".node"))).toEqual(existsSync(join(top, keytar)) ? [keytar] : []);
  });

  test("has all that its bundles import, and imports nothing else", () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const required = new Set<string>();
    const follow = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = extractFile(asar, path).toString();
      for (const [, from = ""] of text.matchAll(/^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)";$/gm))
        visit(path, from);
      for (const [, from = ""] of text.matchAll(/\bimport\("([^"]+)"\)/g)) visit(path, from);
      for (const [, from = ""] of text.matchAll(/\b__require\("([^"]+)"\)/g)) required.add(from);
    };
    const visit = (path: string, from: string): void => {
      if (from.startsWith(".")) follow(posix.join(posix.dirname(path), from));
      else if (!from.startsWith("node:")) packages.add(from);
    };
    follow("dist/desktop/electron.js");
    expect([...packages].sort()).toEqual(["electron", "keytar"]);
    expect([...required].filter((name) => !isBuiltin(name))).toEqual(["electron"]);
    const bundles = files.filter((path) => path.startsWith("dist/desktop/") && path.endsWith(".js"));
    expect(bundles.filter((path) => !seen.has(path))).toEqual([]);
  });

  test.each([
    ["sources", /\.(ts|svelte|tsbuildinfo)$|^(main|renderer|test|docs|\.ci|\.github)\//],
    ["tests", /(^|\/)(test|tests|__tests__|samples)\//],
    ["source maps", /\.map$/],
    ["the Node of the checkout", /node_modules\/node-|\/bin\/node(\.exe)?$/],
    ["other packages than keytar", /^node_modules\/(?!keytar\/)/],
    ["Playwright, which would steer browsers", /playwright/],
    ["development tools", /vitest|vite\.config|eslint|prettier|typescript|electron-builder/],
    ["the command, which has no Node to run with", /dist\/main\/|chromium-/],
    ["other systems' icons", /Template|\.ico$/],
    ["anything private", /(^|\/)\.(env|git|npmrc)|\.(db|pem|key)$|release\//],
  ])("has nothing of %s", (_name, pattern) => {
    expect(files.filter((path) => pattern.test(path))).toEqual([]);
  });

  test("names nobody's folders", () => {
    const texts = files.filter((path) => /\.(js|cjs|html|css|json)$/.test(path));
    expect(texts.filter((path) => extractFile(asar, path).includes(top))).toEqual([]);
  });

  test("has its fuses set, in the runtime's own program", async () => {
    const wire = await getCurrentFuseWire(join(packaged.folder, "matrix-ferry"));
    const set = FUSES.map(([name]) => [name, String.fromCharCode(wire[FuseV1Options[name]] ?? 0) === "1"]);
    expect(set).toEqual(FUSES);
  });

  test("is known to desktops by the name that its windows have", () => {
    expect(packaged.desktopFileName).toBe(DESKTOP_ID);
    const { desktopName } = JSON.parse(extractFile(asar, "package.json").toString()) as { desktopName: string };
    expect(desktopName).toBe(`${DESKTOP_ID}.desktop`);
    expect(packaged.desktopEntry).toMatch(new RegExp(`^StartupWMClass=${DESKTOP_ID}$`, "m"));
    expect(packaged.desktopEntry).toMatch(/^Name=Ferry$/m);
    expect(packaged.desktopEntry).toMatch(/^Exec=\/opt\/Ferry\/matrix-ferry /m);
    expect(packaged.desktopEntry).toMatch(/^Icon=matrix-ferry$/m);
  });

  test("has a picture for each folder of the icon theme that desktops look into", () => {
    expect(packaged.iconSizes.toSorted((a, b) => a - b)).toEqual([16, 32, 48, 64, 128, 256, 512]);
  });

  test.each([
    [
      "starts on Apple silicon unsigned: what the fuses change is signed anew",
      /^ {2}resetAdHocDarwinSignature: true$/m,
    ],
    ["brings its own FUSE in the AppImage", /^toolsets:\n {2}appimage: "1\.0\.3"$/m],
    ["is not started without its sandbox by the AppImage", /^appImage:\n(?: {2}#.*\n)* {2}executableArgs: \[\]$/m],
    ["is not slowed down by macOS while it is not seen", /^ {4}NSAppSleepDisabled: true$/m],
    ["names all libraries that Electron is linked with", /- libasound2 \| libasound2t64\n {4}- libgbm1$/m],
  ])("%s", (_name, setting) => {
    expect(readFileSync(join(top, "electron-builder.yml"), "utf8")).toMatch(setting);
  });

  test("has no place to look for new versions: that is said when a release is made", () => {
    expect(existsSync(join(packaged.folder, "resources", "app-update.yml"))).toBe(false);
    expect(readFileSync(join(top, "electron-builder.yml"), "utf8")).toMatch(/^publish: null$/m);
  });

  test("is small beside Electron", () => {
    const bytes = statSync(asar).size;
    console.log(`The packaged application without Electron: ${(bytes / 1e6).toFixed(1)} MB, ${files.length} files.`);
    // The runtime is 250 MB. Half of this is the cryptography (WebAssembly).
    expect(bytes).toBeLessThan(16e6);
  });
});

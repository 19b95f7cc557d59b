import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { _electron } from "playwright-core";
import { expect, test } from "vitest";

const top = join(import.meta.dirname, "..", "..");

/** The runtime's program, or why there is none. Never by `require("electron")`: that would try to download it. */
function findRuntime(): { path: string } | { reason: string } {
  const electron = join(top, "node_modules", "electron");
  const elsewhere = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  const known = join(electron, "path.txt");
  const name = existsSync(known) ? readFileSync(known, "utf8") : "electron";
  const path = join(elsewhere || join(electron, "dist"), name);
  if (!existsSync(path)) return { reason: "Electron's runtime is not installed (npx install-electron)" };
  if (!existsSync(join(top, "dist/main/electron.js"))) return { reason: "Ferry is not built (npm run build)" };
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    return { reason: "there is no display (try xvfb-run)" };
  }
  return { path };
}

const runtime = findRuntime();
if ("reason" in runtime) console.log(`The test in real Electron is skipped: ${runtime.reason}.`);

test.skipIf("reason" in runtime)(
  "Ferry comes up in Electron, shows its status and quits",
  async () => {
    if (!("path" in runtime)) return;
    const data = mkdtempSync(join(tmpdir(), "ferry-electron-"));
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const ferry = await _electron.launch({
      executablePath: runtime.path,
      args: [...sandbox, top, "--data", data, "--secrets", "plain-file"],
    });
    try {
      await expect
        .poll(() => ferry.windows().some((page) => page.url() === "ferry://settings/index.html"), { timeout: 30_000 })
        .toBe(true);
      const page = ferry.windows().find((window) => window.url() === "ferry://settings/index.html");
      await page?.getByText("Not logged in").waitFor();
      expect(await page?.title()).toBe("Ferry");
      expect(await page?.evaluate(`typeof require + typeof process + Object.keys(ferry).sort()`)).toBe(
        "undefinedundefinedonReceive,send",
      );
    } finally {
      await ferry.close();
      rmSync(data, { recursive: true, force: true });
    }
  },
  60_000,
);

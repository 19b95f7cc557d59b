import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fakeHandlers } from "../support/fake-control.ts";
import { openSettings } from "../support/settings-page.ts";
import { allScenes, ORDINARY } from "./scenes.ts";

/** `npm run screenshots`: a picture of every page, light and dark, into docs/screenshots. */

const FOLDER = join(import.meta.dirname, "../../docs/screenshots");
const wanted = process.argv.slice(2);

process.env["FERRY_SHOTS"] = FOLDER;
if (wanted.length === 0) rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const scene of allScenes(ORDINARY)) {
  if (wanted.length > 0 && !wanted.includes(scene.name)) continue;
  const window = await openSettings({ handlers: fakeHandlers(scene.handlers) });
  try {
    // A ring that says what has the focus belongs to the keyboard, and a picture has none.
    await window.motion("reduce");
    await scene.go(window.page);
    for (const scheme of ["light", "dark"] as const) {
      await window.colors(scheme);
      // Chromium draws a page part by part: a picture taken at once has some of it in the colours before.
      await window.page.waitForTimeout(400);
      await window.screenshot(`${scene.name}-${scheme}`);
    }
  } finally {
    await window.end();
  }
  process.stdout.write(`${scene.name}\n`);
}
process.exit();

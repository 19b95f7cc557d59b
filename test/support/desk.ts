import { join } from "node:path";
import type { Page } from "playwright-core";
import { findElectron, startDesktop } from "./electron-app.ts";
import { runCli, type CliResult } from "./ferry.ts";
import { openSettings, problemsOf } from "./settings-page.ts";
import type { World } from "./world.ts";

/** Kim's Ferry as Kim sees it: its window, whatever that is shown by, and the `ferry` command besides. */
export interface Desk {
  readonly page: Page;
  /** Runs a `ferry` command for it. */
  cli(...words: string[]): Promise<CliResult>;
  /** What went wrong in the page so far. */
  problems(): Promise<string[]>;
  /** Closes the window; Ferry ends with the world at the latest. */
  end(): Promise<void>;
}

/** What can show the window. */
export interface DeskKind {
  name: "Chromium" | "Electron";
  /** Why it cannot be had here; null where it can. */
  missing: string | null;
  /** Starts Kim's Ferry for the first time, and opens its window. */
  open: (world: World) => Promise<Desk>;
}

const runtime = findElectron();

/** The window in Chromium, as `ferry open` shows it, and in the desktop application. Says what it leaves out, and why. */
export const DESKS: DeskKind[] = [
  { name: "Chromium", missing: null, open: inChromium },
  { name: "Electron", missing: "reason" in runtime ? runtime.reason : null, open: inElectron },
];
for (const { name, missing } of DESKS) {
  if (missing !== null) console.log(`The journeys through ${name} are skipped: ${missing}.`);
}

async function inChromium(world: World): Promise<Desk> {
  const ferry = await world.ferry();
  const window = await openSettings({ control: join(world.dataDir, "control.sock") });
  return { ...window, cli: (...words) => ferry.cli(...words) };
}

async function inElectron(): Promise<Desk> {
  if ("reason" in runtime) throw new Error(runtime.reason);
  const ferry = await startDesktop(runtime.path);
  const page = await ferry.page();
  return {
    page,
    problems: () => problemsOf(page),
    end: () => ferry.remove(),
    cli: (...words) => runCli([...words, "--data", ferry.data]),
  };
}

import { execFile } from "node:child_process";

const ASK_LIMIT_MS = 2_000;

/** While a session begins, the part of it that shows trays may come after Ferry. In milliseconds. */
const WAIT_STEP_MS = 2_000;
const WAIT_STEPS = 10;

const question = [
  "--session",
  "--print-reply",
  "--dest=org.freedesktop.DBus",
  "/org/freedesktop/DBus",
  "org.freedesktop.DBus.NameHasOwner",
  "string:org.kde.StatusNotifierWatcher",
];

/** Runs `dbus-send` and gives what it printed, or null where it is missing or failed. */
export function askDbus(): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("dbus-send", question, { timeout: ASK_LIMIT_MS }, (error, printed) => resolve(error ? null : printed));
  });
}

/**
 * Whether a tray icon can be seen. On Linux only where somebody shows them (stock GNOME does not); where that cannot be
 * found out the answer is no, because a window that closes without a tray is lost to the user.
 */
export async function hasTray(platform: NodeJS.Platform, ask: () => Promise<string | null>): Promise<boolean> {
  if (platform !== "linux") return true;
  return /^\s*boolean true\s*$/m.test((await ask()) ?? "");
}

/** The same, but waits a while for one to come, twenty seconds at most. */
export async function waitForTray(platform: NodeJS.Platform, ask: () => Promise<string | null>): Promise<boolean> {
  for (let step = 0; step < WAIT_STEPS; step += 1) {
    if (await hasTray(platform, ask)) return true;
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  return hasTray(platform, ask);
}

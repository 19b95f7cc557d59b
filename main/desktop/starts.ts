import type { App } from "electron";
import { spawn } from "node:child_process";
import { appImageOf } from "./autostart.ts";

/** Being started a second time, and starting anew. */

/**
 * Hears that Ferry has been started again, or its icon clicked in macOS's dock. Until there is somebody to open the window
 * the wish waits: who starts Ferry twice in its first second is not to wait for nothing.
 *
 * @param isHidden whether these arguments ask for no window: those of a start with the computer do not
 */
export function watchStarts(app: Pick<App, "on">, isHidden: (words: readonly string[]) => boolean) {
  let open: (() => void) | null = null;
  let isWanted = false;
  const ask = (): void => {
    if (open === null) isWanted = true;
    else open();
  };
  app.on("second-instance", (_event, words) => {
    if (!isHidden(words.slice(1))) ask();
  });
  app.on("activate", ask);
  return {
    /** From now on the window is opened by this. */
    openBy: (next: () => void): void => {
      open = next;
      if (isWanted) next();
    },
  };
}

/**
 * Has the program start anew when this one has ended. Electron's own way runs from an AppImage's mount, which goes with the
 * first process: there the AppImage itself is started (electron-builder issue 1727).
 */
export function startAnew(
  app: Pick<App, "relaunch">,
  process: Pick<NodeJS.Process, "env" | "execPath" | "argv">,
  start: (program: string, words: readonly string[]) => void = startDetached,
): void {
  const image = appImageOf(process);
  if (image === null) app.relaunch();
  else start(image, process.argv.slice(1));
}

function startDetached(program: string, words: readonly string[]): void {
  spawn(program, words, { detached: true, stdio: "ignore" }).unref();
}

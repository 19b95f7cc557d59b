import { createConnection, createServer, type Server } from "node:net";
import { resolveDataFolder, type DataFolder } from "../host/data-folder.ts";
import { createLoginLink } from "../host/outside.ts";
import { FerryError } from "../matrix/errors.ts";
import { claim, connectControl } from "../service/control-socket.ts";
import { bridgePage } from "../service/page-bridge.ts";
import type { Context, OpenWindow } from "./environment.ts";
import { CommandFailure } from "./hints.ts";
import { toJsonLine } from "./json.ts";

/** `ferry open`: the window of the Ferry that runs, in an installed Chromium, without Electron. */

/** Why a window is not shown any more; `shown` where another process shows it, and has brought it to the front. */
export type WindowEnd = "closed" | "ferry-ended" | "asked" | "shown";

/**
 * Shows the running Ferry's window until it is closed.
 *
 * @throws FerryError `not-running`, `no-display`, `no-browser`, `browser-failed`
 */
export async function open(context: Context): Promise<number> {
  const { environment, settings } = context;
  if (!environment.hasDisplay) {
    throw new FerryError(
      "no-display",
      "There is no display here, so Ferry's window cannot be opened. Open it where you see your desktop.",
    );
  }
  const say = (isNew: boolean, sentence: string): void =>
    environment.print(settings.json ? toJsonLine({ open: true, new: isNew }) : sentence);
  const end = await showWindow(context, resolveDataFolder(settings.data, false), environment.endAsked(), () =>
    say(true, "Ferry's window is open. Closing it leaves Ferry running."),
  );
  if (end === "shown") say(false, "Ferry's window was open already, and has been brought to the front.");
  if (end === "ferry-ended") environment.complain("Ferry has ended, and its window has been closed.");
  return 0;
}

/**
 * Shows the window of a data folder's Ferry: one at a time, a second one brings the first to the front.
 *
 * @param asked resolves where the window is to be closed
 * @param onOpen is called when it is there
 * @throws FerryError `not-running`, `no-browser`, `browser-failed`
 */
export async function showWindow(
  { environment }: Context,
  folder: DataFolder,
  asked: Promise<unknown>,
  onOpen: () => void,
): Promise<WindowEnd> {
  // Where no Ferry runs there may be no folder either to put a socket in.
  (await connectControl(folder.socket)).close();
  let raise: () => void = () => undefined;
  const server = createServer((socket) => {
    socket.on("error", () => undefined).end();
    raise();
  });
  if (!(await claimWindow(server, folder.windowSocket))) return "shown";
  try {
    const { hand, allows } = createLoginLink();
    const openWindow = (): Promise<OpenWindow> => environment.openWindow(folder, allows);
    const { page: window, bridge } = await bridgePage(folder.socket, openWindow, hand);
    try {
      // That it cannot be brought to the front is no reason to end it.
      raise = () => void window.raise().catch(() => undefined);
      onOpen();
      return await Promise.race([
        closedByUser(window),
        bridge.closed.then(() => "ferry-ended" as const),
        asked.then(() => "asked" as const),
      ]);
    } finally {
      bridge.close();
      await window.close();
    }
  } finally {
    server.close();
  }
}

async function closedByUser(window: OpenWindow): Promise<WindowEnd> {
  const reason = await window.closed;
  if (reason === null) return "closed";
  throw new CommandFailure("browser-failed", `${reason} Ferry itself goes on. To open the window again: ferry open`);
}

/** Makes this process the one that shows the window; where another does, it is asked to bring it to the front. */
async function claimWindow(server: Server, path: string): Promise<boolean> {
  try {
    await claim(server, path);
    return true;
  } catch (error) {
    if (!(error instanceof FerryError) || error.code !== "already-running") throw error;
    // To be connected to is all that it waits for.
    await new Promise((resolve) => createConnection(path).once("error", resolve).once("close", resolve).resume());
    return false;
  }
}

import { finishDeletion, openDataFolder } from "../deletion.ts";
import { resolveDataFolder, type DataFolder } from "../host/data-folder.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { StatusView } from "../protocol/control.ts";
import { serveControl } from "../service/control-socket.ts";
import type { App, Context } from "./environment.ts";
import { actionText, failureText } from "./hints.ts";
import { toJsonLine } from "./json.ts";
import { showWindow } from "./open.ts";
import { choosePlace, tryConnect } from "./session.ts";
import { foreign } from "./text.ts";

/** `ferry run` and `ferry start`: Ferry itself, in this process or as the desktop app. */

/**
 * Runs Ferry in the foreground with Chromium until it is asked to end, by a signal or by `ferry stop`.
 *
 * @param withWindow opens its window, too
 * @throws FerryError `already-running`, and whatever keeps it from starting
 */
export async function run(context: Context, withWindow = false): Promise<number> {
  const { environment, settings } = context;
  await refuseSecond(context);
  const folder = await openDataFolder(settings.data);
  const place = await choosePlace(context, folder);
  const logger = environment.openLog(folder);
  const reporter = createReporter(context);
  const listeners = [reporter.statusChanged];
  const app = await environment.createApp({
    folder,
    ...place,
    logger,
    version: environment.version,
    exportFolder: environment.exportFolder,
    openHost: () => environment.openHost(folder, logger),
    openOutside: (address) => environment.openOutside(address),
    onStatus: (status) => {
      for (const tell of listeners) tell(status);
    },
  });
  // Before anything is opened: listening is what makes this the only Ferry of the folder.
  const server = await serveControl({ path: folder.socket, handlers: app.handlers });
  listeners.push(server.statusChanged);
  try {
    await serveUntilEnd(context, app, (status, end) => {
      reporter.ready(status);
      environment.tellReady();
      return withWindow ? openBeside(context, folder, end) : undefined;
    });
  } finally {
    try {
      await app.stop();
    } finally {
      await server.close();
      await finishDeletion(folder, logger);
    }
  }
  return 0;
}

/** Runs the desktop app, and where that cannot be had, says so and does what `run` does, with a window where it can. */
export async function start(context: Context): Promise<number> {
  const { environment, settings } = context;
  const folder = resolveDataFolder(settings.data);
  await refuseSecond(context);
  const desktop = await environment.runDesktop({ folder, secrets: settings.secrets });
  if (desktop.status !== null) return desktop.status;
  environment.complain(desktop.reason);
  return run(context, environment.hasDisplay);
}

/** @param onReady what else goes on until `end` */
async function serveUntilEnd(
  { environment }: Context,
  app: App,
  onReady: (status: StatusView, end: Promise<unknown>) => Promise<void> | undefined,
): Promise<void> {
  const asked = environment.endAsked();
  const started = app.start().then(() => "started" as const);
  if ((await Promise.race([started, asked])) !== "started") {
    // Stopping makes the start under way fail, which is then nobody's business any more.
    started.catch(() => undefined);
    return;
  }
  const end = Promise.race([asked, app.ended]);
  const beside = onReady(await app.handlers.status({}), end);
  await end;
  await beside;
}

/** The window of the Ferry that runs in this process. Ferry goes on where it is closed, or cannot be opened. */
async function openBeside(context: Context, folder: DataFolder, end: Promise<unknown>): Promise<void> {
  const { environment } = context;
  try {
    const why = await showWindow(context, folder, end, () => undefined);
    if (why === "closed") {
      environment.complain(
        "The window is closed, and Ferry goes on. To open it again, in another terminal: ferry open",
      );
    }
  } catch (error) {
    environment.complain(failureText(asFerryError(error)));
  }
}

/** Said before a passphrase is asked for or a choice remembered. */
async function refuseSecond({ settings }: Context): Promise<void> {
  const other = await tryConnect(resolveDataFolder(settings.data));
  if (other === null) return;
  other.close();
  throw new FerryError("already-running", "Ferry is already running with this data folder.");
}

interface Reporter {
  ready: (status: StatusView) => void;
  statusChanged: (status: StatusView) => void;
}

/** Says on standard output when Ferry is ready, and from then on when its state changes in kind. */
function createReporter({ environment, settings }: Context): Reporter {
  let reported: string | null = null;
  const kindOf = (status: StatusView) =>
    [status.connection, status.paused, ...status.health.map(({ code }) => code)].join();
  return {
    ready: (status) => {
      reported = kindOf(status);
      if (settings.json) {
        const { version, userId, connection, links } = status;
        environment.print(toJsonLine({ ready: true, version, pid: process.pid, userId, connection, links }));
      } else environment.print(readyText(status));
    },
    statusChanged: (status) => {
      if (reported === null || settings.json || kindOf(status) === reported) return;
      reported = kindOf(status);
      environment.print(
        [`${status.summary}.`, ...status.health.flatMap((condition) => [condition.text, actionText(condition)])]
          .map((text) => foreign(text))
          .join(" "),
      );
    },
  };
}

function readyText(status: StatusView): string {
  if (status.userId !== null) return `Ferry is ready (${foreign(status.userId)}: ${foreign(status.summary)}).`;
  return (
    "Ferry is ready (not logged in). Log in from another terminal:\n" +
    "  ferry login --homeserver example.org --user ana"
  );
}

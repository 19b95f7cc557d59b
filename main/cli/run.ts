import { resolveDataFolder } from "../host/data-folder.ts";
import { FerryError } from "../matrix/errors.ts";
import type { StatusView } from "../protocol/control.ts";
import { serveControl } from "../service/control-socket.ts";
import type { App, Context } from "./environment.ts";
import { actionText } from "./hints.ts";
import { toJsonLine } from "./json.ts";
import { choosePlace, tryConnect } from "./session.ts";
import { foreign } from "./text.ts";

/** `ferry run` and `ferry start`: Ferry itself, in this process or as the desktop app. */

/**
 * Runs Ferry in the foreground with Chromium until it is asked to end, by a signal or by `ferry stop`.
 *
 * @throws FerryError `already-running`, and whatever keeps it from starting
 */
export async function run(context: Context): Promise<number> {
  const { environment, settings } = context;
  const folder = resolveDataFolder(settings.data);
  await refuseSecond(context);
  const place = await choosePlace(context, folder);
  const logger = environment.openLog(folder);
  const reporter = createReporter(context);
  const listeners = [reporter.statusChanged];
  const app = await environment.createApp({
    folder,
    ...place,
    logger,
    version: environment.version,
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
    await serveUntilEnd(context, app, reporter);
  } finally {
    try {
      await app.stop();
    } finally {
      await server.close();
    }
  }
  return 0;
}

/** Runs the desktop app, and where that cannot be had, says so and does what `run` does. */
export async function start(context: Context): Promise<number> {
  const { environment, settings } = context;
  const folder = resolveDataFolder(settings.data);
  await refuseSecond(context);
  const desktop = await environment.runDesktop({ folder, secrets: settings.secrets });
  if (desktop.status !== null) return desktop.status;
  environment.complain(desktop.reason);
  return run(context);
}

async function serveUntilEnd({ environment }: Context, app: App, reporter: Reporter): Promise<void> {
  const asked = environment.endAsked();
  const started = app.start().then(() => "started" as const);
  if ((await Promise.race([started, asked])) !== "started") {
    // Stopping makes the start under way fail, which is then nobody's business any more.
    started.catch(() => undefined);
    return;
  }
  reporter.ready(await app.handlers.status({}));
  await Promise.race([asked, app.ended]);
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

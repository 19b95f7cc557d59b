import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { resolveDataFolder } from "../host/data-folder.ts";
import { writePrivateFile } from "../host/private-file.ts";
import { chooseSecrets } from "../host/secrets-choice.ts";
import { UNIT, UNIT_MARK, unitText, type Ended } from "../host/systemd.ts";
import { FerryError } from "../matrix/errors.ts";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { exitStatus, type Action, type Add } from "./perform.ts";
import { tryConnect } from "./session.ts";

/** `ferry service`: Ferry as a service of the user's own systemd, without a window. */

interface InstallOptions {
  passphraseFile?: string;
}

export const addServiceCommands: Add = (program, perform) => {
  const service = program.command("service").description("have Ferry run by itself, as a service of your systemd");
  service
    .command("install")
    .description("start it now, and whenever you log in to this computer")
    .option("--passphrase-file <file>", "the file that holds the passphrase, for --secrets passphrase")
    .action(perform((context, options: InstallOptions) => install(context, options)));
  service.command("remove").description("end it, and do not start it any more").action(perform(remove));
  service.command("status").description("say what systemd knows of it").action(perform(status));
};

/**
 * Dies the process on the way, it is done again: writing, enabling and starting twice changes nothing.
 *
 * @throws FerryError `no-systemd`, `already-running`, `bad-request`
 */
async function install(context: Context, { passphraseFile }: InstallOptions): Promise<number> {
  const { environment, settings } = context;
  const { serviceFile: path } = environment;
  await called(context, ["show", "--property=Version"]);
  refuseForeign(path);
  const isOurs = existsSync(path) && (await isActive(context));
  if (!isOurs) await refuseRunning(context);
  const folder = resolveDataFolder(settings.data);
  const secrets = chooseSecrets(folder, settings.secrets);
  if (secrets === "passphrase" && passphraseFile === undefined) {
    throw new FerryError(
      "passphrase-missing",
      "Nobody is asked for the passphrase when a service starts: name the file that holds it, with --passphrase-file.",
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  const command = [...environment.ownCommand, "run", "--data", folder.path, "--secrets", secrets];
  const file = passphraseFile === undefined ? null : resolve(passphraseFile);
  writePrivateFile(path, unitText({ command, passphraseFile: file }));
  await called(context, ["daemon-reload"]);
  await called(context, ["enable", UNIT]);
  await called(context, ["restart", UNIT]);
  return done(context, { installed: true, file: path }, [
    "Ferry runs as a service, and will whenever you log in to this computer.",
    "For it to run while you are not logged in, too: loginctl enable-linger",
    "What it says: journalctl --user --unit ferry",
  ]);
}

/** @throws FerryError `no-systemd`, `bad-request` */
async function remove(context: Context): Promise<number> {
  const { serviceFile: path } = context.environment;
  refuseForeign(path);
  if (existsSync(path)) {
    await called(context, ["disable", "--now", UNIT]);
    rmSync(path);
    await called(context, ["daemon-reload"]);
  }
  return done(context, { installed: false, file: path }, [
    "Ferry is no service any more. Your login and your links are kept.",
  ]);
}

const status: Action = async (context) => {
  const { serviceFile: path } = context.environment;
  const installed = existsSync(path);
  const { output } = await called(context, ["show", "--property=ActiveState,SubState,UnitFileState,NRestarts", UNIT]);
  const facts = new Map(output.split("\n").map((line) => [line.split("=")[0], line.split("=").slice(1).join("=")]));
  const active = facts.get("ActiveState") ?? "unknown";
  const enabled = facts.get("UnitFileState") === "enabled";
  const restarts = Number(facts.get("NRestarts") ?? 0);
  const text = !installed
    ? "Ferry is no service. To have it run by itself: ferry service install"
    : [
        active === "active" ? "The service runs." : `The service does not run (${active}).`,
        enabled ? "It starts when you log in to this computer." : "It does not start by itself.",
        ...(restarts > 0 ? [`It has been started again ${restarts} times.`] : []),
      ].join("\n");
  return done(context, { installed, active, enabled, restarts, file: path }, [text]);
};

async function isActive(context: Context): Promise<boolean> {
  return (await context.environment.callSystemd("systemctl", ["--user", "is-active", UNIT])).status === 0;
}

/** Said before anything is changed: the service would end at once, and be started again for ever. */
async function refuseRunning({ settings }: Context): Promise<void> {
  const other = await tryConnect(resolveDataFolder(settings.data));
  if (other === null) return;
  other.close();
  throw new FerryError(
    "already-running",
    "Ferry is running already. End it first (ferry stop), then install the service.",
  );
}

function refuseForeign(path: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8").startsWith(UNIT_MARK)) return;
  throw new FerryError("bad-request", `${path} is there already, and not by Ferry. Ferry leaves it as it is.`);
}

/** @throws FerryError `no-systemd` */
async function called({ environment }: Context, words: readonly string[]): Promise<Ended> {
  const ended = await environment.callSystemd("systemctl", ["--user", ...words]);
  if (ended.status === 0) return ended;
  const said = ended.status === null ? "there is no systemctl here" : ended.output.split("\n")[0];
  throw new FerryError("no-systemd", `Your systemd did not do what Ferry asked of it: ${said}.`);
}

function done({ environment, settings }: Context, facts: object, lines: string[]): number {
  environment.print(settings.json ? toJson(facts) : lines.join("\n"));
  return exitStatus.ok;
}

import { finishDeletion } from "../deletion.ts";
import { resolveDataFolder, type DataFolder } from "../host/data-folder.ts";
import { chooseSecrets, hasStoredSecrets, rememberedSecrets, type SecretsKind } from "../host/secrets-choice.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { controlRequests } from "../protocol/control.ts";
import type { Client } from "../protocol/rpc.ts";
import { connectControl, serveControl, type ControlConnection } from "../service/control-socket.ts";
import type { Context } from "./environment.ts";
import { CommandFailure } from "./hints.ts";

export type ControlClient = Client<typeof controlRequests>;

/** A Ferry to give a command to. */
export interface Session {
  client: ControlClient;
  /** Why the Ferry opened for this one command could not start; null where it did, or where one was running. */
  startFailure: FerryError | null;
  end(): Promise<void>;
}

/** Connects to the running Ferry. @throws FerryError `not-running` */
export async function connectToFerry({ settings }: Context): Promise<ControlConnection> {
  return connectControl(resolveDataFolder(settings.data, false).socket);
}

/** Asks the running Ferry one thing. @throws FerryError `not-running`, or the failure of what was asked */
export async function askFerry<Result>(
  context: Context,
  question: (client: ControlClient) => Promise<Result>,
): Promise<Result> {
  const connection = await connectToFerry(context);
  try {
    return await question(connection.client);
  } finally {
    connection.close();
  }
}

/**
 * Connects to the running Ferry, or opens one in this process, which holds the data folder like any other until
 * `end` is called. A failure to start it is kept for the caller: `doctor` is there to explain it.
 */
export async function openSession(context: Context): Promise<Session> {
  const { settings } = context;
  const folder = resolveDataFolder(settings.data);
  const running = await tryConnect(folder);
  if (running !== null) {
    try {
      checkSecretsOfRunning(folder, settings.secrets);
    } catch (error) {
      running.close();
      throw error;
    }
    return { client: running.client, startFailure: null, end: async () => running.close() };
  }
  await finishDeletion(folder);
  return openOwn(context, resolveDataFolder(settings.data));
}

/** A Ferry in this process, for one command. */
async function openOwn(context: Context, folder: DataFolder): Promise<Session> {
  const { environment } = context;
  const logger = environment.openLog(folder);
  const place = await choosePlace(context, folder);
  const app = await environment.createApp({
    folder,
    ...place,
    logger,
    version: environment.version,
    exportFolder: environment.exportFolder,
    openHost: () => environment.openHost(folder, logger),
    openOutside: (address) => environment.openOutside(address),
  });
  const server = await serveControl({ path: folder.socket, handlers: app.handlers });
  let startFailure: FerryError | null = null;
  try {
    await app.start();
  } catch (error) {
    startFailure = asFerryError(error);
  }
  const connection = await connectControl(folder.socket);
  const end = async (): Promise<void> => {
    connection.close();
    try {
      await app.stop();
    } finally {
      await server.close();
      await finishDeletion(folder, logger);
    }
  };
  return { client: connection.client, startFailure, end };
}

/** Connects where a Ferry is running; null where none is. */
export async function tryConnect(folder: DataFolder): Promise<ControlConnection | null> {
  try {
    return await connectControl(folder.socket);
  } catch (error) {
    if (error instanceof FerryError && error.code === "not-running") return null;
    throw error;
  }
}

/**
 * Where secrets are kept, with the passphrase where that needs one: `FERRY_PASSPHRASE`, else asked at a terminal,
 * else the next line of standard input.
 *
 * @throws FerryError `passphrase-missing`, and those of `chooseSecrets`
 */
export async function choosePlace(
  { environment, settings }: Context,
  folder: DataFolder,
): Promise<{ secrets: SecretsKind; passphrase?: string }> {
  const secrets = chooseSecrets(folder, settings.secrets);
  if (secrets !== "passphrase") return { secrets };
  if (environment.passphrase) return { secrets, passphrase: environment.passphrase };
  if (!environment.interactive) {
    const passphrase = await environment.readLine();
    if (passphrase) return { secrets, passphrase };
    throw new FerryError(
      "passphrase-missing",
      "Ferry's secrets are encrypted with a passphrase, and it was not given.",
    );
  }
  const known = hasStoredSecrets(folder);
  const passphrase = await environment.askHidden(known ? "Passphrase: " : "Choose a passphrase: ");
  if (!known && (await environment.askHidden("Again: ")) !== passphrase) {
    throw new CommandFailure("passphrase-missing", "The two passphrases were not the same. Nothing was stored.");
  }
  return { secrets, passphrase };
}

/** A running Ferry keeps secrets where it was told to when it was started: another wish must not be passed over. */
function checkSecretsOfRunning(folder: DataFolder, asked: string | undefined): void {
  const used = rememberedSecrets(folder);
  if (asked === undefined || used === null || asked === used) return;
  throw new FerryError(
    "bad-request",
    `Ferry is running and keeps its secrets with --secrets ${used}. Leave out --secrets, or stop Ferry first (ferry stop).`,
  );
}

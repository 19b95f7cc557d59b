import type { Logger } from "../log.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { Account } from "./account.ts";
import type { Autostart } from "./settings.ts";

/** How long the homeserver may take to end the login, in milliseconds: it may not be there, and all goes without it too. */
const LOGOUT_LIMIT_MS = 10_000;

/** What the data folder does about it. */
export interface Deletion {
  /** Notes that everything is to go. On disk when it returns. */
  mark: () => void;
  unmark: () => void;
  /** Whether `forgetSecrets` can be done. @throws FerryError of the keychain */
  checkSecrets: () => Promise<void>;
  /** What is not in the data folder. @throws FerryError of the keychain */
  forgetSecrets: () => Promise<void>;
}

export interface DeletionOptions extends Deletion {
  /** Null where what Ferry keeps could not be opened. */
  account: Account | null;
  /** What starts Ferry with the computer, where something does. */
  autostart: Autostart | undefined;
  logger: Logger;
  /** Ends Ferry. Whoever runs it deletes the folder's contents then. */
  end: () => void;
}

/**
 * Deletes everything that Ferry keeps on this machine, and ends it.
 *
 * Dies the process after the mark, the next start deletes the rest before it opens anything; only the login may then still
 * stand in the account's list of sessions, with a token that nobody has any more. What starts Ferry with the computer is
 * outside of the data folder, and goes first: that start would not know of it.
 *
 * @returns whether the homeserver has ended the login; where it cannot be reached, the rest is done without it
 * @throws FerryError of the keychain, where a secret would be left in it: nothing has been done then; where it was locked
 *   only meanwhile, the login has ended, and no file goes
 */
export async function deleteData(options: DeletionOptions): Promise<{ loggedOut: boolean }> {
  const { account, autostart, logger, mark, unmark, checkSecrets, forgetSecrets, end } = options;
  await checkSecrets();
  mark();
  await endAutostart(autostart, logger);
  const loggedOut = account === null ? false : await logOut(account, logger);
  try {
    await forgetSecrets();
  } catch (error) {
    unmark();
    throw error;
  }
  logger.info("data-deleted", { loggedOut });
  end();
  return { loggedOut };
}

async function logOut(account: Account, logger: Logger): Promise<boolean> {
  if (account.stored === null) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const failure = new FerryError("homeserver-unreachable", "The homeserver has not answered in time.");
    timer = setTimeout(() => reject(failure), LOGOUT_LIMIT_MS);
  });
  try {
    return await Promise.race([account.logout(), late]);
  } catch (error) {
    logger.warn("login-not-ended", { code: asFerryError(error).code });
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function endAutostart(autostart: Autostart | undefined, logger: Logger): Promise<void> {
  try {
    if ((await autostart?.get()) === true) await autostart?.set(false);
  } catch (error) {
    // Started with nothing to go on with, Ferry asks for a login; that is no reason to keep the rest.
    logger.warn("autostart-not-ended", { code: asFerryError(error).code });
  }
}

import { deleteContents, isMarkedForDeletion } from "./host/data-deletion.ts";
import { resolveDataFolder, type DataFolder } from "./host/data-folder.ts";
import type { Logger } from "./log.ts";
import { whileUnclaimed } from "./service/control-socket.ts";

/**
 * Finishes the deletion of a data folder that was asked for, where no Ferry runs with it: the one place for that, before
 * anything of the folder is opened and after everything has been closed.
 *
 * @param logger of a Ferry that ends; nothing more is written by it
 * @returns whether there was anything to finish
 * @throws FerryError of the keychain: then nothing has been deleted, and it is tried again at the next start
 */
export async function finishDeletion(folder: DataFolder, logger?: Logger): Promise<boolean> {
  if (!isMarkedForDeletion(folder)) return false;
  const isDone = await whileUnclaimed(folder.socket, async () => {
    // Another one may have done it while this one waited for its turn.
    if (!isMarkedForDeletion(folder)) return false;
    logger?.close();
    await deleteContents(folder);
    return true;
  });
  return isDone ?? false;
}

/** The data folder, ready to be used: what was to be deleted in it is gone. Errors as `resolveDataFolder`, `finishDeletion`. */
export async function openDataFolder(option: string | undefined): Promise<DataFolder> {
  const folder = resolveDataFolder(option);
  return (await finishDeletion(folder)) ? resolveDataFolder(option) : folder;
}

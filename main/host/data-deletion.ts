import { existsSync, lstatSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DataFolder } from "./data-folder.ts";
import { isMissing, writePrivateFile } from "./private-file.ts";
import { forgetKeychain } from "./secrets-choice.ts";

/**
 * Deletes what Ferry keeps in a data folder. That it is to go stands in a file there, from before anything goes until all
 * of it has gone: whoever finds it finishes what was begun, however that ended.
 */

const MARKER = "being-deleted";

/** All of Ferry's files and folders in a data folder. What is not here is not Ferry's, and stays. */
const OWN_FILES = [
  ...["", "-wal", "-shm", "-journal"].map((part) => `ferry.db${part}`),
  ...["secrets.json", "secrets-not-encrypted.json", "secrets-kind.json"].flatMap((file) => [file, `${file}.new`]),
  ...["", ".1", ".2"].map((part) => join("logs", `ferry.log${part}`)),
  ...["desktop.json", "desktop.json.new", `${MARKER}.new`],
];
/** Profiles of the browsers: nobody else writes into them. */
const OWN_FOLDERS = ["profile", "electron", "window"];

/** Notes, on disk when this returns, that everything in the folder is to be deleted. @throws FerryError `disk-full`, `data-folder` */
export function markForDeletion(folder: DataFolder): void {
  writePrivateFile(
    markerOf(folder),
    "Ferry is deleting what it has kept here, and goes on with that when it starts.\n",
  );
}

/** Takes that back. */
export function unmarkForDeletion(folder: DataFolder): void {
  rmSync(markerOf(folder), { force: true });
}

export function isMarkedForDeletion(folder: DataFolder): boolean {
  return existsSync(markerOf(folder));
}

/**
 * Deletes everything of Ferry's in the folder, and last the mark; the folder itself goes where nothing else is in it.
 * What is there by a link is not followed. Nothing of Ferry's may be open. Dies the process in here, it is done again.
 *
 * @throws FerryError of the keychain, before any file goes; whatever keeps a file from going
 */
export async function deleteContents(folder: DataFolder): Promise<void> {
  await forgetKeychain(folder);
  for (const name of OWN_FOLDERS) removeAll(join(folder.path, name));
  // `logs` could be a link to somewhere else.
  const isOwn = (name: string): boolean => !name.startsWith("logs") || isFolder(join(folder.path, "logs"));
  for (const name of OWN_FILES.filter(isOwn)) removeFile(join(folder.path, name));
  removeIfEmpty(join(folder.path, "logs"));
  for (const socket of [folder.socket, folder.windowSocket]) {
    for (const part of ["", ".lock", ".lock-journal"]) removeFile(`${socket}${part}`);
  }
  removeFile(markerOf(folder));
  // Where its path was too long, the socket stood in a folder of its own.
  if (dirname(folder.socket) !== folder.path) removeIfEmpty(dirname(folder.socket));
  removeIfEmpty(folder.path);
}

function markerOf(folder: DataFolder): string {
  return join(folder.path, MARKER);
}

/** A folder with all that is in it. Of a link the link goes. */
function removeAll(path: string): void {
  if (isFolder(path)) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  else removeFile(path);
}

function removeFile(path: string): void {
  try {
    // A folder of that name is not Ferry's.
    if (!isFolder(path)) unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function removeIfEmpty(path: string): void {
  try {
    if (isFolder(path)) rmdirSync(path);
  } catch (error) {
    // Something in it is not Ferry's, or the folder above is not the user's to change.
    const { code } = error as NodeJS.ErrnoException;
    if (!["ENOTEMPTY", "EEXIST", "EACCES", "EPERM", "EBUSY"].includes(code ?? "")) throw error;
  }
}

import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FerryError } from "../matrix/errors.ts";

/** Where everything of one account lies. All paths are absolute. */
export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly log: string;
  /** The browser's profile: the crypto store is in it. */
  readonly profile: string;
  /** The profile of the window's browser, which is there only while the window is. */
  readonly window: string;
  /** The control socket's path, or on Windows the name of its pipe. */
  readonly socket: string;
  /** The same for the socket of the process that shows the window. */
  readonly windowSocket: string;
}

const DATABASE = "ferry.db";

/** `sockaddr_un` holds 108 bytes on Linux and 104 on macOS, its closing zero included. */
const LONGEST_SOCKET_PATH = 100;

/**
 * Finds the data folder (`--data`, else `FERRY_DATA`, else the platform's place for such data) and its paths.
 *
 * @param create makes the folder, mode 0700, where it does not exist; commands that only ask a running Ferry do not
 * @throws FerryError `data-folder` where it cannot be made, is no folder, or is open to other users and not Ferry's own
 */
export function resolveDataFolder(option?: string, create = true): DataFolder {
  const chosen = resolve(option ?? (process.env["FERRY_DATA"] || platformFolder()));
  if (create) makePrivate(chosen);
  const path = realPath(chosen);
  return {
    path,
    database: join(path, DATABASE),
    log: join(path, "logs", "ferry.log"),
    profile: join(path, "profile"),
    window: join(path, "window"),
    ...socketPaths(path, create),
  };
}

function platformFolder(): string {
  if (process.platform === "win32") {
    return join(process.env["APPDATA"] || join(homedir(), "AppData", "Roaming"), "Ferry");
  }
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "Ferry");
  return join(process.env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "ferry");
}

function makePrivate(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = statSync(path);
    if (!found.isDirectory()) throw new FerryError("data-folder", `${path} is not a folder.`);
    if (process.platform === "win32" || (found.mode & 0o077) === 0) return;
    const entries = readdirSync(path);
    // A folder that holds something else may be shared on purpose: closing it to others is not Ferry's to decide.
    if (entries.length > 0 && !entries.includes(DATABASE)) throw openToOthers(path);
    chmodSync(path, 0o700);
  } catch (error) {
    if (error instanceof FerryError) throw error;
    throw new FerryError("data-folder", `Ferry cannot use the data folder ${path}: ${reasonOf(error)}.`);
  }
}

function openToOthers(path: string): FerryError {
  return new FerryError(
    "data-folder",
    `Other users of this machine can open ${path}, and it holds files that are not Ferry's. ` +
      `Close it to them (chmod 700), or give Ferry a folder of its own.`,
  );
}

const REASONS: Record<string, string> = {
  EACCES: "it may not be written by you",
  EPERM: "it may not be written by you",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENOTDIR: "there is a file of that name in the way",
  EEXIST: "there is a file of that name in the way",
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
}

/** The same folder has one name, however it was written: two Ferrys must meet at one socket. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It does not exist yet, and was not to be made: its plain name is all there is.
    return path;
  }
}

function socketPaths(folder: string, create: boolean): Pick<DataFolder, "socket" | "windowSocket"> {
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  if (process.platform === "win32") {
    const pipe = `\\\\.\\pipe\\ferry-${hash}`;
    return { socket: pipe, windowSocket: `${pipe}-window` };
  }
  const inside = (place: string) => ({
    socket: join(place, "control.sock"),
    windowSocket: join(place, "window.sock"),
  });
  if (Buffer.byteLength(inside(folder).socket) <= LONGEST_SOCKET_PATH) return inside(folder);
  // Not XDG_RUNTIME_DIR or TMPDIR on Linux: a service and a terminal see different ones, and would not meet.
  const base = process.platform === "darwin" ? tmpdir() : "/tmp";
  const own = join(base, `ferry-${process.getuid?.() ?? 0}-${hash}`);
  ensureOwn(own, create);
  return inside(own);
}

/**
 * In a folder that everybody can write to, somebody else could have made this one first, to be handed the password by
 * `ferry login`.
 */
function ensureOwn(path: string, create: boolean): void {
  try {
    if (create) mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new FerryError("data-folder", `Ferry cannot make ${path} for its control socket: ${reasonOf(error)}.`);
    }
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new FerryError("data-folder", `${path} is not yours alone, so Ferry does not put its control socket there.`);
  }
}

import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * Where files go that Ferry writes for the user: `FERRY_EXPORTS`, else the user's folder for downloads, else their home.
 *
 * @param home the user's home
 */
export function resolveExportFolder(environment: NodeJS.ProcessEnv, home: string): string {
  if (environment["FERRY_EXPORTS"]) return environment["FERRY_EXPORTS"];
  const downloads = [namedFolder(environment, home), join(home, "Downloads")];
  return downloads.find((folder) => folder !== null && isFolder(folder)) ?? home;
}

/** What the user's desktop calls so (xdg-user-dirs: `XDG_DOWNLOAD_DIR="$HOME/…"`); null where it does not say. */
function namedFolder(environment: NodeJS.ProcessEnv, home: string): string | null {
  const config = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  let text: string;
  try {
    text = readFileSync(join(config, "user-dirs.dirs"), "utf8");
  } catch {
    return null;
  }
  const [, named] = /^\s*XDG_DOWNLOAD_DIR="(.*)"\s*$/m.exec(text) ?? [];
  if (named === undefined) return null;
  const path = named.replace(/\\(.)/g, "$1").replace(/^\$HOME(?=\/|$)/, home);
  return isAbsolute(path) ? path : null;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FerryError } from "../matrix/errors.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable"];

const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome", "/opt/chromium"].flatMap((folder) => [
    ...NAMES.map((name) => join(folder, name)),
    join(folder, "chrome"),
  ]),
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((variable) => {
    const base = process.env[variable];
    if (base === undefined) return [];
    return ["Google\\Chrome", "Chromium", "Microsoft\\Edge"].map((name) =>
      join(base, name, "Application", name.endsWith("Edge") ? "msedge.exe" : "chrome.exe"),
    );
  }),
};

/**
 * Finds an installed Chrome or Chromium: `FERRY_CHROMIUM`, then the search path, then the usual places.
 *
 * @throws FerryError `no-browser`, with what to do about it
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const named = environment["FERRY_CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (isExecutable(named)) return named;
    throw new FerryError("no-browser", `FERRY_CHROMIUM names ${named}, but there is no program there.`);
  }
  const onPath = (environment["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...onPath, ...(PLACES[platform] ?? [])].find(isExecutable);
  if (found !== undefined) return found;
  throw new FerryError("no-browser", `Ferry needs Chrome or Chromium, and found neither. ${advice(platform)}`);
}

function advice(platform: NodeJS.Platform): string {
  const otherwise = "or set FERRY_CHROMIUM to where it is.";
  if (platform === "linux") return `Install it (on Debian: sudo apt-get install chromium), ${otherwise}`;
  return `Install it from google.com/chrome, ${otherwise}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

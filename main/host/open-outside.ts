import { spawn } from "node:child_process";
import { hasDisplay } from "./display.ts";
import { mayOpenForLogin } from "./outside.ts";

/** The program that hands an address to the system's browser, with what stands before the address. */
const OPENERS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  linux: ["xdg-open"],
  freebsd: ["xdg-open"],
  darwin: ["open"],
  // Not `start`, which is the shell's: a shell would take the address apart at every `&`.
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

export interface Surroundings {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  start: (program: string, words: string[]) => void;
}

const HERE: Surroundings = { platform: process.platform, env: process.env, start };

/**
 * Opens a web page in the system's browser, where there is one; whoever asks shows the address too.
 *
 * @param address anything but `http:` and `https:` is left alone: it could start any program
 */
export function openOutside(address: string, { platform, env, start: run }: Surroundings = HERE): void {
  if (!mayOpenForLogin(address)) return;
  const { href } = new URL(address);
  // Without a display `xdg-open` would look for a browser in the terminal.
  if (!hasDisplay(platform, env)) return;
  const [program, ...words] = OPENERS[platform] ?? [];
  if (program !== undefined) run(program, [...words, href]);
}

function start(program: string, words: string[]): void {
  const child = spawn(program, words, { stdio: "ignore", detached: true, windowsHide: true });
  // There is none: the address is shown as well.
  child.on("error", () => undefined);
  child.unref();
}

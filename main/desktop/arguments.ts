import { parseArgs } from "node:util";
import { FerryError } from "../matrix/errors.ts";

export interface DesktopArguments {
  data: string | undefined;
  secrets: string | undefined;
  /** Start without opening the settings window. */
  hidden: boolean;
}

/** Reads what Ferry was started with. What is not Ferry's own is Chromium's, and left to it. */
export function readArguments(values: readonly string[]): DesktopArguments {
  const { values: found } = parseArgs({
    args: [...values],
    options: { data: { type: "string" }, secrets: { type: "string" }, hidden: { type: "boolean" } },
    strict: false,
    allowPositionals: true,
  });
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { data: text(found["data"]), secrets: text(found["secrets"]), hidden: found["hidden"] === true };
}

/** Switches of Chromium and of Node that hand the pages, or what they say to the homeserver, to other programs. */
const REFUSED = [
  ...["remote-debugging-port", "remote-debugging-pipe", "remote-debugging-address", "remote-allow-origins"],
  ...["inspect", "inspect-brk", "inspect-wait", "inspect-port", "js-flags", "load-extension"],
  ...["disable-web-security", "ignore-certificate-errors", "ignore-certificate-errors-spki-list"],
  ...["allow-running-insecure-content", "log-net-log", "ssl-key-log-file"],
  // They take parts of the sandbox away. `no-sandbox` itself is what an AppImage is started with where there is none.
  ...["disable-seccomp-filter-sandbox", "disable-namespace-sandbox", "disable-setuid-sandbox"],
  ...["disable-gpu-sandbox", "single-process", "no-zygote"],
  // They lead what Ferry asks to other machines, hand out who the user is, or write down what Ferry does.
  ...["host-resolver-rules", "host-rules", "unsafely-treat-insecure-origin-as-secure", "auth-server-allowlist"],
  ...["trace-startup", "log-file"],
  // They put another program in the place of Chromium's own processes, or before them.
  ...["renderer-cmd-prefix", "utility-cmd-prefix", "zygote-cmd-prefix", "gpu-launcher", "browser-subprocess-path"],
];

/**
 * Refuses to start an installed Ferry with a switch that opens it to other programs: a changed shortcut must not be
 * enough to read along. In a checkout they are for tests and for looking into it.
 *
 * @param hasSwitch asks Chromium's own reading of the command line
 * @throws FerryError `bad-request`
 */
export function refuseSwitches(hasSwitch: (name: string) => boolean, isPackaged: boolean): void {
  const found = isPackaged ? REFUSED.find(hasSwitch) : undefined;
  if (found === undefined) return;
  throw new FerryError(
    "bad-request",
    `Ferry does not start with --${found}, which would let other programs read along. Nothing was opened. ` +
      "Start it without.",
  );
}

/**
 * Puts every page into the sandbox. Where Ferry was started without one, as root has to be, the call would take the switch
 * back after Chromium's first processes have gone by it, and those that start later would die (microsoft/vscode issue 184687).
 */
export function sandboxPages(app: { enableSandbox(): void; commandLine: { hasSwitch(name: string): boolean } }): void {
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
}

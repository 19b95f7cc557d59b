import { execFile } from "node:child_process";
import { join } from "node:path";

/** Ferry as a service of the user's own systemd: what its unit says, and how systemd is spoken to. */

export const UNIT = "ferry.service";

/** Only a file that begins so is replaced or removed. */
export const UNIT_MARK = "# Written by Ferry, which replaces this file, and removes it when it is asked to.";

/** Inside of the service, its passphrase is a credential of this name. */
const CREDENTIAL = "ferry-passphrase";

export interface UnitOptions {
  /** What is run, word by word: absolute paths, and `run` with its options. */
  command: readonly string[];
  /** The file that holds the passphrase of the secrets, where they are kept by one; absolute. */
  passphraseFile: string | null;
}

/** How a call of a program of systemd ended. */
export interface Ended {
  /** Null where the program is not there. */
  status: number | null;
  output: string;
}

export type CallSystemd = (program: "systemctl" | "systemd-notify", words: readonly string[]) => Promise<Ended>;

/** Calls a program of systemd, and never takes longer than a minute. */
export const callSystemd: CallSystemd = (program, words) =>
  new Promise((resolve) => {
    execFile(program, words, { timeout: 60_000 }, (error, output, complaint) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ status, output: `${output}${complaint}`.trim() });
    });
  });

/** Where a user's own units are (systemd.unit(5)). */
export function unitPath(environment: NodeJS.ProcessEnv, home: string): string {
  const configured = environment["XDG_CONFIG_HOME"];
  return join(configured?.startsWith("/") === true ? configured : join(home, ".config"), "systemd", "user", UNIT);
}

/**
 * The unit's text (systemd.service(5)). Ferry itself waits for the network and for a keychain that is locked, and says
 * when it is ready; it is started again whenever it ends otherwise than by being asked to.
 */
export function unitText({ command, passphraseFile }: UnitOptions): string {
  const passphrase =
    passphraseFile === null
      ? []
      : [
          `LoadCredential=${CREDENTIAL}:${specifier(passphraseFile)}`,
          `Environment=FERRY_PASSPHRASE_FILE=%d/${CREDENTIAL}`,
        ];
  return `${[
    UNIT_MARK,
    "[Unit]",
    "Description=Ferry, which mirrors Matrix rooms into each other",
    "After=dbus.socket gnome-keyring-daemon.service",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=notify",
    "NotifyAccess=all",
    `ExecStart=${command.map(quoted).join(" ")}`,
    ...passphrase,
    "Restart=on-failure",
    "RestartSec=10",
    "TimeoutStartSec=300",
    "TimeoutStopSec=30",
    "UMask=0077",
    "",
    "[Install]",
    "WantedBy=default.target",
  ].join("\n")}\n`;
}

/** One word of a command line (systemd.service(5), "Command lines"). */
function quoted(word: string): string {
  const escaped = specifier(word).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

/** A percent sign begins a specifier. */
function specifier(text: string): string {
  return text.replaceAll("%", "%%");
}

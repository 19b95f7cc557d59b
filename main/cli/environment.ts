import type { DataFolder } from "../host/data-folder.ts";
import type { SettingsWindow } from "../host/chromium-window.ts";
import type { Host } from "../host/host.ts";
import type { CallSystemd } from "../host/systemd.ts";
import type { SecretsKind } from "../host/secrets-choice.ts";
import type { Logger } from "../log.ts";
import type { controlRequests, StatusView } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";

/** What the `ferry` command needs of the world around it, so that all of it can be tried without one. */
export interface Environment {
  readonly version: string;
  /** Whether somebody sits at standard input and can be asked. */
  readonly interactive: boolean;
  /** From `FERRY_PASSPHRASE`, or the file that `FERRY_PASSPHRASE_FILE` names. @throws FerryError `passphrase-missing` */
  readonly passphrase: string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Writes a line to standard output. */
  print(text: string): void;
  /** Writes a line to standard error. */
  complain(text: string): void;
  /** The next line of standard input, or null at its end. */
  readLine(): Promise<string | null>;
  /** Asks without showing what is typed. */
  askHidden(question: string): Promise<string>;
  askYesOrNo(question: string): Promise<boolean>;
  /** Resolves when this process is asked to end. */
  endAsked(): Promise<void>;
  /** Where files go that Ferry writes for the user. */
  readonly exportFolder: string;
  openLog(folder: DataFolder): Logger;
  createApp(options: AppOptions): Promise<App>;
  openHost(folder: DataFolder, logger: Logger): Promise<Host>;
  /** Whether a window can be seen here. */
  readonly hasDisplay: boolean;
  /** Opens the settings page in a window. @throws FerryError `no-browser`, `browser-failed` */
  openWindow(folder: DataFolder, mayOpen: (address: string) => boolean): Promise<OpenWindow>;
  /** Hands a web address to the system's browser; does nothing where there is none. */
  openOutside(address: string): void;
  /** What starts the `ferry` command here, whoever calls it: absolute paths. */
  readonly ownCommand: readonly string[];
  /** Where the unit of `ferry service` is, or would be. */
  readonly serviceFile: string;
  callSystemd: CallSystemd;
  /** Tells whoever has started Ferry as a service that it is ready (sd_notify(3)); does nothing where nobody has. */
  tellReady(): void;
  /** Runs the desktop app and answers with its exit status, or null with the reason where it cannot be had. */
  runDesktop(words: DesktopArguments): Promise<DesktopEnd>;
}

/** The settings page in a window of its own. */
export type OpenWindow = Omit<SettingsWindow, "page">;

export interface DesktopArguments {
  folder: DataFolder;
  secrets: string | undefined;
}

export type DesktopEnd = { status: number } | { status: null; reason: string };

/** See main/app.ts, which implements it. */
export interface AppOptions {
  folder: DataFolder;
  secrets: SecretsKind;
  passphrase?: string | undefined;
  openHost: () => Promise<Host>;
  openOutside: (address: string) => void;
  logger: Logger;
  version: string;
  exportFolder: string;
  onStatus?: (status: StatusView) => void;
}

export interface App {
  handlers: Handlers<typeof controlRequests>;
  start(): Promise<void>;
  stop(): Promise<void>;
  ended: Promise<void>;
}

/** The options that every command takes. */
export interface Settings {
  data?: string | undefined;
  json: boolean;
  yes: boolean;
  secrets?: string | undefined;
}

/** What a command works with. */
export interface Context {
  environment: Environment;
  settings: Settings;
}

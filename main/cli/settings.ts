import { Argument, InvalidArgumentError, Option } from "commander";
import type { SettingsView } from "../protocol/control.ts";
import { show, type Action, type Add } from "./perform.ts";
import { table } from "./text.ts";

/** `ferry settings`. */

const SWITCHES = ["on", "off"] as const;
/** As `settingsView` allows it: a year. */
const MOST_HOURS = 8760;
const MOST_MB = 10_000;

type Changes = Partial<SettingsView>;

export const addSettingCommands: Add = (program, perform) => {
  const settings = program.command("settings").description("show and change settings");
  settings
    .command("show", { isDefault: true })
    .description("show them, and change those that are given")
    .addOption(switchFor("--accept-unverified", "whether approvals count whose device cannot be verified"))
    .option(
      "--catch-up-hours <hours>",
      "leave out what is older than this when Ferry sees it, or “none”",
      upTo(MOST_HOURS),
    )
    .option("--largest-file <megabytes>", "only tell of files that are larger, or “none”", upTo(MOST_MB))
    .addOption(new Option("--keys-for <devices>", "which devices get keys").choices(["all", "verified"]))
    .addOption(new Option("--notices <language>", "the language of Ferry's notices in rooms").choices(["en", "de"]))
    .addOption(switchFor("--notify-proposals", "notifications when somebody asks you"))
    .addOption(switchFor("--notify-stopped", "notifications when a link has stopped"))
    .addOption(switchFor("--notify-failed", "notifications when messages could not be delivered"))
    .addOption(new Option("--log-level <level>", "how much the log says").choices(["info", "debug"]))
    .addOption(switchFor("--start-at-login", "start Ferry when you log in to this computer"))
    .addOption(switchFor("--updates", "look for new versions"))
    .action(
      perform((context, { notices, catchUpHours, largestFile, ...given }: GivenSettings) => {
        const changes: Changes = given;
        if (notices !== undefined) changes.noticeLanguage = notices;
        if (catchUpHours !== undefined) changes.catchUpHours = catchUpHours === "none" ? null : catchUpHours;
        if (largestFile !== undefined) changes.largestFileMb = largestFile === "none" ? null : largestFile;
        return change(changes)(context);
      }),
    );
  settings
    .command("accept-unverified")
    .description("the same as --accept-unverified")
    .addArgument(new Argument("<state>").choices(SWITCHES))
    .action(perform((context, state: string) => change({ acceptUnverified: state === "on" })(context)));
};

interface GivenSettings extends Omit<Changes, "catchUpHours" | "largestFileMb" | "noticeLanguage"> {
  notices?: SettingsView["noticeLanguage"];
  catchUpHours?: number | "none";
  largestFile?: number | "none";
}

function change(changes: Changes): Action {
  const isAsked = Object.keys(changes).length === 0;
  return (context) =>
    show(context, (client) => (isAsked ? client.settings({}) : client.settingsChange(changes)), settingsText);
}

export function switchFor(flag: string, description: string): Option {
  return new Option(`${flag} <state>`, description).choices(SWITCHES).argParser((text) => {
    if (text !== "on" && text !== "off") throw new InvalidArgumentError("It is “on” or “off”.");
    return text === "on";
  });
}

/** Not null for none: commander would take that for an option that was not given. */
function upTo(most: number): (text: string) => number | "none" {
  return (text) => {
    if (text === "none") return "none";
    const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > most) throw new InvalidArgumentError(`It is a number up to ${most}, or “none”.`);
    return number;
  };
}

/** What the settings are, each by the name of its option. */
export function settingsText(settings: SettingsView): string {
  const { acceptUnverified, catchUpHours, largestFileMb, keysFor, noticeLanguage, logLevel } = settings;
  const { startAtLogin, updates } = settings;
  const approvals = acceptUnverified
    ? "Approvals count from every device, also from one that its owner has not verified."
    : "Approvals count only from devices that their owners have verified.";
  const limit =
    catchUpHours === null
      ? "Whatever was missed is copied, however old it is."
      : `What is older than ${catchUpHours} ${catchUpHours === 1 ? "hour" : "hours"} when Ferry sees it is left out.`;
  const files =
    largestFileMb === null
      ? "Files are copied up to the size that the homeserver takes."
      : `Files above ${largestFileMb} MB are only told of.`;
  const keys =
    keysFor === "all"
      ? "All devices of the people in a room can read what Ferry sends there."
      : "Only devices that their owners have verified can read what Ferry sends.";
  return table([
    ["accept-unverified", onOff(acceptUnverified), approvals],
    ["catch-up-hours", catchUpHours === null ? "none" : String(catchUpHours), limit],
    ["largest-file", largestFileMb === null ? "none" : String(largestFileMb), files],
    ["keys-for", keysFor, keys],
    ["notices", noticeLanguage, "The language of what Ferry says in rooms."],
    ["notify-proposals", onOff(settings.notifyProposals), "When somebody asks to link a room of yours."],
    ["notify-stopped", onOff(settings.notifyStopped), "When a link has stopped."],
    ["notify-failed", onOff(settings.notifyFailed), "When messages could not be delivered."],
    ["log-level", logLevel, "How much the log says."],
    ["start-at-login", onOff(startAtLogin), "Whether Ferry starts when you log in to this computer."],
    ["updates", onOff(updates), "Whether Ferry looks for new versions."],
  ]);
}

/** Null where it cannot be set here. */
function onOff(state: boolean | null): string {
  if (state === null) return "not here";
  return state ? "on" : "off";
}

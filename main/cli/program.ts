import { Command, CommanderError, InvalidArgumentError } from "commander";
import { asFerryError, FerryError, type FailureCode } from "../matrix/errors.ts";
import { doctor, login, logout, type LoginOptions, type LogoutOptions } from "./account.ts";
import { deleteData } from "./delete-data.ts";
import type { Context, Environment, Settings } from "./environment.ts";
import { failureText } from "./hints.ts";
import { toJson } from "./json.ts";
import { linkDetailText, proposalsText } from "./consent-views.ts";
import { tellOption } from "./link-tell.ts";
import { addLinkSetOptions, setLink, type LinkSetOptions } from "./link-set.ts";
import { changeLink, type LinkChangeOptions } from "./link-change.ts";
import {
  addLink,
  proposeLink,
  removeLink,
  withdrawLink,
  type LinkAddOptions,
  type LinkRemoveOptions,
} from "./links.ts";
import { exitStatus, show, type Action, type Perform } from "./perform.ts";
import { open } from "./open.ts";
import { approve, decline, type ApproveOptions } from "./proposals.ts";
import { run, start } from "./run.ts";
import { security, verify, type VerifyOptions } from "./security.ts";
import { addServiceCommands } from "./service.ts";
import { connectToFerry } from "./session.ts";
import { addSettingCommands } from "./settings.ts";
import { counted, foreign } from "./text.ts";
import { linksText, linkText, outboxText, roomsText, statusText } from "./views.ts";

/**
 * Runs one `ferry` command.
 *
 * @param words what stands behind `ferry` on the command line
 * @returns the exit status; every failure has been reported on standard error
 */
export async function runCommand(words: readonly string[], environment: Environment): Promise<number> {
  let status: number = exitStatus.ok;
  const usage: string[] = [];
  const program = createProgram(environment, usage, (ended) => (status = ended));
  try {
    await program.parseAsync(words, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitStatus.ok;
    const failure =
      error instanceof CommanderError ? new FerryError("bad-request", usage.join("\n").trim()) : asFerryError(error);
    report(environment, failure, words.includes("--json"));
    return exitStatusOf(failure.code);
  }
}

function report(environment: Environment, failure: FerryError, json: boolean): void {
  const message = failureText(failure);
  environment.complain(json ? toJson({ error: { code: failure.code, message } }) : message);
}

function exitStatusOf(code: FailureCode): number {
  if (code === "not-running") return exitStatus.notRunning;
  return code === "bad-request" ? exitStatus.usage : exitStatus.failure;
}

const LINK = "its id, the start of it, or its name";
const EXPOSE = "agree that encrypted messages become readable in this room; once for each such room";

function createProgram(environment: Environment, usage: string[], onEnd: (status: number) => void): Command {
  const program = new Command("ferry")
    .description("Mirrors your own end-to-end encrypted Matrix rooms into each other.")
    .version(environment.version)
    .option("--data <dir>", "the data folder (or FERRY_DATA)")
    .option("--json", "print one JSON document", false)
    .option("--yes", "answer every question with yes", false)
    .option("--secrets <kind>", "where secrets are kept: keychain, passphrase or plain-file")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => environment.print(text.trimEnd()),
      writeErr: (text) => void usage.push(text.trimEnd()),
    })
    .showHelpAfterError("“ferry --help” lists the commands.")
    .exitOverride();
  const perform: Perform =
    (action) =>
    async (...args) => {
      const command = args.pop() as Command;
      const settings = command.optsWithGlobals<Settings>();
      onEnd(await action({ environment, settings }, ...(args as never[])));
    };
  addLifeCommands(program, perform);
  addConsentCommands(program, addLinkCommands(program, perform), perform);
  addSettingCommands(program, perform);
  addServiceCommands(program, perform);
  addOutboxCommands(program, perform);
  return program;
}

function addLifeCommands(program: Command, perform: Perform): void {
  program
    .command("run")
    .description("run Ferry in the foreground, with Chromium")
    .action(perform((context) => run(context)));
  program.command("start").description("run the desktop app, or else what “run” does").action(perform(start));
  program.command("open").description("open the window of the running Ferry").action(perform(open));
  program.command("stop").description("end the running Ferry in order").action(perform(stop));
  program
    .command("login")
    .description("log in as a new device: with a password, in the browser, or with an access token")
    .option("--homeserver <server>", "its name or address; may be left out where --user is a full user id")
    .option("--user <user>", "the user name or user id")
    .option("--browser", "log in at the homeserver's own page, in the system's browser on this machine")
    .option("--password-stdin", "read the password from standard input")
    .option("--token-stdin", "read an existing access token from standard input instead")
    .action(perform((context, options: LoginOptions) => login(context, options)));
  program
    .command("logout")
    .description("log this device out")
    .option("--drop-owed", "give up what has not been copied yet")
    .action(perform((context, options: LogoutOptions) => logout(context, options)));
  program
    .command("delete-data")
    .description("log out, and delete everything that Ferry keeps on this computer")
    .action(perform(deleteData));
  const pause: Action = (context) => show(context, (client) => client.pauseAll({}), statusText);
  program.command("pause").description("stop everything at once; nothing is lost").action(perform(pause));
  const resume: Action = (context) => show(context, (client) => client.resumeAll({}), statusText);
  program.command("resume").description("go on with everything").action(perform(resume));
  program
    .command("verify")
    .description("verify this device, by the recovery key or passphrase, or by comparing emoji")
    .option("--emoji", "compare emoji with another device of the account")
    .action(perform((context, options: VerifyOptions) => verify(context, options)));
  program.command("security").description("say how far this device is trusted").action(perform(security));
  const status: Action = (context) => show(context, (client) => client.status({}), statusText);
  program.command("status").description("say what Ferry is doing").action(perform(status));
  const rooms: Action = (context) => show(context, (client) => client.rooms({}), roomsText);
  program.command("rooms").description("list the rooms of the account").action(perform(rooms));
  const diagnostics: Action = (context) => show(context, (client) => client.diagnosticsSave({}), savedText);
  program
    .command("diagnostics")
    .description("save what helps to find a fault, without names and texts")
    .action(perform(diagnostics));
  program.command("doctor").description("check browser, keychain, store, homeserver and clock").action(perform(doctor));
}

function addLinkCommands(program: Command, perform: Perform): Command {
  const link = program.command("link").description("make, show and change links between rooms");
  link
    .command("add")
    .description("link rooms, named by id or alias")
    .argument("<room...>")
    .option("--name <name>", "a name for the link")
    .option("--one-way", "only from the first room to the others")
    .addOption(tellOption())
    .option("--expose <room>", EXPOSE, collect)
    .action(perform((context, rooms: string[], options: LinkAddOptions) => addLink(context, rooms, options)));
  const list: Action = (context) => show(context, (client) => client.linkList({}), linksText);
  link.command("list").description("list all links").action(perform(list));
  const exported: Action = (context) => show(context, (client) => client.linksExport({}), savedText);
  link.command("export").description("save what links there are, to be made again elsewhere").action(perform(exported));
  const about = (name: string, description: string): Command =>
    link.command(name).description(description).argument("<link>", LINK);
  about("show", "show one link, who has agreed to it and who has not").action(
    perform((context, reference: string) =>
      show(context, (client) => client.linkShow({ link: reference }), linkDetailText),
    ),
  );
  about("pause", "stop copying for now; nothing is lost").action(
    perform((context, reference: string) => show(context, (client) => client.linkPause({ link: reference }), linkText)),
  );
  about("resume", "go on where it was paused").action(
    perform((context, reference: string) =>
      show(context, (client) => client.linkResume({ link: reference }), linkText),
    ),
  );
  about("change", "other rooms, another direction, or what is told; it goes on as it was until all agree")
    .option("--add <room>", "a room to link, too; once for each", collect)
    .option("--without <room>", "a room that is not to be linked any more; once for each", collect)
    .option("--one-way", "only from the first room to the others")
    .option("--two-way", "between all of them")
    .addOption(tellOption())
    .option("--follow", "go on in the rooms that have replaced rooms of this link")
    .option("--expose <room>", EXPOSE, collect)
    .action(
      perform((context, reference: string, options: LinkChangeOptions) => changeLink(context, reference, options)),
    );
  about("withdraw", "take back what was asked of the admins of its rooms").action(
    perform((context, reference: string) => withdrawLink(context, reference)),
  );
  about("rename", "call it something else; nobody is told")
    .argument("<name>", "what to call it")
    .action(
      perform((context, reference: string, name: string) =>
        show(context, (client) => client.linkRename({ link: reference, name }), linkText),
      ),
    );
  addLinkSetOptions(about("set", "what it leaves out, and how its copies name people; says how it is set")).action(
    perform((context, reference: string, options: LinkSetOptions) => setLink(context, reference, options)),
  );
  about("remove", "remove a link; the copies stay")
    .option("--quiet", "tell the rooms by their settings only, without a message")
    .action(
      perform((context, reference: string, options: LinkRemoveOptions) => removeLink(context, reference, options)),
    );
  return link;
}

/** What is asked of others, what they ask, and the answers. */
function addConsentCommands(program: Command, link: Command, perform: Perform): void {
  link
    .command("propose")
    .description("make a link and ask the admins of its rooms; or ask again for a link")
    .argument("<rooms...>", "two or more rooms, or one link")
    .option("--name <name>", "a name for the link")
    .option("--one-way", "only from the first room to the others")
    .addOption(tellOption())
    .option("--expose <room>", EXPOSE, collect)
    .action(perform((context, rooms: string[], options: LinkAddOptions) => proposeLink(context, rooms, options)));
  link
    .command("approve")
    .description("agree to what somebody has asked, or to a link of your own as it is now")
    .argument("<code>", "a code from “ferry proposals”, or a link")
    .option("--expose <room>", EXPOSE, collect)
    .action(perform((context, reference: string, options: ApproveOptions) => approve(context, reference, options)));
  link
    .command("decline")
    .description("decline what somebody has asked")
    .argument("<code>", "a code from “ferry proposals”")
    .action(perform((context, code: string) => decline(context, code)));
  const proposals: Action = (context) => show(context, (client) => client.proposals({}), proposalsText);
  program.command("proposals").description("list what others have asked you").action(perform(proposals));
}

function addOutboxCommands(program: Command, perform: Perform): void {
  const outbox = program.command("outbox").description("show and handle the copies that are still owed");
  outbox
    .command("list", { isDefault: true })
    .description("list them")
    .option("--failed", "only those that failed")
    .action(
      perform((context, { failed }: { failed?: boolean }) =>
        show(context, (client) => client.outbox({ failedOnly: failed ?? false }), outboxText),
      ),
    );
  outbox
    .command("retry")
    .description("try again: these, or all that failed")
    .argument("[ids...]", "numbers from “ferry outbox”", parseIds)
    .action(
      perform((context, ids: number[]) =>
        show(context, (client) => client.outboxRetry(ids.length === 0 ? {} : { ids }), touched("Trying again")),
      ),
    );
  outbox
    .command("dismiss")
    .description("give these up for good")
    .argument("<ids...>", "numbers from “ferry outbox”", parseIds)
    .action(
      perform((context, ids: number[]) =>
        show(context, (client) => client.outboxDismiss({ ids }), touched("Dismissed")),
      ),
    );
}

/** Ends the running Ferry, and returns when it has ended. */
async function stop(context: Context): Promise<number> {
  const connection = await connectToFerry(context);
  try {
    await connection.client.quit({});
  } catch (error) {
    // It may be gone before its answer is out, which is what was asked for.
    if (!(error instanceof FerryError && error.code === "not-running")) throw error;
  }
  await connection.closed;
  context.environment.print(context.settings.json ? toJson({ ok: true }) : "Ferry has stopped.");
  return exitStatus.ok;
}

function savedText({ path }: { path: string }): string {
  return `Saved as ${foreign(path)}`;
}

function touched(what: string): (result: { count: number }) => string {
  return ({ count }) => `${what}: ${counted(count, "message")}.`;
}

function collect(room: string, before: string[] | undefined): string[] {
  return [...(before ?? []), room];
}

function parseIds(text: string, before: number[] | undefined): number[] {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It is a number that “ferry outbox” shows.");
  return [...(before ?? []), Number(text)];
}

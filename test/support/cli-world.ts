import { realpathSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { runCommand } from "../../main/cli/program.ts";
import type { App, AppOptions, Environment } from "../../main/cli/environment.ts";
import { createLogger } from "../../main/log.ts";
import { FerryError } from "../../main/matrix/errors.ts";
import type { controlRequests } from "../../main/protocol/control.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import { serveControl, type ControlServer } from "../../main/service/control-socket.ts";
import { removeFolder, temporaryFolder } from "./cleanup.ts";
import { fakeHandlers } from "./fake-control.ts";

/** The `ferry` command without a machine around it. */

export interface Outcome {
  status: number;
  out: string;
  error: string;
}

export interface World {
  environment: Environment;
  out: string[];
  error: string[];
  opened: AppOptions[];
}

/** Everything around the command, with an app that does nothing. */
export function world(changes: Partial<Environment> = {}, app: Partial<App> = {}, input: string[] = []): World {
  const out: string[] = [];
  const error: string[] = [];
  const opened: AppOptions[] = [];
  const environment: Environment = {
    version: "0.1.0",
    interactive: false,
    passphrase: undefined,
    now: () => 3_600_000,
    exportFolder: "/nowhere",
    print: (text) => void out.push(text),
    complain: (text) => void error.push(text),
    readLine: async () => input.shift() ?? null,
    askHidden: async () => input.shift() ?? "",
    askYesOrNo: async () => input.shift() === "y",
    endAsked: () => new Promise(() => undefined),
    openLog: () => createLogger({ level: "info" }),
    createApp: async (options) => {
      opened.push(options);
      const idle = { start: async () => undefined, stop: async () => undefined, ended: Promise.resolve() };
      return { handlers: fakeHandlers(), ...idle, ...app };
    },
    openHost: () => Promise.reject(new FerryError("no-browser", "No browser.")),
    hasDisplay: false,
    openWindow: () => Promise.reject(new FerryError("no-browser", "No browser.")),
    openOutside: () => undefined,
    ownCommand: ["/usr/bin/node", "/opt/ferry/main/bin/ferry.mjs"],
    serviceFile: "/nowhere/ferry.service",
    callSystemd: async () => ({ status: null, output: "" }),
    tellReady: () => undefined,
    runDesktop: async () => ({
      status: null,
      reason: "Electron's runtime is not here, so Ferry goes on with Chromium.",
    }),
    ...changes,
  };
  return { environment, out, error, opened };
}

/** Somebody at a terminal who answers so, with the questions that were asked. */
export function asked(...answers: ("y" | "n")[]): { surroundings: World; questions: string[] } {
  const questions: string[] = [];
  const askYesOrNo = async (question: string): Promise<boolean> => {
    questions.push(question);
    return answers.shift() === "y";
  };
  return { surroundings: world({ interactive: true, askYesOrNo }), questions };
}

/** The command of a test file: each of its tests has a data folder of its own. */
export interface Cli {
  /** The data folder of the test that runs. */
  folder: () => string;
  /** Runs a command on that folder. */
  ferry: (words: string[], surroundings?: World) => Promise<Outcome>;
  /** Has a fake Ferry run with that folder, until the test is over or the answer is closed. */
  running: (changes?: Partial<Handlers<typeof controlRequests>>) => Promise<ControlServer>;
}

/** Sets up, around every test of the file that calls it, what the `ferry` command needs. */
export function setUpCli(): Cli {
  let folder = "";
  const servers: ControlServer[] = [];
  beforeEach(() => {
    folder = realpathSync(temporaryFolder("ferry-cli-"));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    removeFolder(folder);
  });
  return {
    folder: () => folder,
    ferry: (words, surroundings) => runFerry(folder, words, surroundings),
    running: async (changes = {}) => {
      const server = await serveControl({ path: join(folder, "control.sock"), handlers: fakeHandlers(changes) });
      servers.push(server);
      return server;
    },
  };
}

/** What a command printed as JSON. */
export function parse(text: string): unknown {
  return JSON.parse(text);
}

/** The code that a command failed with, which it printed as JSON. */
export function codeOf({ error }: Outcome): unknown {
  return (parse(error) as { error: { code: unknown } }).error.code;
}

async function runFerry(
  folder: string,
  words: string[],
  { environment, out, error }: World = world(),
): Promise<Outcome> {
  const status = await runCommand(["--data", folder, ...words], environment);
  return { status, out: out.join("\n"), error: error.join("\n") };
}

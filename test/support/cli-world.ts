import { runCommand } from "../../main/cli/program.ts";
import type { App, AppOptions, Environment } from "../../main/cli/environment.ts";
import { createLogger } from "../../main/log.ts";
import { FerryError } from "../../main/matrix/errors.ts";
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

/** Runs a command on a data folder. */
export async function runFerry(
  folder: string,
  words: string[],
  { environment, out, error }: World = world(),
): Promise<Outcome> {
  const status = await runCommand(["--data", folder, ...words], environment);
  return { status, out: out.join("\n"), error: error.join("\n") };
}

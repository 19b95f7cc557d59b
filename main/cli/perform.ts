import type { Command } from "commander";
import type { Context } from "./environment.ts";
import { toJson } from "./json.ts";
import { askFerry, type ControlClient } from "./session.ts";

/** What the parts of the command line are put together with. */

/** The exit statuses, as documented in docs/command.md. */
export const exitStatus = { ok: 0, failure: 1, usage: 2, notRunning: 3 } as const;

export type Action = (context: Context) => Promise<number>;

/** Makes what commander calls: it passes arguments first, then options, then the command. */
export type Perform = (
  action: (context: Context, ...args: never[]) => Promise<number>,
) => (...args: unknown[]) => Promise<void>;

/** Adds commands to one. */
export type Add = (program: Command, perform: Perform) => void;

/** Asks the running Ferry, and prints its answer. */
export async function show<Result>(
  context: Context,
  question: (client: ControlClient) => Promise<Result>,
  text: (result: Result, now: number) => string,
): Promise<number> {
  const { environment, settings } = context;
  const result = await askFerry(context, question);
  environment.print(settings.json ? toJson(result) : text(result, environment.now()));
  return exitStatus.ok;
}

import { parseArgs } from "node:util";
import { measureBrowserLatency } from "./browser-latency.ts";
import { measureCatchingUp } from "./catching-up.ts";
import { measureLatency } from "./latency.ts";
import { engineAndMain } from "./memory.ts";
import { figuresOf, profile, table, type Results } from "./report.ts";
import { measureStarting } from "./starting.ts";
import { measureWindow } from "./window.ts";
import { createWorld, rest, type World } from "./world.ts";

/**
 * `npm run bench`: how long Ferry takes, against the same without Ferry, on one homeserver in one run.
 *
 * Ends with an error only where something did not work, never because of a slow figure.
 */

const USAGE = "Usage: npm run bench -- [--json] [--messages N] [--pairs N] [--profile]";
const startedAt = performance.now();

async function main(): Promise<void> {
  const options = readOptions();
  progress("Starting a homeserver, three people and Ferry …");
  const world = await createWorld();
  const results = await measure(world, options);
  const figures = figuresOf(results);
  await world.end();
  if (options.profile) process.stderr.write(`${profile(results.catchingUp.processorMs)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(figures) : table(figures)}\n`);
}

async function measure(world: World, { messages, pairs }: Options): Promise<Results> {
  progress("From start to first copy …");
  const { ferry, ...starting } = await measureStarting(world);
  await rest();
  const memoryIdle = engineAndMain(ferry);
  progress(`Latency, ${pairs} pairs of hops …`);
  const latency = await measureLatency(world, pairs);
  progress(`Latency between browsers, ${pairs} pairs of hops …`);
  const browserLatency = await measureBrowserLatency(world, pairs);
  await ferry.stop();
  progress(`Catching up ${messages} messages …`);
  const catchingUp = await measureCatchingUp(world, messages);
  progress("Opening the window, with nothing and with 50 links …");
  const window = await measureWindow();
  return { messages, pairs, window, starting, memoryIdle, latency, browserLatency, catchingUp };
}

interface Options {
  json: boolean;
  /** Says on standard error which process used the processor while Ferry caught up. */
  profile: boolean;
  messages: number;
  pairs: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      messages: { type: "string", default: "1000" },
      pairs: { type: "string", default: "40" },
    },
  });
  const { json, profile } = values;
  return { json, profile, messages: atLeast(2, values.messages), pairs: atLeast(1, values.pairs) };
}

function atLeast(least: number, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`“${text}” is not a number from ${least}. ${USAGE}`);
  return value;
}

function progress(text: string): void {
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`The bench did not work: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// What is still open (connections of the people's clients) is no reason to go on.
process.exit();

import { parseArgs } from "node:util";
import { consentInWords, isAsAgreed, negotiate } from "./consent.ts";
import { talkAcross } from "./conversation.ts";
import { crossBothWays, isClean, type Totals } from "./crossing.ts";
import { sideBySide } from "./side-by-side.ts";
import { setConsentStage, setStage, strike, type Tell } from "./stage.ts";

/**
 * `npm run demo`: two people talk across two encrypted rooms on a real homeserver, carried by a real Ferry.
 *
 *   --messages N   how many messages each of them sends in the second part (10)
 *   --consent      another piece: Kim asks, Jo agrees by a code and later ends it
 *   --json         the last line of standard output is one JSON object with the totals; all else on standard error
 */

const USAGE = "Usage: npm run demo -- [--messages N | --consent] [--json]";

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const tell = (line: string): void => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  return options.consent ? playConsent(options.json, tell) : playCrossing(options.messages, options.json, tell);
}

async function playCrossing(messages: number, json: boolean, tell: Tell): Promise<number> {
  const stage = await setStage(tell);
  await talkAcross(stage, tell);
  tell(`\n${await sideBySide(stage.kitchen, stage.workshop)}\n`);
  const totals = await crossBothWays(stage, messages, tell);
  await strike(stage);
  process.stdout.write(`${json ? JSON.stringify(totals) : inWords(totals)}\n`);
  return isClean(totals) ? 0 : 1;
}

async function playConsent(json: boolean, tell: Tell): Promise<number> {
  const stage = await setConsentStage(tell);
  const totals = await negotiate(stage, tell);
  await strike(stage);
  process.stdout.write(`${json ? JSON.stringify(totals) : consentInWords(totals)}\n`);
  return isAsAgreed(totals) ? 0 : 1;
}

interface Options {
  messages: number;
  consent: boolean;
  json: boolean;
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        messages: { type: "string" },
        consent: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { consent, json } = values;
    const messages = Number(values.messages ?? 10);
    // The two pieces are played one at a time.
    const isOne = !consent || values.messages === undefined;
    return isOne && Number.isInteger(messages) && messages > 0 ? { messages, consent, json } : null;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return null;
  }
}

function inWords(totals: Totals): string {
  const lines = totals.directions.map((way) => {
    const latency = way.median_latency_ms === null ? "" : `, ${way.median_latency_ms} ms in the median`;
    return `${way.from} → ${way.to}: ${way.sent} sent, ${way.arrived} arrived, ${way.duplicates} duplicates, ${way.out_of_order} out of order${latency}.`;
  });
  const verdict = isClean(totals) ? "Every message arrived once, in order, readable." : "That is not as it should be.";
  return [...lines, `Undecryptable: ${totals.undecryptable}. ${verdict}`].join("\n");
}

// Ends here whatever still runs: clients keep timers, and everything else is cleaned up at the process's end.
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`The demo failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
process.stdout.write("", () => process.exit());

import type { Reporter, TestModule } from "vitest/node";
import { FILE_BUDGETS, WHOLE_BUDGET } from "../suites.ts";

/** What a file has taken, in seconds. */
export interface FileTime {
  suite: string;
  file: string;
  seconds: number;
}

const SHOWN = 10;

/**
 * Says which files took longest and, where `FERRY_BUDGETS` is set, as it is in continuous integration, fails the run
 * where a file or the whole has taken more than it may: else the time that tests take comes back bit by bit.
 */
export class BudgetReporter implements Reporter {
  #startTs = Date.now();

  onTestRunStart(): void {
    this.#startTs = Date.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const times = modules.map(timeOf).sort((one, other) => other.seconds - one.seconds);
    if (times.length > SHOWN) print(`The slowest of ${times.length} files:\n${linesOf(times.slice(0, SHOWN))}`);
    if (!process.env["FERRY_BUDGETS"]) return;
    const excesses = excessesOf(times, (Date.now() - this.#startTs) / 1000);
    if (excesses.length === 0) return;
    print(`What tests may take (test/suites.ts) was exceeded:\n${excesses.join("\n")}`);
    process.exitCode = 1;
  }
}

/** What has taken longer than it may, in words. */
export function excessesOf(times: readonly FileTime[], wholeSeconds: number): string[] {
  const whole = wholeSeconds > WHOLE_BUDGET ? [`  all of them: ${round(wholeSeconds)} of ${WHOLE_BUDGET} s`] : [];
  const files = times.flatMap(({ suite, file, seconds }) => {
    const budget = FILE_BUDGETS[suite] ?? 0;
    return seconds > budget ? [`  ${file} (${suite}): ${round(seconds)} of ${budget} s`] : [];
  });
  return [...whole, ...files];
}

function timeOf(module: TestModule): FileTime {
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  const seconds = (collectDuration + setupDuration + duration) / 1000;
  return { suite: module.project.name, file: module.relativeModuleId, seconds };
}

function linesOf(times: readonly FileTime[]): string {
  return times.map(({ suite, file, seconds }) => `${round(seconds).padStart(7)} s  ${file} (${suite})`).join("\n");
}

function round(seconds: number): string {
  return seconds.toFixed(1);
}

function print(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

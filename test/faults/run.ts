import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTS, type Fault } from "./faults.ts";

/**
 * `npm run test:faults`: puts each fault into a copy of the checkout and runs the tests that are to find it. Ends with 1
 * where one of them does not, or cannot be put in any more.
 */

const ROOT = join(import.meta.dirname, "../..");
const LEFT_BEHIND = ["node_modules", ".git", "release", "reports", ".stryker"];

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "ferry-faults-"));
let unfound = 0;
try {
  for (const name of readdirSync(ROOT)) {
    if (!LEFT_BEHIND.includes(name)) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const fault of FAULTS) {
    if (wanted.length > 0 && !wanted.some((word) => fault.name.includes(word))) continue;
    const outcome = tryFault(fault);
    if (outcome !== "found") unfound += 1;
    process.stdout.write(`${outcome.padEnd(9)} ${fault.name} (${fault.file})\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(unfound === 0 ? "Every fault was found.\n" : `Not found: ${unfound}.\n`);
process.exitCode = unfound === 0 ? 0 : 1;

function tryFault({ file, find, replace, tests }: Fault): "found" | "not found" | "not there" | "no build" {
  const path = join(folder, file);
  const sound = readFileSync(path, "utf8");
  if (sound.split(find).length !== 2) return "not there";
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  try {
    if (perform("npm", ["run", "--silent", "build"]) !== 0) return "no build";
    const report = join(folder, "report.json");
    perform(process.execPath, [vitest(), "run", "--config", "test/vitest.config.ts", "--project", "!long", ...tests], {
      FERRY_TEST_REPORT: report,
    });
    // A test that fails, and not a file that cannot be loaded.
    return failedTests(report) > 0 ? "found" : "not found";
  } finally {
    writeFileSync(path, sound);
  }
}

function vitest(): string {
  return join(folder, "node_modules/vitest/vitest.mjs");
}

function perform(program: string, words: string[], env: Record<string, string> = {}): number | null {
  return spawnSync(program, words, { cwd: folder, stdio: "ignore", env: { ...process.env, ...env } }).status;
}

function failedTests(report: string): number {
  const { numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as { numFailedTests: number };
  rmSync(report);
  return numFailedTests;
}

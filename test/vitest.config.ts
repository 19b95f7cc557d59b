import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { JOURNEYS, MODULES_REPLACED, UNENDING } from "./suites.ts";
import { BudgetReporter } from "./support/budget-reporter.ts";

const report = process.env["FERRY_TEST_REPORT"];
const processors = availableParallelism();
/** What starts homeservers and browsers takes the better part of a core and a gigabyte. */
const workers = Math.min(processors, 4);
const SEVERAL_MINUTES = 180_000;

/**
 * The suites, one after the other; `npm test` leaves out the long one. Files share a worker's process with those before
 * them, and with it its window or its homeserver: see test/support/kept-window.ts, and `sharedSynapse` in
 * test/support/synapse.ts.
 */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    reporters: ["default", new BudgetReporter(), ...(report ? ["json"] : [])],
    ...(report ? { outputFile: { json: report } } : {}),
    pool: "forks",
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/unit/**/*.test.ts", "test/desktop/**/*.test.ts"],
          exclude: MODULES_REPLACED,
          maxWorkers: processors,
          unstubGlobals: true,
          unstubEnvs: true,
          // A test that takes seconds on a busy machine has not failed.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "replaced",
          include: MODULES_REPLACED,
          isolate: true,
          maxWorkers: processors,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "window",
          include: ["test/settings/**/*.test.ts"],
          exclude: JOURNEYS,
          setupFiles: ["test/settings/set-up.ts"],
          maxWorkers: workers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "headless",
          include: ["test/headless/**/*.test.ts", ...JOURNEYS],
          setupFiles: ["test/headless/set-up.ts"],
          maxWorkers: workers,
          testTimeout: SEVERAL_MINUTES,
          hookTimeout: SEVERAL_MINUTES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts", ...UNENDING],
          env: { FERRY_EFFORT: process.env["FERRY_EFFORT"] || "10" },
          setupFiles: ["test/headless/set-up.ts"],
          maxWorkers: workers,
          testTimeout: SEVERAL_MINUTES,
          hookTimeout: SEVERAL_MINUTES,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const report = process.env["FERRY_TEST_REPORT"];
/** What starts a homeserver and browsers takes the better part of a core and a gigabyte. */
const workers = Math.min(availableParallelism(), 4);

/**
 * Four suites, each after the one before it. Files with a browser share a worker's process with those before them, and
 * its window or homeserver: see test/support/kept-window.ts and `sharedSynapse` in test/support/synapse.ts.
 */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    reporters: report ? ["default", "json"] : ["default"],
    ...(report ? { outputFile: { json: report } } : {}),
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/unit/**/*.test.ts", "test/desktop/**/*.test.ts"],
          maxWorkers: availableParallelism(),
          // A test that takes seconds on a busy machine has not failed.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "window",
          include: ["test/settings/**/*.test.ts"],
          exclude: ["test/settings/journey*.test.ts"],
          setupFiles: ["test/settings/set-up.ts"],
          isolate: false,
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
          include: ["test/headless/**/*.test.ts", "test/settings/journey*.test.ts"],
          setupFiles: ["test/headless/set-up.ts"],
          isolate: false,
          maxWorkers: workers,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

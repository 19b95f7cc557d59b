import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const report = process.env["FERRY_TEST_REPORT"];
const processors = availableParallelism();

/** Everything pure runs in parallel; what starts a homeserver and a browser runs one file at a time. */
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
          maxWorkers: processors,
          // A test that takes seconds on a busy machine has not failed.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/engine/**/*.test.ts", "test/headless/**/*.test.ts", "test/settings/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

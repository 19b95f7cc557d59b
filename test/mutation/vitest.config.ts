import { defineConfig } from "vitest/config";

/** The tests that changed code of the pure folder is tried on: its own. */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  test: {
    isolate: false,
    include: ["test/unit/bridge/**/*.test.ts"],
    // A tenth of what is tried otherwise: for each change it is done again.
    env: { FERRY_EFFORT: "0.1" },
    testTimeout: 60_000,
  },
});

import { defineConfig } from "vitest/config";

/** The tests that changed code of the pure folder is tried on: its own, and those of what stands on it. */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  test: {
    isolate: false,
    include: ["test/unit/bridge/**/*.test.ts", "test/unit/service/**/*.test.ts"],
    // A tenth of what is tried otherwise: for each change it is done again.
    env: { FERRY_EFFORT: "0.1", FERRY_WORLDS: "2" },
    testTimeout: 60_000,
  },
});

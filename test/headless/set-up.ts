import { afterAll, afterEach } from "vitest";
import { describeFerries } from "../support/ferry.ts";

/** Runs for each file that has Ferry run: where something fails, what every Ferry said and noted last is printed. */

afterEach(({ task }) => {
  if (task.result?.state === "fail") console.log(describeFerries());
});

// Also where it failed before the first test.
afterAll(({}, suite) => {
  const isUntried = suite.tasks.every((task) => task.result?.state === undefined || task.result.state === "skip");
  if (suite.result?.state === "fail" && isUntried) console.log(describeFerries());
});

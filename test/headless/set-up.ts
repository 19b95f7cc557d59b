import { afterAll, afterEach, beforeEach } from "vitest";
import { describeFerries } from "../support/ferry.ts";

/** Runs for each file that has Ferry run: where something fails, what every Ferry said and noted last is printed. */

let hasBegun = false;
beforeEach(() => void (hasBegun = true));

afterEach(({ task }) => {
  if (task.result?.state === "fail") console.log(describeFerries());
});

afterAll(() => {
  // What comes before the first test has failed.
  if (!hasBegun) console.log(describeFerries());
});

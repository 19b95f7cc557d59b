import { expect, test } from "vitest";
import { FerryError } from "../../../../main/matrix/errors.ts";
import { problemIn } from "../../../../renderer/settings/words/problems.ts";

test("a failure that is about the field is said there, with what can be done", () => {
  const failure = new FerryError("wrong-password", "M_FORBIDDEN");
  expect(problemIn(failure, ["wrong-password"])).toMatch(/password\. Check/);
});

test("any other failure is not", () => {
  expect(problemIn(new FerryError("offline", "No network."), ["wrong-password"])).toBe(null);
  expect(problemIn(null, ["wrong-password"])).toBe(null);
});

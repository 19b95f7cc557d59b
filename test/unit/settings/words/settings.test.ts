import { expect, test } from "vitest";
import { catchUpChoices, limitOf, limitValue } from "../../../../renderer/settings/words/settings.ts";

const labels = (hours: number | null): string[] => catchUpChoices(hours).map(({ label }) => label);

test("how far back Ferry may go is offered in words", () => {
  expect(labels(null)).toEqual(["No limit", "1 hour", "1 day", "1 week", "30 days"]);
});

test("what was set elsewhere is among the choices, in its place", () => {
  expect(labels(48)).toEqual(["No limit", "1 hour", "1 day", "2 days", "1 week", "30 days"]);
  expect(labels(5)).toEqual(["No limit", "1 hour", "5 hours", "1 day", "1 week", "30 days"]);
  expect(labels(336)).toEqual(["No limit", "1 hour", "1 day", "1 week", "2 weeks", "30 days"]);
});

test.each([null, 1, 24, 48, 720])("%s hours come back as they went", (hours) => {
  const value = limitValue(hours);
  expect(catchUpChoices(hours).map((choice) => choice.value)).toContain(value);
  expect(limitOf(value)).toBe(hours);
});

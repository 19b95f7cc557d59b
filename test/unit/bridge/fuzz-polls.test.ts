import fc from "fast-check";
import { expect, test } from "vitest";
import { Fuzz, TIMEOUT_MS } from "./fuzz-check.ts";
import { anything, anyText, field, hostileContext, hostileEvent, object, surroundings } from "./fuzz-support.ts";
import { EFFORT } from "../../support/effort.ts";

const words = fc.oneof({ weight: 9, arbitrary: anyText }, { weight: 1, arbitrary: anything });
const text = object({
  ...{ "org.matrix.msc1767.text": words, body: words, "m.text": fc.oneof(words, fc.array(object({ body: words }))) },
  mimetype: field("text/plain", "text/html"),
});
const answer = object({
  ...{
    id: field("a", "b", "c", "", "\ud800", "\0", "x".repeat(500), "__proto__", "constructor"),
    "m.id": field("a", "d"),
  },
  ...{ "org.matrix.msc1767.text": words, "m.text": fc.array(object({ body: words }), { maxLength: 3 }) },
});
const manyAnswers = Array.from({ length: 40 }, (_, index) => ({
  id: `${index}`,
  "org.matrix.msc1767.text": "語".repeat(400),
}));
const poll = object({
  question: text,
  answers: fc.oneof(
    { weight: 9, arbitrary: fc.array(answer, { maxLength: 6 }) },
    { weight: 1, arbitrary: field([], manyAnswers) },
  ),
  kind: field("org.matrix.msc3381.poll.disclosed", "m.undisclosed", "secret"),
  max_selections: field(1, 2, 0.5, 2 ** 60, -3),
});
const starts = { "org.matrix.msc3381.poll.start": poll, "m.poll": poll, "m.poll.start": poll, body: words };
const votes = {
  "org.matrix.msc3381.poll.response": object({
    answers: field(
      ["a"],
      ["a", 1, null],
      Array.from({ length: 3000 }, () => "a"),
    ),
  }),
  "m.selections": field(["a"], "a", [["a"]]),
  "org.matrix.msc3381.poll.end": field({}),
  "m.poll.results": object({ a: field(1, 0.5) }),
};

test(
  "polls, votes and their ends, whole and broken",
  () => {
    const fuzz = new Fuzz();
    const content = fc.record(
      { ...starts, ...votes, ...surroundings, "m.new_content": object(starts) },
      { requiredKeys: ["org.matrix.msc3381.poll.start"] },
    );
    const prefixes = ["org.matrix.msc3381.poll", "m.poll"];
    const types = prefixes.flatMap((prefix) =>
      ["start", "start", "response", "end"].map((part) => `${prefix}.${part}`),
    );
    fuzz.run(1_000 * EFFORT, hostileEvent(content, types), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(1_000 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);

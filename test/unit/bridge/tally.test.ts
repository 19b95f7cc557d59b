import fc from "fast-check";
import { expect, test } from "vitest";
import { readPoll } from "../../../main/bridge/poll.ts";
import { countElsewhere, countVotes, elsewhereText, endText } from "../../../main/bridge/tally.ts";
import { MAX_CONTENT_BYTES } from "../../../main/bridge/size.ts";
import { copyEdit, copyMessage, lateEdit } from "../../../main/bridge/transform.ts";
import type { Json } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { anyText, field } from "./fuzz-support.ts";
import { contextWith, eventWith } from "./transform-support.ts";

/** However people vote, and whatever a poll says; how single votes count is shown by the samples `votes-…`. */

const UNSTABLE = "org.matrix.msc3381.poll.start";
const about = {
  kind: field("org.matrix.msc3381.poll.disclosed", "m.disclosed", "m.undisclosed", "__proto__"),
  max_selections: field(1, 2, 0, -1, 1.5, 1e300),
};
/** One that can be voted in, whatever it says. */
const rightPoll = fc.record({
  ...about,
  question: anyText.map((text) => ({ "org.matrix.msc1767.text": `?${text}` })),
  answers: fc
    .array(anyText, { minLength: 1, maxLength: 25 })
    .map((texts) => texts.map((text, index) => ({ id: `${index}`, "m.text": `${text}.` }))),
}) as fc.Arbitrary<Json>;

test("however they are voted in, no more votes are counted than there are people, and a text says so", () => {
  const people = ["@ana:one.test", "@bea:two.test", "@__proto__:one.test"] as UserId[];
  const rooms = ["!here:one.test", "!there:one.test"] as RoomId[];
  const vote = fc.record({
    sender: fc.constantFrom(...people),
    room: fc.constantFrom(...rooms),
    ts: fc.nat(5),
    answers: fc.array(fc.constantFrom("1", "2", "3", "__proto__", "unknown"), { maxLength: 4 }),
  });
  let polls = 0;
  fc.assert(
    fc.property(rightPoll, fc.array(vote, { maxLength: 8 }), (poll, votes) => {
      const read = readPoll(UNSTABLE, { [UNSTABLE]: poll });
      if (read === null) return;
      polls += 1;
      const all = countVotes(read, votes);
      const elsewhere = countElsewhere(read, votes, rooms[0] as RoomId);
      expect(all.people).toBeLessThanOrEqual(new Set(votes.map(({ sender }) => sender)).size);
      expect(elsewhere.people).toBeLessThanOrEqual(people.length);
      for (const count of [all, elsewhere]) {
        const sum = [...count.byAnswer.values()].reduce((before, value) => before + value, 0);
        expect(sum).toBeLessThanOrEqual(count.people * read.maxSelections);
        for (const text of [elsewhereText(read, count, "en"), endText(read, count, "de")]) {
          expect(text.isWellFormed() && !/[\0\n]|@room\b/.test(text)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(polls).toBeGreaterThan(100);
});

test("a poll as long as they get fits into an event, also where it says everything twice", () => {
  const long = "\u{1f355}".repeat(2_000);
  const answers = Array.from({ length: 20 }, (_, index) => ({
    id: `${String(index).padStart(2, "0")}${"\u20ac".repeat(32)}`,
    "org.matrix.msc1767.text": index % 2 === 0 ? long : '"\\'.repeat(2_000),
  }));
  const content = { [UNSTABLE]: { question: { "org.matrix.msc1767.text": long }, answers } };
  const edit = { "m.new_content": content, "m.relates_to": { rel_type: "m.replace", event_id: "$x" } };
  const context = contextWith({ relation: { kind: "quote", sender: long, text: long } });
  const event = eventWith(content, { type: UNSTABLE, senderName: long });
  const there = "$there" as EventId;
  for (const copy of [
    copyMessage(event, context),
    copyEdit({ ...event, content: edit }, there, context),
    lateEdit(event, there, context),
  ]) {
    const bytes = new TextEncoder().encode(JSON.stringify(copy.content)).length;
    expect(bytes).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(JSON.stringify(copy.content).length).toBeGreaterThan(5_000);
    expect(copy.files).toBeUndefined();
  }
});

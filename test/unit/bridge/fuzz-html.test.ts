import fc from "fast-check";
import { expect, test } from "vitest";
import { Fuzz, TIMEOUT_MS } from "./fuzz-check.ts";
import { DEEP_HTML, HOSTILE_HTML } from "./fuzz-html.ts";
import { field, hostileContext, hostileEvent, object, surroundings, textOf } from "./fuzz-support.ts";
import { EFFORT } from "../../support/effort.ts";

const html = fc.oneof(
  { weight: 50, arbitrary: textOf(HOSTILE_HTML, 8) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...DEEP_HTML, ...HOSTILE_HTML), { maxLength: 4 }).map((all) => all.join("")),
  },
);
const formatted = {
  msgtype: fc.constantFrom("m.text", "m.notice", "m.emote", "m.image"),
  body: html,
  format: field("org.matrix.custom.html"),
  formatted_body: html,
};

test(
  "hostile HTML",
  () => {
    const fuzz = new Fuzz();
    const content = fc.record(
      { ...formatted, ...surroundings, "m.new_content": object({ ...formatted, ...surroundings }) },
      { requiredKeys: ["body", "format", "formatted_body"] },
    );
    fuzz.run(2_000 * EFFORT, hostileEvent(content, ["m.room.message"]), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(2_000 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);

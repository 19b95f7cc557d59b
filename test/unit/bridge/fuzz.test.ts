import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../../main/matrix/event.ts";
import { TOLD_TYPES } from "../../../main/matrix/told-changes.ts";
import { Fuzz, TIMEOUT_MS } from "./fuzz-check.ts";
import { anything, anyText, field, hostileContext, hostileEvent, object, surroundings } from "./fuzz-support.ts";
import { EFFORT } from "../../support/effort.ts";

/** Hostile events of every kind; those of files, formatted texts and polls have files of their own. */

const KINDS = [
  ...[
    "m.text",
    "m.notice",
    "m.emote",
    "m.server_notice",
    "m.key.verification.request",
    "m.call.invite",
    "org.example.x",
  ],
  ...["__proto__", "constructor", "toString", "", "\ud800"],
];
const words = {
  live: field(true, false),
  msgtype: field(...KINDS),
  body: fc.oneof({ weight: 8, arbitrary: anyText }, { weight: 1, arbitrary: anything }),
  format: field("org.matrix.custom.html", "text/html"),
  formatted_body: fc.oneof({ weight: 8, arbitrary: anyText }, { weight: 1, arbitrary: anything }),
};
const anyContent = fc.record(
  { ...words, ...surroundings, "m.new_content": object({ ...words, ...surroundings }) },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test(
  "words of every kind, and what is no message at all",
  () => {
    const fuzz = new Fuzz();
    fuzz.run(3_500 * EFFORT, hostileEvent(anyContent), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(3_500 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);

test(
  "contents that are nothing but one hostile value in every field",
  () => {
    const fuzz = new Fuzz();
    const names = [
      "body",
      "msgtype",
      "formatted_body",
      "url",
      "file",
      "info",
      "geo_uri",
      "m.relates_to",
      "m.new_content",
    ];
    const all = anything.map((value) => Object.fromEntries(names.map((name) => [name, value])));
    const itself = anything.map((value) => (typeof value === "object" && value !== null ? value : { value }));
    fuzz.run(1_000 * EFFORT, hostileEvent(fc.oneof(all, itself) as fc.Arbitrary<JsonObject>), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(1_000 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);

const stateTypes = [...TOLD_TYPES.keys()];
const textField = fc.oneof({ weight: 8, arbitrary: anyText }, { weight: 1, arbitrary: anything });
const stateContent = fc.record(
  {
    membership: field("join", "join", "leave", "ban", "invite", "knock"),
    ...{ displayname: textField, name: textField, topic: textField, body: textField },
    pinned: field(["$x"], ["$x", "$y"], ["$\ud800", 5, null], [], [`$${"x".repeat(300)}`]),
    ...surroundings,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test(
  "changes of a room, of every sort and of none",
  () => {
    const fuzz = new Fuzz();
    fuzz.run(800 * EFFORT, hostileEvent(stateContent, stateTypes, ["", "@ana:one.test"]), hostileContext);
    expect(fuzz.events).toBeGreaterThanOrEqual(800 * EFFORT);
    expect(fuzz.average).toBeLessThan(50);
  },
  TIMEOUT_MS,
);

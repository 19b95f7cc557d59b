import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filtered } from "../../../main/bridge/filter.ts";
import { isEdit } from "../../../main/bridge/kinds/all.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import { FILTERED_KINDS, NO_FILTER, type Filter } from "../../../main/matrix/link-settings.ts";
import { anyContent, contextWith, eventWith } from "./transform-support.ts";
import { copyMessage, isMirrored } from "../../../main/bridge/transform.ts";

const [ANA, BEA] = ["@ana:one.test", "@bea:two.test"] as [UserId, UserId];

const by = (event: SourceEvent, filter: Partial<Filter>) => filtered(event, { ...NO_FILTER, ...filter });
const text = (body: string, other: JsonObject = {}) => eventWith({ msgtype: "m.text", body, ...other });
const notice = eventWith({ msgtype: "m.notice", body: "build passed" });
const picture = (other: JsonObject = {}) =>
  eventWith({ msgtype: "m.image", body: "cat.png", url: "mxc://one.test/cat", ...other });
const reaction = (key: string) =>
  eventWith({ "m.relates_to": { rel_type: "m.annotation", event_id: "$0", key } }, { type: "m.reaction" });
const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
const inThread = { "m.relates_to": { rel_type: "m.thread", event_id: "$root" } };
const pollOf = (question: string, answer = "This one") => {
  const TEXT = "org.matrix.msc1767.text";
  const answers = [
    { id: "1", [TEXT]: answer },
    { id: "2", [TEXT]: "Another" },
  ];
  const kind = "org.matrix.msc3381.poll.disclosed";
  const type = "org.matrix.msc3381.poll.start";
  const start = { question: { [TEXT]: question }, kind, max_selections: 1, answers };
  return eventWith({ [type]: start, [TEXT]: question }, { type });
};
const editTo = (content: JsonObject) =>
  eventWith({
    ...{ msgtype: "m.text", body: "* better", "m.new_content": content },
    "m.relates_to": { rel_type: "m.replace", event_id: "$0" },
  });
const undecrypted = (content: JsonObject = {}) =>
  eventWith(content, { type: "m.room.encrypted", undecryptable: "NO_KEY" });

test("nothing set, everything passes", () => {
  for (const event of [text("hi"), notice, picture(), reaction("👍"), undecrypted(), editTo({ body: "x" })]) {
    expect(filtered(event, NO_FILTER)).toBeNull();
  }
});

describe("by kind", () => {
  const sticker = eventWith({ body: "cat", url: "mxc://one.test/cat", info: {} }, { type: "m.sticker" });
  const location = eventWith({ msgtype: "m.location", body: "Here", geo_uri: "geo:1,2" });

  const poll = pollOf("Which cake?");

  test.each([
    ["polls", poll],
    ["text", text("hi")],
    ["text", notice],
    ["text", eventWith({ body: "in words" }, { type: "org.example.new" })],
    ["media", picture()],
    ["media", sticker],
    ["locations", location],
    ["reactions", reaction("👍")],
  ] as const)("%s", (kind, event) => {
    expect(by(event, { withoutKinds: [kind] })).toBe("filtered-kind");
    expect(by(event, { withoutKinds: FILTERED_KINDS.filter((other) => other !== kind) })).toBeNull();
  });

  test("an edit is of the kind of what it puts in place", () => {
    const edit = editTo({ msgtype: "m.image", body: "cat.png", url: "mxc://one.test/cat" });
    expect(by(edit, { withoutKinds: ["media"] })).toBe("filtered-kind");
    expect(by(edit, { withoutKinds: ["text"] })).toBeNull();
  });

  test("what is not copied anyway keeps the reason that says more", () => {
    const call = eventWith({ body: "call" }, { type: "m.call.invite" });
    expect(by(call, { withoutKinds: [...FILTERED_KINDS], threadsOnly: true, withoutWords: ["call"] })).toBeNull();
  });
});

describe("by sender", () => {
  test.each([
    ["who is kept out", { withoutSenders: [ANA] }, "filtered-sender"],
    ["somebody else is kept out", { withoutSenders: [BEA] }, null],
    ["only somebody else is let through", { onlySenders: [BEA] }, "filtered-sender"],
    ["who is let through", { onlySenders: [BEA, ANA] }, null],
    ["who is let through and kept out", { onlySenders: [ANA], withoutSenders: [ANA] }, "filtered-sender"],
  ] as const)("%s", (_who, filter, outcome) => {
    for (const event of [text("hi"), reaction("👍"), undecrypted(), editTo({ body: "x" })]) {
      expect(by(event, filter)).toBe(outcome);
    }
  });
});

test("a bot's notices, and what is edited to be one", () => {
  expect(by(notice, { withoutNotices: true })).toBe("filtered-notice");
  expect(by(editTo({ msgtype: "m.notice", body: "x" }), { withoutNotices: true })).toBe("filtered-notice");
  expect(by(text("hi"), { withoutNotices: true })).toBeNull();
});

test("what is in no thread; edits and reactions follow what they belong to", () => {
  const filter = { threadsOnly: true };
  expect(by(text("hi"), filter)).toBe("filtered-not-in-thread");
  expect(by(text("hi", { "m.relates_to": { "m.in_reply_to": { event_id: "$0" } } }), filter)).toBe(
    "filtered-not-in-thread",
  );
  expect(by(text("hi", inThread), filter)).toBeNull();
  expect(by(editTo({ msgtype: "m.text", body: "x" }), filter)).toBeNull();
  expect(by(reaction("👍"), filter)).toBeNull();
  // A relation stands in the clear, so that it is known of what cannot be read yet.
  expect(by(undecrypted(), filter)).toBe("filtered-not-in-thread");
  expect(by(undecrypted(inThread), filter)).toBeNull();
  expect(by(undecrypted({ "m.relates_to": { rel_type: "m.reference", event_id: "$poll" } }), filter)).toBeNull();
});

describe("by word", () => {
  const format = "org.matrix.custom.html";
  const words = { withoutWords: ["secret"] };

  test.each([
    ["a text", text("a Secret!")],
    ["a text whose formatted form alone has it", text("nothing", { format, formatted_body: "a <b>secret</b>" })],
    ["a word in two halves", text("nothing", { format, formatted_body: "sec<i>ret</i>" })],
    ["a picture's alternative text", text("x", { format, formatted_body: '<img src="mxc://a/b" alt="secret">' })],
    ["an escaped letter", text("x", { format, formatted_body: "s&#101;cret" })],
    ["a caption", picture({ body: "my secret", filename: "cat.png" })],
    ["a file's name", picture({ body: "secret.png" })],
    ["an edit", editTo({ msgtype: "m.text", body: "now a secret" })],
    ["a reaction", reaction("Secret")],
    ["a poll's question", pollOf("A secret question?")],
    ["a poll's answer", pollOf("What?", "the secret")],
    ["another kind's words", eventWith({ body: "a secret thing" }, { type: "org.example.new" })],
  ])("%s", (_what, event) => {
    expect(by(event, words)).toBe("filtered-word");
    expect(by(event, { withoutWords: ["public"] })).toBeNull();
  });

  test("not what only older clients see, nor what an edit replaces, nor what stands in no copy", () => {
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$0" } } };
    expect(by(text("> <@bea:two.test> the secret\n\nYes", reply), words)).toBeNull();
    const edit = editTo({ msgtype: "m.text", body: "harmless" });
    expect(by({ ...edit, content: { ...edit.content, body: "* the secret" } }, words)).toBeNull();
    expect(by(text("hi", { "org.example.extra": { body: "secret" } }), words)).toBeNull();
    expect(by(text("hi"), { withoutWords: ["text", "m.text", "msgtype"] })).toBeNull();
  });
});

test("any content whatever: no throw, and what passes has the word nowhere in its copy's words", () => {
  const secret = "xyzzy";
  const contents = anyContent().chain((content) =>
    fc.constantFrom<JsonObject>(
      content,
      { ...content, body: `${textIn(content["body"])} ${secret}` },
      { ...content, format: "org.matrix.custom.html", formatted_body: `<p>${secret}</p>${textIn(content["body"])}` },
    ),
  );
  fc.assert(
    fc.property(contents, (content) => {
      const event = eventWith(content);
      const outcome = by(event, { withoutWords: [secret] });
      if (outcome !== null || !isMirrored(event) || isEdit(content)) return;
      const copy = copyMessage(event, contextWith({})).content;
      expect(`${textIn(copy["body"])} ${textIn(copy["formatted_body"])}`).not.toMatch(
        /(?<![\p{L}\p{M}\p{N}_])xyzzy(?![\p{L}\p{M}\p{N}_])/u,
      );
    }),
  );
});

import { describe } from "../../../main/bridge/describe.ts";
import fc from "fast-check";
import { describe as group, expect, test } from "vitest";
import { MAX_CONTENT_BYTES } from "../../../main/bridge/size.ts";
import {
  copyEdit,
  copyMessage,
  copyReaction,
  isMirrored,
  lateEdit,
  placeholder,
  type Content,
  type CopyContext,
} from "../../../main/bridge/transform.ts";
import { isObject, type JsonObject } from "../../../main/matrix/event.ts";
import type { EventId, UserId } from "../../../main/matrix/ids.ts";
import { ORIGIN, PER_MESSAGE_PROFILE } from "../../../main/matrix/unstable.ts";
import {
  ACCOUNT,
  anyContent,
  anyContext,
  anyEvent,
  contextWith,
  eventWith,
  expectSafeHtml,
  stringsIn,
} from "./transform-support.ts";

const TARGET = "$target" as EventId;
const PERMITTED = [
  ...["msgtype", "body", "format", "formatted_body", "m.mentions", "m.relates_to", "m.new_content", "filename", "info"],
];
const RUNS = { numRuns: 500 };

function contentsOf({ content }: Content): JsonObject[] {
  const replacement = content["m.new_content"];
  return isObject(replacement) ? [content, replacement] : [content];
}

function allCopies(event: Parameters<typeof copyMessage>[0], context: CopyContext): Content[] {
  return [
    copyMessage(event, context),
    copyEdit(event, TARGET, context),
    lateEdit(event, TARGET, context),
    placeholder(event, context),
  ];
}

function bytesOf(content: JsonObject): number {
  return new TextEncoder().encode(JSON.stringify(content)).length;
}

group("any content", () => {
  test("gives a copy with permitted fields only, in well-formed text, that fits into an event", () => {
    fc.assert(
      fc.property(anyEvent(anyContent()), anyContext(), (event, context) => {
        isMirrored(event);
        expect(describe(event, context.language).isWellFormed()).toBe(true);
        for (const copy of allCopies(event, context)) {
          for (const content of contentsOf(copy)) {
            const names = Object.keys(content).filter((name) => ![ORIGIN, PER_MESSAGE_PROFILE].includes(name));
            expect(PERMITTED).toEqual(expect.arrayContaining(names));
            expect(typeof content["body"]).toBe("string");
            expect(isObject(content["m.mentions"])).toBe(true);
            expect(content["formatted_body"] === undefined).toBe(content["format"] === undefined);
          }
          expect(stringsIn(copy.content).every((text) => text.isWellFormed() && !text.includes("\0"))).toBe(true);
          expect(JSON.parse(JSON.stringify(copy))).toEqual(copy);
          expect(bytesOf(copy.content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
        }
      }),
      RUNS,
    );
  });

  test("mentions nobody outside the destination, nor the account, nor the author", () => {
    fc.assert(
      fc.property(anyEvent(anyContent()), anyContext(), (event, context) => {
        for (const content of allCopies(event, context).flatMap(contentsOf)) {
          const mentions = content["m.mentions"] as { user_ids?: UserId[]; room?: boolean };
          for (const user of mentions.user_ids ?? []) {
            expect(context.mentionable.has(user)).toBe(true);
            expect([ACCOUNT, event.sender]).not.toContain(user);
          }
          if (!context.allowRoomMention) {
            expect(mentions.room).toBeUndefined();
            expect(`${content["body"] as string} ${textOf(content)}`).not.toMatch(/@room\b/i);
          }
        }
      }),
      RUNS,
    );
  });

  test("gives HTML that the specification permits, with the readable name once and only where it is Ferry's", () => {
    fc.assert(
      fc.property(anyEvent(anyContent()), anyContext(), (event, context) => {
        for (const content of allCopies(event, context).flatMap(contentsOf)) {
          const html = content["formatted_body"];
          if (typeof html !== "string") continue;
          const fallbacks = html.split(/<strong data-mx-profile-fallback>/);
          expect(fallbacks.length - 1).toBe(content[PER_MESSAGE_PROFILE] === undefined ? 0 : 1);
          expectSafeHtml(fallbacks.join("<strong>"), context.mentionable);
        }
      }),
      RUNS,
    );
  });

  test("of somebody else begins with the name that the profile carries", () => {
    fc.assert(
      fc.property(anyEvent(anyContent()), anyContext(), (event, context) => {
        fc.pre(event.sender !== ACCOUNT);
        const { content } = copyMessage(event, context);
        const profile = content[PER_MESSAGE_PROFILE] as { displayname: string };
        expect(content["body"]).toSatisfy((body: string) => body.startsWith(`${profile.displayname}: `));
      }),
      RUNS,
    );
  });
});

function textOf(content: JsonObject): string {
  const html = content["formatted_body"];
  return typeof html === "string" ? html.replace(/<[^>]*>/g, "|") : "";
}

group("very long messages", () => {
  const long = "å line of text\n".repeat(3000);

  test("lose their formatting first", () => {
    const text = long.slice(0, 25_000);
    const { content } = copyMessage(eventWith({ msgtype: "m.text", body: text }), contextWith({}));
    expect(content["formatted_body"]).toBeUndefined();
    expect(content["body"]).toBe(`Ana: ${text}`);
    expect(content[PER_MESSAGE_PROFILE]).toMatchObject({ displayname: "Ana" });
  });

  test("then show their beginning, with the whole of it as a file", () => {
    const copy = copyMessage(eventWith({ msgtype: "m.text", body: long }), contextWith({}));
    expect(copy.content).toMatchObject({ msgtype: "m.file", filename: "message.txt" });
    expect(copy.content["body"]).toMatch(/^Ana: å line of text\n[^]*The file has all of it\.\)$/);
    expect(copy.content[PER_MESSAGE_PROFILE]).toMatchObject({ displayname: "Ana" });
    const [file, ...others] = copy.files ?? [];
    expect(others).toEqual([]);
    expect(file).toMatchObject({ role: "file", paths: [[]], mimetype: "text/plain" });
    expect(file?.source).toEqual({ text: `Ana: ${long}` });
    expect(file?.size).toBe(new TextEncoder().encode(`Ana: ${long}`).length);
  });

  test("or lose their end, where that file could not be carried, and say so", () => {
    const event = eventWith({ msgtype: "m.text", body: long });
    const { content, files } = copyMessage(event, contextWith({ mayAttach: false }));
    expect(files).toBeUndefined();
    expect(content["body"]).toMatch(/too long to be mirrored\.\)$/);
    expect(bytesOf(content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(bytesOf(content)).toBeGreaterThan(MAX_CONTENT_BYTES / 2);
  });

  test("fit as edits too, which say everything twice", () => {
    const event = eventWith({ msgtype: "m.text", body: "* x", "m.new_content": { msgtype: "m.text", body: long } });
    const copy = copyEdit(event, TARGET, contextWith({}));
    expect(bytesOf(copy.content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(copy.files?.map(({ paths }) => paths)).toEqual([[[], ["m.new_content"]]]);
  });
});

group("what is no text, and too long,", () => {
  const edit = { "m.relates_to": { rel_type: "m.replace", event_id: "$x" } };
  const long = "å line of text\n".repeat(3000);
  const place = { msgtype: "m.location", body: long, geo_uri: "geo:51.5,-0.1" };

  test("loses the end of its words, and stays the place that it is", () => {
    const { type, content, files } = copyMessage(eventWith(place), contextWith({}));
    expect([type, files]).toEqual(["m.room.message", undefined]);
    expect(content).toMatchObject({ msgtype: "m.location", geo_uri: "geo:51.5,-0.1" });
    expect(content["body"]).toMatch(/^Ana: å line of text\n[^]*too long to be mirrored\.\)$/);
    expect(content["org.matrix.msc1767.text"]).toBe(content["body"]);
    expect(bytesOf(content)).toBeGreaterThan(MAX_CONTENT_BYTES / 2);
    const late = lateEdit(eventWith(place), TARGET, contextWith({}));
    expect(late.content["m.new_content"]).toMatchObject({ msgtype: "m.location", geo_uri: "geo:51.5,-0.1" });
    for (const copy of [content, late.content]) expect(bytesOf(copy)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
  });

  test("stays the poll that it is, with all of its answers, however long everything is", () => {
    const [name, id] = ["𝒳".repeat(60), "𝒳".repeat(24)];
    const answers = Array.from({ length: 20 }, (_, n) => ({
      id: `${n}${id}`,
      "org.matrix.msc1767.text": "𝒳".repeat(45),
    }));
    const members = Array.from({ length: 100 }, (_, n) => `@${"語".repeat(70)}${n}:one.test` as UserId);
    const poll = {
      "org.matrix.msc3381.poll.start": { question: { "org.matrix.msc1767.text": "𝒳".repeat(500) }, answers },
      "m.mentions": { user_ids: members },
    };
    const event = eventWith(
      { ...poll, ...edit, "m.new_content": poll },
      { type: "org.matrix.msc3381.poll.start", senderName: name },
    );
    const context = contextWith({
      mentionable: new Set(members),
      relation: { kind: "quote", sender: name, text: "𝒳".repeat(140) },
      naming: { template: "name-room", room: name },
    });
    const { type, content, files } = copyEdit(event, TARGET, context);
    expect([type, files]).toEqual(["org.matrix.msc3381.poll.start", undefined]);
    expect(bytesOf(content)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    const said = (content["m.new_content"] as JsonObject)["org.matrix.msc3381.poll.start"] as {
      question: JsonObject;
      answers: JsonObject[];
    };
    expect(said.question["org.matrix.msc1767.text"]).toMatch(new RegExp(`^${name}.*\n[^]*too long to be mirrored`));
    expect(said.answers.map((answer) => answer["id"])).toEqual(answers.map((answer) => answer.id));
  });
});

group("the marker", () => {
  test("stands at the top level, and cannot replace what Ferry writes", () => {
    const marker = { [ORIGIN]: { version: 1 }, body: "no", "m.relates_to": {} };
    const event = eventWith({ msgtype: "m.text", body: "hello", "m.new_content": { msgtype: "m.text", body: "hi" } });
    const { content } = copyEdit(event, TARGET, contextWith({ marker }));
    expect(content[ORIGIN]).toEqual({ version: 1 });
    expect(content["body"]).toBe("* Ana: hi");
    expect(content["m.new_content"]).not.toHaveProperty([ORIGIN]);
    expect(copyReaction("👍", TARGET, marker).content["m.relates_to"]).toEqual({
      rel_type: "m.annotation",
      event_id: TARGET,
      key: "👍",
    });
  });
});

test("describe gives one line of at most 140 characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (body) => {
      const text = describe(eventWith({ msgtype: "m.text", body }), "en");
      expect(Array.from(text).length).toBeLessThanOrEqual(140);
      expect(text).not.toMatch(/[\n\r\u2028\u202e]/);
      expect(text).not.toBe("");
    }),
  );
});

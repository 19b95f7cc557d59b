import fc from "fast-check";
import { expect } from "vitest";
import { PERMITTED_ATTRIBUTES, PERMITTED_TAGS } from "../../../main/bridge/html.ts";
import { readPermalink } from "../../../main/bridge/permalink.ts";
import type { Language } from "../../../main/bridge/texts/texts.ts";
import type { CopyContext, CopyRelation } from "../../../main/bridge/transform.ts";
import type { Json, JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { ATTRIBUTIONS } from "../../../main/matrix/link-settings.ts";
import { ORIGIN } from "../../../main/matrix/unstable.ts";

export const ACCOUNT = "@me:one.test" as UserId;
export const PEOPLE = ["@ana:one.test", "@bea:two.test", "@cem:one.test", "@room:one.test", ACCOUNT] as UserId[];

export function eventWith(content: JsonObject, other: Partial<SourceEvent> = {}): SourceEvent {
  return {
    roomId: "!source:one.test" as RoomId,
    eventId: "$event" as EventId,
    sender: "@ana:one.test" as UserId,
    senderName: "Ana",
    type: "m.room.message",
    originServerTs: 1_700_000_000_000,
    encrypted: true,
    roomEncrypted: true,
    content,
    ...other,
  };
}

export function contextWith(other: Partial<CopyContext>): CopyContext {
  return {
    account: ACCOUNT,
    mentionable: new Set(),
    relation: { kind: "none" },
    marker: { [ORIGIN]: { version: 1 } },
    allowRoomMention: false,
    mayAttach: true,
    avatar: null,
    naming: { template: "name", room: "Kitchen" },
    language: "en",
    ...other,
  };
}

const person = fc.constantFrom(...PEOPLE);
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), fc.string({ maxLength: 30 }));

const hostilePieces = [
  ...["<script>alert(1)</script>", "<b onclick=x()>", "</b>", '<img src="https://evil.test/x.png">', "<p>", "</p>"],
  ...['<img src="mxc://one.test/abc" data-mx-emoticon onerror="x">', '<a href="javascript:x">', "</a>", "<!--", "-->"],
  ...['<a href="https://matrix.to/#/@bea:two.test">', '<a href="matrix:u/ana:one.test">', '<a href="matrix:r/x:y">'],
  ...["<a href='https://matrix.to/#/%40cem%3Aone.test?via=x'>", "@room", "@<i>room</i>", "&#64;room", "&#xd800;"],
  ...[
    "<mx-reply>",
    "</mx-reply>",
    "<strong data-mx-profile-fallback>",
    "</strong>",
    "<font color='#ff0000'>",
    "</font>",
  ],
  ...["<span data-mx-spoiler='why'>", "</span>", "<svg/onload=x>", "<math>", "<style>", "<iframe src=x>", "<xmp>", "<"],
  ...["<pre><code class='language-rust evil'>", "</code></pre>", "<div constructor=1 __proto__=2 data-mx-maths='x'>"],
  ...["<strike>", "</strike>", "<table><tr><td>", "<blockquote>".repeat(120), "\0", "\ud800", "\u202e", "Ana: ", "\n"],
  ...["> <@bea:two.test> hello\n\n", "<a", '"', "'", "<a href='//evil.test'>", "<title>", "<textarea>", "<plaintext>"],
];
const hostileText = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...hostilePieces) }, anyText), { maxLength: 14 })
  .map((pieces) => pieces.join(""));

const profile = fc.record(
  { id: hostileText, displayname: fc.oneof(hostileText, fc.constant("Ana")), has_fallback: fc.boolean() },
  { requiredKeys: [] },
);
const mentions = fc.record({ user_ids: fc.array(person), room: fc.boolean() }, { requiredKeys: [] });
const relates = fc.oneof(
  fc.constant({ "m.in_reply_to": { event_id: "$x" } }),
  fc.constant({ rel_type: "m.replace", event_id: "$x" }),
);

function orAnything(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: fc.jsonValue() });
}

const messageFields = {
  msgtype: orAnything(fc.constantFrom("m.text", "m.notice", "m.emote", "m.image")),
  body: orAnything(hostileText),
  format: orAnything(fc.constant("org.matrix.custom.html")),
  formatted_body: orAnything(hostileText),
  "m.mentions": orAnything(mentions),
  "m.relates_to": orAnything(relates),
  "com.beeper.per_message_profile": orAnything(profile),
  url: fc.constant("mxc://one.test/secret"),
};

/** Contents of every sort: plausible ones, hostile ones, and plain JSON. */
export function anyContent(): fc.Arbitrary<JsonObject> {
  const message = fc.record(messageFields, { requiredKeys: [] });
  const edited = fc.record({ ...messageFields, "m.new_content": orAnything(message) }, { requiredKeys: [] });
  const plain = fc.dictionary(fc.string(), fc.jsonValue());
  return fc
    .oneof({ weight: 4, arbitrary: edited }, { weight: 1, arbitrary: plain })
    .map((content) => content as JsonObject);
}

export function anyEvent(content: fc.Arbitrary<JsonObject>): fc.Arbitrary<SourceEvent> {
  return fc
    .record({ content, sender: person, senderName: fc.oneof(hostileText, fc.string({ unit: "binary", minLength: 1 })) })
    .map(({ content, ...other }) => eventWith(content, other));
}

export function anyContext(): fc.Arbitrary<CopyContext> {
  const event = fc.constant("$there" as EventId);
  const originalSender = person;
  const relation: fc.Arbitrary<CopyRelation> = fc.oneof(
    fc.constant<CopyRelation>({ kind: "none" }),
    fc.record({ kind: fc.constant("reply" as const), to: event, originalSender }),
    fc.record({ kind: fc.constant("quote" as const), sender: hostileText, text: fc.option(hostileText) }),
    fc.record({
      kind: fc.constant("thread" as const),
      ...{ root: event, replyTo: event, fallingBack: fc.boolean(), originalSender },
    }),
  );
  return fc
    .record({
      ...{ relation, members: fc.subarray(PEOPLE), allowRoomMention: fc.boolean() },
      language: fc.constantFrom<Language>("en", "de"),
      naming: fc.record({ template: fc.constantFrom(...ATTRIBUTIONS), room: hostileText }),
    })
    .map(({ members, ...other }) => contextWith({ ...other, mentionable: new Set(members) }));
}

/** Every string in a value, names of fields included. */
export function stringsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...stringsIn(inner)]);
}

/** Checks HTML tag by tag; "<" stands nowhere but at the beginning of a tag, once HTML has been cleaned. */
export function expectSafeHtml(html: string, members: ReadonlySet<UserId>): void {
  expect(faultsInHtml(html, members)).toEqual([]);
}

/** What is wrong with HTML that has been cleaned. */
export function faultsInHtml(html: string, members: ReadonlySet<UserId>): string[] {
  const faults = /[<>]/.test(html.replace(/<\/?[a-z0-9]+(?: [^<>]*)?>/g, "")) ? ["half a tag"] : [];
  let depth = 0;
  for (const [tag, slash, name = "", rest = ""] of html.matchAll(/<(\/?)([a-z0-9]+)((?: [^<>]*)?)>/g)) {
    if (!PERMITTED_TAGS.includes(name)) faults.push(tag);
    if (slash === "/") depth -= 1;
    else if (!["br", "hr", "img"].includes(name)) depth += 1;
    if (depth > 100 || depth < 0) faults.push(`depth ${depth}`);
    for (const [, attribute = "", value = ""] of rest.matchAll(/ ([^\s="/]+)(?:="([^"]*)")?/g)) {
      if (!PERMITTED_ATTRIBUTES[name]?.includes(attribute) || !isSafe(attribute, value, members)) faults.push(tag);
    }
  }
  return depth === 0 ? faults : [...faults, `depth ${depth} at the end`];
}

function isSafe(attribute: string, value: string, members: ReadonlySet<UserId>): boolean {
  if (attribute === "src") return value.startsWith("mxc://");
  if (attribute !== "href") return true;
  const link = readPermalink(value);
  return /^(?:https?|ftp|mailto|magnet):/i.test(value) && (link?.kind !== "user" || members.has(link.user as UserId));
}

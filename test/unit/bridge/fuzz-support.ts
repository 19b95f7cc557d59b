import fc from "fast-check";
import type { Language } from "../../../main/bridge/texts/texts.ts";
import type { CopyContext, CopyRelation } from "../../../main/bridge/transform.ts";
import type { Json, JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, UserId } from "../../../main/matrix/ids.ts";
import type { FileReference } from "../../../main/matrix/media.ts";
import { ANA, BEA, HUGE_TEXTS, NUMBERS, SENDERS, STRUCTURES, TEXTS, USERS } from "./fuzz-values.ts";
import { ACCOUNT, contextWith, eventWith } from "./transform-support.ts";

/** Hostile events, cheap enough to make a hundred thousand of: most of every event is picked from a pool. */

/** Any value of JSON that a field should not have. */
export const anything: fc.Arbitrary<Json> = fc.oneof(
  { weight: 180, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 240, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 180, arbitrary: fc.constantFrom(...STRUCTURES) },
  { weight: 1, arbitrary: fc.constantFrom(...HUGE_TEXTS) },
  { weight: 18, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);

/** A field as it should be, mostly. */
export function field(...values: Json[]): fc.Arbitrary<Json> {
  return fc.oneof({ weight: 7, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: anything });
}

/** An object as it should be, mostly. */
export function object(fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> {
  const record = fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
  return fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: anything });
}

/** Only now and then: a text as long as an event can be takes as much time as hundreds of others. */
function seldomHuge(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 2500, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...HUGE_TEXTS) });
}

/** Texts of several pieces; few of them are long, since an event has an end. */
export function textOf(pieces: readonly string[], most = 8): fc.Arbitrary<string> {
  const short = fc.array(fc.constantFrom(...pieces, ...TEXTS), { maxLength: most }).map((parts) => parts.join(""));
  return seldomHuge(short);
}

export const anyText = fc.oneof(textOf(["word ", "other"], 4), fc.constantFrom("hello", "Ana: hello", "photo.jpg"));

/** Who a message means, and what it relates to. */
const manyUsers = Array.from({ length: 150 }, (_, index) => `@${"m".repeat(230)}${index}:one.test`);
export const surroundings = {
  "m.mentions": object({
    user_ids: fc.oneof(
      { weight: 30, arbitrary: field([], [ANA], [BEA, BEA, 1, null], ["@bea", ACCOUNT, ANA], USERS) },
      { weight: 1, arbitrary: fc.constant(manyUsers) },
    ),
    room: field(true, false),
  }),
  "m.relates_to": object({
    rel_type: field("m.replace", "m.thread", "m.annotation", "m.reference"),
    event_id: field("$x", "$", "$\ud800", "$__proto__", `$${"x".repeat(300)}`),
    key: field("👍", "", "\ud800"),
    is_falling_back: field(true, false),
    "m.in_reply_to": object({ event_id: field("$y", 1) }),
  }),
  "com.beeper.per_message_profile": object({
    id: field("p", "\ud800\0", "x".repeat(500)),
    displayname: field("Ana", "Zed\u202e", "", "@room"),
    has_fallback: field(true, false),
    avatar_url: field("mxc://one.test/secret"),
  }),
  "org.matrix.msc2923.origin": object({ version: field(1), transaction: field("ferry.x"), carrier: field(ANA) }),
  "org.matrix.msc2923.notice": field("no", 1),
};

const NAMES = [
  "Ana",
  "Ana (@ana:one.test)",
  "\ud800",
  "\u202e",
  "@room",
  "<b>Ana</b>",
  "x".repeat(5000),
  "Ana (WhatsApp)",
];
const TYPES = [
  ...[
    "m.room.message",
    "m.room.message",
    "m.room.message",
    "m.sticker",
    "m.reaction",
    "m.room.redaction",
    "m.room.encrypted",
  ],
  ...[
    "m.poll.start",
    "m.poll.response",
    "m.poll.end",
    "org.matrix.msc3381.poll.start",
    "org.matrix.msc3381.poll.response",
  ],
  ...[
    "org.matrix.msc3381.poll.end",
    "m.location",
    "m.beacon",
    "m.beacon_info",
    "org.matrix.msc3672.beacon",
    "m.call.invite",
  ],
  ...[
    "org.matrix.msc3672.beacon_info",
    "m.key.verification.start",
    "org.matrix.msc4075.rtc.notification",
    "m.room.topic",
    "m.room.member",
    "m.room.name",
    "m.room.pinned_events",
  ],
  ...["com.example.dance", "__proto__", "constructor", "toString", "", "x".repeat(300), "\ud800", "m.room.message\0"],
];

/** Events of every type around contents. @param stateKeys of which each has one; without them few do */
export function hostileEvent(
  content: fc.Arbitrary<JsonObject>,
  types = TYPES,
  stateKeys?: string[],
): fc.Arbitrary<SourceEvent> {
  const rare = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 12, nil: undefined });
  return fc
    .record({
      ...{ content, type: fc.constantFrom(...types), sender: fc.constantFrom(...SENDERS) },
      senderName: seldomHuge(fc.constantFrom(...NAMES, ...TEXTS)),
      stateKey: stateKeys
        ? fc.constantFrom(...stateKeys)
        : fc.option(fc.constantFrom("", "@ana:one.test", "\ud800"), { freq: 8, nil: undefined }),
      previousContent: fc.option(fc.oneof(content, fc.constant(null)), { freq: 2, nil: undefined }),
      memberName: rare(seldomHuge(fc.constantFrom(...NAMES, ...TEXTS))),
      redacts: rare(fc.constantFrom("$x" as EventId, "$\ud800" as EventId)),
      undecryptable: rare(fc.constantFrom("NO_KEY", "\0")),
      redacted: rare(fc.boolean()),
      transactionId: rare(fc.constantFrom("ferry.x", "\ud800")),
      encrypted: fc.boolean(),
      roomEncrypted: fc.boolean(),
      originServerTs: fc.constantFrom(0, 1, 1_700_000_000_000, 2 ** 53 - 1),
    })
    .map(({ content: said, ...other }) => eventWith(said, other));
}

const PICTURE = "mxc://one.test/face";
const encryption = { key: "k".repeat(43), iv: "i".repeat(22), sha256: "s".repeat(43) };

/** A copy's surroundings: every relation, and a destination with everybody or with nobody. */
export const hostileContext: fc.Arbitrary<CopyContext> = fc
  .record({
    kind: fc.constantFrom<CopyRelation["kind"]>("none", "reply", "quote", "thread"),
    member: fc.constantFrom(new Set<UserId>(), new Set(SENDERS), new Set([...SENDERS, ...(manyUsers as UserId[])])),
    person: fc.constantFrom(...SENDERS),
    words: fc.option(seldomHuge(fc.constantFrom(...TEXTS))),
    allowRoomMention: fc.boolean(),
    mayAttach: fc.boolean(),
    avatar: fc.constantFrom<FileReference | null>(
      null,
      { url: PICTURE, encryption: null },
      { url: PICTURE, encryption },
    ),
    language: fc.constantFrom<Language>("en", "de"),
  })
  .map(({ kind, member, person, words, ...other }) =>
    contextWith({ ...other, mentionable: member, relation: relationOf(kind, person, words) }),
  );

function relationOf(kind: CopyRelation["kind"], originalSender: UserId, text: string | null): CopyRelation {
  const there = "$there" as EventId;
  switch (kind) {
    case "none":
      return { kind };
    case "reply":
      return { kind, to: there, originalSender };
    case "quote":
      return { kind, sender: text ?? "", text };
    case "thread":
      return { kind, root: there, replyTo: there, fallingBack: text === null, originalSender };
  }
}

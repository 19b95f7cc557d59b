import fc from "fast-check";
import { expect, test } from "vitest";
import { copyMentions, mentionedUsers } from "../../../main/bridge/mentions.ts";
import type { UserId } from "../../../main/matrix/ids.ts";
import { ACCOUNT, anyContent, anyContext, anyEvent, contextWith, eventWith, PEOPLE } from "./transform-support.ts";

const BEA = "@bea:two.test" as UserId;
const everybody = new Set(PEOPLE);

test("whoever a copy mentions is among those whom the caller was told to look up", () => {
  fc.assert(
    fc.property(anyEvent(anyContent()), anyContext(), (event, context) => {
      const users = mentionedUsers(event);
      expect(users.length).toBeLessThanOrEqual(100);
      const { relation } = context;
      const original = "originalSender" in relation ? [relation.originalSender] : [];
      const mentions = copyMentions(event.content, event, { ...context, mentionable: everybody }, false);
      const mentioned = (mentions["user_ids"] ?? []) as UserId[];
      expect([...users, ...original]).toEqual(expect.arrayContaining(mentioned));
    }),
    { numRuns: 500 },
  );
});

test("a mention of the carrying account means the original's author only in a reply to a copy", () => {
  const event = eventWith({ "m.mentions": { user_ids: [ACCOUNT] } });
  const to = "$there" as never;
  const mentionsWith = (relation: Parameters<typeof contextWith>[0]["relation"] & object) =>
    copyMentions(event.content, event, contextWith({ mentionable: everybody, relation }), false);
  expect(mentionsWith({ kind: "reply", to, originalSender: BEA })).toEqual({ user_ids: [BEA] });
  expect(mentionsWith({ kind: "reply", to })).toEqual({});
  expect(mentionsWith({ kind: "reply", to, originalSender: ACCOUNT })).toEqual({});
  expect(mentionsWith({ kind: "reply", to, originalSender: event.sender })).toEqual({});
});

test("nobody is mentioned twice", () => {
  const event = eventWith({ "m.mentions": { user_ids: [BEA, ACCOUNT, BEA] } });
  const relation = { kind: "reply", to: "$there" as never, originalSender: BEA } as const;
  expect(copyMentions(event.content, event, contextWith({ mentionable: everybody, relation }), false)).toEqual({
    user_ids: [BEA],
  });
});

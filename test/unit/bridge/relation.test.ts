import { describe, expect, test } from "vitest";
import { copyRelation, readRelation, type RelationFacts } from "../../../main/bridge/relation.ts";
import type { Json, JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { eventIn } from "./route-support.ts";

const ANA = "@ana:one.test" as UserId;
const id = (name: string): EventId => `$${name}` as EventId;
const related = (relation: Json): SourceEvent =>
  eventIn("!a:one.test" as RoomId, id("1"), ANA, "m.room.message", {
    msgtype: "m.text",
    body: "x",
    "m.relates_to": relation,
  });
const reply = (to: string) => ({ "m.in_reply_to": { event_id: to } });
const thread = (more: object) => ({ rel_type: "m.thread", event_id: "$root", ...more }) as Json;

/** Counterparts for the events named, each with `copy-of-` before its name. */
const facts = (...known: string[]): RelationFacts => ({
  counterpart: (event) => (known.includes(event) ? { eventId: id(`copy-of-${event.slice(1)}`), author: ANA } : null),
  quote: async (event) => ({ sender: "Ana", text: `words of ${event}` }),
});

describe("readRelation", () => {
  test.each<[Json, object]>([
    [null, { kind: "none" }],
    ["x", { kind: "none" }],
    [{ rel_type: "m.replace", event_id: "$x" }, { kind: "none" }],
    [{ "m.in_reply_to": { event_id: 7 } }, { kind: "none" }],
    [{ "m.in_reply_to": ["$x"] }, { kind: "none" }],
    [reply("$x"), { kind: "reply", to: "$x" }],
    [thread({}), { kind: "thread", root: "$root", replyTo: null, fallingBack: false }],
    [
      thread({ ...reply("$x"), is_falling_back: true }),
      { kind: "thread", root: "$root", replyTo: "$x", fallingBack: true },
    ],
    [
      thread({ ...reply("$x"), is_falling_back: "yes" }),
      { kind: "thread", root: "$root", replyTo: "$x", fallingBack: false },
    ],
    [
      { rel_type: "m.thread", event_id: "root", ...reply("$x") },
      { kind: "reply", to: "$x" },
    ],
  ])("%j", (relation, expected) => expect(readRelation(related(relation))).toEqual(expected));
});

const change = (type: string, content: JsonObject): SourceEvent => ({
  ...eventIn("!a:one.test" as RoomId, id("1"), ANA, type, content),
  ...{ stateKey: "", previousContent: null },
});

test("that a message is pinned answers that message, and another change of a room answers nothing", () => {
  const answer = { "m.relates_to": reply("$x") };
  expect(readRelation(change("m.room.pinned_events", { pinned: ["$x"] }))).toEqual({ kind: "reply", to: "$x" });
  expect(readRelation(change("m.room.pinned_events", { pinned: ["$y"], ...answer }))).toEqual({
    kind: "reply",
    to: "$y",
  });
  expect(readRelation(change("m.room.name", { name: "Attic", ...answer }))).toEqual({ kind: "none" });
});

describe("copyRelation", () => {
  test("what relates to nothing here relates to nothing there", async () => {
    expect(await copyRelation(related(null), facts("$x"))).toEqual({ kind: "none" });
  });

  test("a message in a thread that answers none of it answers the first one", async () => {
    const asked: unknown[] = [];
    const counterpart = (event: EventId) => (asked.push(event), { eventId: id("copy"), author: null });
    expect(await copyRelation(related(thread({})), { ...facts(), counterpart })).toEqual({
      ...{ kind: "thread", root: "$copy", replyTo: "$copy", fallingBack: true },
    });
    expect(asked).toEqual(["$root"]);
  });

  test("a reply to something whose author is not known names nobody", async () => {
    const counterpart = () => ({ eventId: id("copy"), author: null });
    expect(await copyRelation(related(reply("$x")), { ...facts(), counterpart })).toEqual({
      ...{ kind: "reply", to: "$copy" },
    });
  });

  test("a reply goes to the counterpart, and names who wrote it", async () => {
    expect(await copyRelation(related(reply("$x")), facts("$x"))).toEqual({
      kind: "reply",
      to: "$copy-of-x",
      originalSender: ANA,
    });
  });

  test("a reply to something without a counterpart quotes it", async () => {
    expect(await copyRelation(related(reply("$x")), facts())).toEqual({
      kind: "quote",
      sender: "Ana",
      text: "words of $x",
    });
  });

  test("a failure to fetch what is quoted holds the reply back", async () => {
    const failing = { ...facts(), quote: () => Promise.reject(new Error("offline")) };
    await expect(copyRelation(related(reply("$x")), failing)).rejects.toThrow("offline");
  });

  test("a message in a thread stays in it", async () => {
    const event = related(thread({ ...reply("$x"), is_falling_back: true }));
    expect(await copyRelation(event, facts("$root", "$x"))).toEqual({
      ...{ kind: "thread", root: "$copy-of-root", replyTo: "$copy-of-x", fallingBack: true },
    });
  });

  test("a reply within a thread stays one, and turns into none where its target is missing", async () => {
    const event = related(thread({ ...reply("$x"), is_falling_back: false }));
    expect(await copyRelation(event, facts("$root", "$x"))).toMatchObject({
      ...{ kind: "thread", replyTo: "$copy-of-x", fallingBack: false, originalSender: ANA },
    });
    expect(await copyRelation(event, facts("$root"))).toEqual({
      ...{ kind: "thread", root: "$copy-of-root", replyTo: "$copy-of-root", fallingBack: true },
    });
  });

  test("a thread whose root has no counterpart becomes plain messages and replies", async () => {
    const fallback = related(thread({ ...reply("$x"), is_falling_back: true }));
    expect(await copyRelation(fallback, facts("$x"))).toEqual({ kind: "none" });
    expect(await copyRelation(related(thread({})), facts())).toEqual({ kind: "none" });
    const within = related(thread(reply("$x")));
    expect(await copyRelation(within, facts("$x"))).toMatchObject({ kind: "reply", to: "$copy-of-x" });
    expect(await copyRelation(within, facts())).toMatchObject({ kind: "quote" });
  });
});

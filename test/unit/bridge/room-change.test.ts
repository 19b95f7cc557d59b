import { describe, expect, test } from "vitest";
import {
  carryingLinks,
  changeInWords,
  isToldState,
  peopleOf,
  readChange,
  textsOfChange,
} from "../../../main/bridge/room-change.ts";
import { textsIn } from "../../../main/bridge/texts/texts.ts";
import type { Json, JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import type { ToldChange } from "../../../main/matrix/told-changes.ts";
import { LIVE_LOCATION } from "../../../main/matrix/unstable.ts";
import { eventIn } from "./route-support.ts";

const [ANA, MOD] = ["@ana:one.test", "@mod:one.test"] as [UserId, UserId];
const EVENT = "$1" as EventId;

function state(
  type: string,
  content: JsonObject,
  previousContent: JsonObject | null | undefined,
  other: Partial<SourceEvent> = {},
): SourceEvent {
  const event = eventIn("!a:one.test" as RoomId, EVENT, MOD, type, content);
  return { ...event, stateKey: "", ...(previousContent === undefined ? {} : { previousContent }), ...other };
}

/** What becomes of Ana's membership, by her own doing or by somebody else's. */
function member(before: Json, after: Json, by: UserId = ANA, other: Partial<SourceEvent> = {}): SourceEvent {
  const about = { sender: by, stateKey: ANA, memberName: "Ana", ...other };
  return state("m.room.member", { membership: after }, before === null ? null : { membership: before }, about);
}
const named = (name: Json, before: Json = "Cellar") => state("m.room.name", { name }, { name: before });
const topic = (text: Json, before: Json = "Wine") => state("m.room.topic", { topic: text }, { topic: before });
const pins = (pinned: Json, before: Json = []) => state("m.room.pinned_events", { pinned }, { pinned: before });

const told = (what: string) => ({ kind: "members", what, member: ANA });
const text = (what: string, said: string | null) => ({ kind: "name", what, text: said });

describe("what a state event changes", () => {
  test.each<[string, SourceEvent, object | null]>([
    ["somebody joins", member(null, "join"), told("joined")],
    ["somebody joins who was invited", member("invite", "join"), told("joined")],
    ["somebody changes their name", member("join", "join"), null],
    ["somebody is made to join by another one", member(null, "join", MOD), null],
    ["somebody leaves", member("join", "leave"), told("left")],
    ["somebody is removed", member("join", "leave", MOD), told("removed")],
    ["somebody is banned", member("join", "ban", MOD), told("banned")],
    ["somebody declines to come", member("invite", "leave"), null],
    ["somebody is banned who was not there", member("leave", "ban", MOD), null],
    ["somebody is invited", member(null, "invite", MOD), null],
    ["somebody who was there knocks", member("join", "knock"), null],
    ["a membership of nobody", member("join", "leave", MOD, { stateKey: "ana" }), null],
    [
      "nobody knows what was before",
      state("m.room.member", { membership: "join" }, undefined, { stateKey: ANA }),
      null,
    ],
    ["a message that looks like it", { ...named("Attic"), stateKey: undefined }, null],
    ["a membership without a state key", { ...member(null, "join"), stateKey: undefined }, null],

    ["another name", named("Attic"), text("name", "Attic")],
    ["the same name", named("Cellar"), null],
    ["a name that looks the same", named(" Cellar\u200b"), null],
    ["no name any more", named(""), text("name", null)],
    ["no name any more, in another way", named(null), text("name", null)],
    ["a name that is none", named(7, ""), null],
    ["a name after one that was none", named("Attic", 7), text("name", "Attic")],
    ["the first name", state("m.room.name", { name: "Attic" }, null), text("name", "Attic")],
    ["a name under another key", { ...named("Attic"), stateKey: "x" }, null],
    ["another topic", topic("Bread"), text("topic", "Bread")],
    [
      "a topic, and not what else is in it",
      state("m.room.topic", { name: "x" }, { topic: "Wine" }),
      text("topic", null),
    ],
    ["a long topic", topic("x".repeat(200)), text("topic", `${"x".repeat(139)}…`)],
    ["another picture", state("m.room.avatar", { name: "Attic", url: "mxc://a/b" }, {}), null],

    ["a message is pinned", pins(["$a", "$b"], ["$a"]), { kind: "pins", pinned: "$b" }],
    ["two messages are pinned", pins(["$a", "$b", "$c"], ["$a"]), { kind: "pins", pinned: "$c" }],
    [
      "the first message is pinned",
      state("m.room.pinned_events", { pinned: ["$a"] }, null),
      { kind: "pins", pinned: "$a" },
    ],
    ["a message is pinned among others", pins(["$new", "$a"], ["$a"]), { kind: "pins", pinned: "$new" }],
    ["a message is pinned no more", pins(["$a"], ["$a", "$b"]), null],
    ["what is pinned is no message", pins(["$a", 7, "b"]), { kind: "pins", pinned: "$a" }],
    ["nothing is pinned", pins(null), null],
    ["something is pinned where nothing could be read before", pins(["$a"], "x"), { kind: "pins", pinned: "$a" }],
  ])("%s", (_name, event, expected) => {
    expect(readChange(event)).toEqual(expected);
    expect(isToldState(event)).toBe(expected !== null);
  });

  test("a live location that begins is told, too, and is no change", () => {
    const live = state(LIVE_LOCATION, { live: true }, null, { stateKey: MOD });
    expect([isToldState(live), readChange(live)]).toEqual([true, null]);
  });
});

describe("the links that carry a change", () => {
  const link = (tells: ToldChange[], isStarting = false) => ({
    ...{ tells, state: isStarting ? ("starting" as const) : ("paused" as const) },
  });
  const links = [link(["pins"]), link(["name", "members"]), link([]), link(["members", "name", "pins"], true)];

  test("are those that have begun and tell of such", () => {
    expect(carryingLinks(named("Attic"), links)).toEqual([links[1]]);
    expect(carryingLinks(pins(["$a"]), links)).toEqual([links[0]]);
    expect(carryingLinks(member("join", "leave"), links)).toEqual([links[1]]);
  });

  test("are all of them for what is no change", () => {
    expect(carryingLinks(named("Cellar"), links)).toBe(links);
  });
});

test("a change is of whoever makes it, and of whom it is about", () => {
  expect(peopleOf(member("join", "leave", MOD))).toEqual([MOD, ANA]);
  expect(peopleOf(member("join", "leave"))).toEqual([ANA]);
  expect(peopleOf(named("Attic"))).toEqual([MOD]);
  expect(peopleOf(named("Cellar"))).toEqual([MOD]);
});

test("what somebody has written is in a name or a topic, and a member's name is", () => {
  const textsOf = (event: SourceEvent): string[] | null => {
    const change = readChange(event);
    return change && textsOfChange(change, event);
  };
  expect(textsOf(named("Attic"))).toEqual(["Attic"]);
  expect(textsOf(topic("Bread"))).toEqual(["Bread"]);
  expect(textsOf(named(""))).toEqual([]);
  expect(textsOf(pins(["$a"]))).toEqual([]);
  expect(textsOf(member(null, "join"))).toEqual(["Ana"]);
  expect(textsOf({ ...member(null, "join"), memberName: undefined })).toEqual([]);
});

describe("in words", () => {
  const words = (event: SourceEvent) => changeInWords(event, textsIn("en"), "Kitchen");

  test("a change is a notice that rings for nobody", () => {
    const said = words(named("Attic"));
    expect(said).toMatchObject({ type: "m.room.message", eventId: EVENT, sender: MOD });
    expect(said.stateKey).toBeUndefined();
    expect(said.content).toEqual({
      msgtype: "m.notice",
      body: textsIn("en").change({ what: "name", text: "“Attic”" }, "“Kitchen”"),
      "m.mentions": {},
    });
  });

  test.each<[SourceEvent, Parameters<ReturnType<typeof textsIn>["change"]>[0]]>([
    [member("join", "ban", MOD), { what: "banned", member: "“Ana”" }],
    [
      { ...member("join", "leave"), memberName: undefined },
      { what: "left", member: `“${ANA}”` },
    ],
    [named(""), { what: "name", text: null }],
    [topic("x".repeat(200)), { what: "topic", text: `“${"x".repeat(139)}…”` }],
    [pins(["$a"]), { what: "pinned" }],
  ])("%#: a change says what it is", (event, expected) => {
    expect(words(event).content["body"]).toBe(textsIn("en").change(expected, "“Kitchen”"));
  });

  test("anything else stays as it is", () => {
    const event = named("Cellar");
    expect(words(event)).toBe(event);
  });
});

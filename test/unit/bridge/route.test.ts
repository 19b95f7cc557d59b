import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { route, type Memory, type Task } from "../../../main/bridge/route.ts";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { LIVE_LOCATION } from "../../../main/matrix/unstable.ts";
import { linkBetween } from "../link-support.ts";
import { ACCOUNT, anyDeed, anyLinks, coveredFrom, eventIn, Model, originOf, memoryWith } from "./route-support.ts";

const A = "!a:one.test" as RoomId;
const B = "!b:one.test" as RoomId;
const C = "!c:one.test" as RoomId;
const ANA = "@ana:one.test" as UserId;
const id = (name: string): EventId => `$${name}` as EventId;

describe("whatever is said, whichever rooms are linked", () => {
  const story = (check: (model: Model) => void): void => {
    fc.assert(
      fc.property(anyLinks, fc.array(anyDeed, { maxLength: 25 }), (links, deeds) => {
        const model = new Model(links);
        for (const deed of deeds) model.perform(deed);
        model.send();
        model.send();
        check(model);
      }),
      { numRuns: 300 },
    );
  };
  const tasksOf = (model: Model): Task[] =>
    model.decided.flatMap(({ decision }) => (decision.outcome === "routed" ? decision.tasks : []));

  test("nothing goes into the room that it comes from, and nothing twice into any room", () => {
    story((model) => {
      const seen = new Set<string>();
      for (const { sourceRoom, sourceEvent, destination, kind, target, targetKind } of tasksOf(model)) {
        expect(destination).not.toBe(sourceRoom);
        const task = [
          sourceEvent,
          destination,
          kind,
          ...(kind === "redaction" ? [target?.eventId, targetKind] : []),
        ].join(" ");
        expect(seen.has(task), task).toBe(false);
        seen.add(task);
      }
    });
  });

  test("everything goes where a link leads that has started, paused or not, and nowhere else", () => {
    story((model) => {
      for (const { event, decision } of model.decided) {
        if (decision.outcome !== "routed") continue;
        const covered = coveredFrom(model.links, event.roomId);
        // Words that are taken back from a copy are taken back wherever their original has gone.
        const origins = decision.kind === "redaction" ? decision.tasks.map((task) => task.target?.roomId) : [];
        const sources = [event.roomId, ...origins.filter((roomId) => roomId !== undefined)];
        for (const task of decision.tasks) {
          const link = model.links.find((candidate) => candidate.id === task.linkId);
          const leadsThere = sources.some((source) => coveredFrom(link ? [link] : [], source).has(task.destination));
          expect(leadsThere).toBe(true);
        }
        if (decision.kind !== "redaction")
          expect(new Set(decision.tasks.map((task) => task.destination))).toEqual(covered);
      }
    });
  });

  test("a copy is never a source, so that links are not transitive and nothing runs in a circle", () => {
    story((model) => {
      for (const { event, decision } of model.decided) {
        if (model.isFerrys(event)) expect(decision.outcome).toBe("own-copy");
      }
      for (const task of tasksOf(model)) {
        const source = model.rooms.get(task.sourceRoom)?.find((event) => event.eventId === task.sourceEvent);
        expect(source && model.isFerrys(source)).toBe(false);
      }
    });
  });

  test("a message that can be mirrored is, whoever wrote it and whatever has been pasted into it", () => {
    story((model) => {
      for (const { event, decision } of model.decided) {
        const plain = event.type === "m.room.message" && event.encrypted && event.content["m.relates_to"] === undefined;
        if (!plain || model.isFerrys(event) || coveredFrom(model.links, event.roomId).size === 0) continue;
        // The user's own, with the marker of a copy in that very room: that copy is known, so this is another message.
        expect(decision.outcome, JSON.stringify(event)).toBe("routed");
      }
    });
  });
});

const message = (other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(A, id("1"), ANA, "m.room.message", { msgtype: "m.text", body: "words" }),
  ...other,
});
const reaction = (target: string, key: unknown = "👍"): SourceEvent =>
  message({
    type: "m.reaction",
    encrypted: false,
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: target, key: key as string } },
  });
const edit = (target: string, sender = ANA): SourceEvent => {
  const words = { msgtype: "m.text", body: "better" };
  return message({
    sender,
    content: { ...words, "m.new_content": words, "m.relates_to": { rel_type: "m.replace", event_id: target } },
  });
};
const redaction = (target: string, sender = ANA): SourceEvent =>
  message({ sender, type: "m.room.redaction", encrypted: false, content: {}, redacts: id(target.slice(1)) });

const outcomeOf = (event: SourceEvent, memory: Memory): string => route(event, memory).outcome;
const tasksOf = (event: SourceEvent, memory: Memory): Task[] => {
  const decision = route(event, memory);
  return decision.outcome === "routed" ? decision.tasks : [];
};

describe("what is not copied has a name", () => {
  const linked = memoryWith([linkBetween([A, B])]);
  test.each<[string, SourceEvent, Memory]>([
    ["not-a-source", message(), memoryWith([])],
    ["not-a-source", message({ roomId: B }), memoryWith([linkBetween([A, B], { direction: "one-way" })])],
    ["link-starting", message(), memoryWith([linkBetween([A, B], { state: "starting" })])],
    ["state-event", message({ stateKey: "" }), linked],
    ["state-event", message({ type: LIVE_LOCATION, stateKey: "@bea:two.test", content: { live: true } }), linked],
    ["redacted", message({ redacted: true, content: {} }), linked],
    ["not-encrypted", message({ encrypted: false }), linked],
    ["too-old", message({ originServerTs: 4 }), { ...linked, oldestTs: 5 }],
    ["unsupported-type", message({ type: "m.sticker", content: { url: "mxc://x/y" } }), linked],
    ["unsupported-type", message({ type: "org.example.dance", content: { steps: 3 } }), linked],
    ["call-or-verification", message({ type: "m.call.invite", content: { body: "x" } }), linked],
    ["call-or-verification", message({ content: { msgtype: "m.key.verification.request", body: "x" } }), linked],
    ["unsupported-message", message({ content: { msgtype: "m.text" } }), linked],
    ["unsupported-message", reaction("no event id"), linked],
    ["unsupported-message", reaction("$1", ""), linked],
    ["unsupported-message", reaction("$1", 7), linked],
    ["target-not-copied", reaction("$unknown"), linked],
    ["target-not-copied", edit("$unknown"), linked],
    ["target-not-copied", redaction("$unknown"), linked],
    [
      "key-awaited",
      message({ sender: ACCOUNT, undecryptable: "NO_KEY", type: "m.room.encrypted", content: {} }),
      linked,
    ],
    ["key-awaited", { ...edit("$1"), undecryptable: "NO_KEY", type: "m.room.encrypted" }, linked],
    [
      "edit-of-another-persons-message",
      edit("$1"),
      memoryWith(linked.links as Link[], { seen: () => ({ sender: ACCOUNT, kind: "copy" }) }),
    ],
  ])("%s", (outcome, event, memory) => expect(outcomeOf(event, memory)).toBe(outcome));

  test("too old goes by an event's own age, and takes back or obeys whatever its age", () => {
    const copies = () => [{ sourceRoom: A, sourceEvent: id("0"), destination: B, kind: "copy" as const }];
    const known = { seen: () => ({ sender: ANA, kind: "copy" }), copiesOf: copies, oldestTs: 2 };
    const memory = memoryWith(linked.links as Link[], known);
    const aged = (event: SourceEvent, originServerTs: number) => outcomeOf({ ...event, originServerTs }, memory);
    for (const event of [message(), edit("$0"), reaction("$0")]) {
      expect([aged(event, 1), aged(event, 2)]).toEqual(["too-old", "routed"]);
    }
    expect(aged(redaction("$0"), 1)).toBe("routed");
    expect(aged(message({ content: { msgtype: "m.text", body: "!ferry optout" } }), 1)).toBe("command");
  });

  test("in a room that is not encrypted nothing has to be", () => {
    expect(outcomeOf(message({ encrypted: false, roomEncrypted: false }), linked)).toBe("routed");
  });

  test("what another person's key has not come for is owed at once, as a placeholder", () => {
    expect(outcomeOf(message({ undecryptable: "NO_KEY", type: "m.room.encrypted", content: {} }), linked)).toBe(
      "routed",
    );
  });
});

describe("what refers to another event", () => {
  const links = [linkBetween([A, B, C])];
  const copy = { roomId: B, eventId: id("original"), author: ANA, kind: "copy" as const };

  test("names the event that was written first, wherever it was", () => {
    const memory = memoryWith(links, { originOf: (_room, eventId) => (eventId === id("copy") ? copy : null) });
    const original = { roomId: B, eventId: id("original") };
    expect(tasksOf(reaction("$copy"), memory).map(({ destination, target }) => [destination, target])).toEqual([
      [B, original],
      [C, original],
    ]);
    const seen = memoryWith(links, { seen: () => ({ sender: ANA, kind: "copy" }) });
    expect(tasksOf(edit("$here"), seen)[0]?.target).toEqual({ roomId: A, eventId: id("here") });
  });

  test("the user edits their own words in a copy, and nobody else's", () => {
    const own = memoryWith(links, { originOf: () => ({ ...copy, author: ACCOUNT }) });
    expect(tasksOf(edit("$copy", ACCOUNT), own).map((task) => task.destination)).toEqual([B, C]);
    const others = memoryWith(links, { originOf: () => copy });
    expect(outcomeOf(edit("$copy", ACCOUNT), others)).toBe("edit-of-another-persons-message");
  });
});

describe("a redaction", () => {
  const links = [linkBetween([A, B, C])];
  const copyIn = (destination: RoomId, kind: "copy" | "edit" = "copy") => ({
    sourceRoom: A,
    sourceEvent: id("x"),
    destination,
    kind,
  });

  test("of an original reaches its copies and their edits", () => {
    const memory = memoryWith(links, { copiesOf: () => [copyIn(B), copyIn(C), copyIn(B, "edit")] });
    const tasks = tasksOf(redaction("$x"), memory);
    expect(tasks.map(({ destination, targetKind }) => [destination, targetKind])).toEqual([
      [B, "copy"],
      [C, "copy"],
      [B, "edit"],
    ]);
  });

  test("of the user's own words in a copy reaches the original and the other copies, not that room again", () => {
    const origin = { roomId: B, eventId: id("x"), author: ACCOUNT, kind: "copy" as const };
    const copies = [
      { sourceRoom: B, sourceEvent: id("x"), destination: A, kind: "copy" as const },
      { sourceRoom: B, sourceEvent: id("x"), destination: C, kind: "copy" as const },
    ];
    const memory = memoryWith(links, { originOf: () => origin, copiesOf: () => copies });
    const tasks = tasksOf(redaction("$copy", ACCOUNT), memory);
    expect(tasks.map(({ destination, targetKind }) => [destination, targetKind])).toEqual([
      [B, "original"],
      [C, "copy"],
    ]);
  });

  test.each([
    ["by a moderator", ANA, ANA],
    ["by the user, of somebody else's words", ACCOUNT, ANA],
    ["by somebody else, of the user's words", ANA, ACCOUNT],
  ])("of a copy %s ends at the room", (_name, sender, author) => {
    const memory = memoryWith(links, { originOf: () => ({ roomId: B, eventId: id("x"), author, kind: "copy" }) });
    expect(route(redaction("$copy", sender), memory)).toEqual({
      outcome: "redaction-of-a-copy",
      gone: { roomId: A, eventId: id("copy") },
    });
  });

  test("follows the copies also where the link leads the other way by now", () => {
    const narrowed = [linkBetween([B, A], { direction: "one-way" })];
    const memory = memoryWith(narrowed, { copiesOf: () => [copyIn(B)] });
    const tasks = tasksOf(redaction("$x"), memory);
    expect(tasks.map(({ linkId, destination, targetKind }) => [linkId, destination, targetKind])).toEqual([
      [narrowed[0]?.id, B, "copy"],
    ]);
  });

  test("of a notice stays in its room, even by the user", () => {
    const memory = memoryWith(links, {
      originOf: () => ({ roomId: A, eventId: id("start:link"), author: ACCOUNT, kind: "notice" }),
    });
    expect(outcomeOf(redaction("$notice", ACCOUNT), memory)).toBe("redaction-of-a-copy");
  });
});

test("a copy that comes back before its answer is known by its transaction, and by its marker", () => {
  const links = [linkBetween([A, B])];
  const task: Task = {
    linkId: "link" as LinkId,
    sourceRoom: B,
    sourceEvent: id("s"),
    author: ANA,
    destination: A,
    kind: "copy",
  };
  const echo = message({ sender: ACCOUNT, transactionId: "ferry.1" });
  expect(outcomeOf(echo, memoryWith(links, { isUnderWay: (transaction) => transaction === "ferry.1" }))).toBe(
    "own-copy",
  );
  const marked = message({ sender: ACCOUNT, content: { msgtype: "m.text", body: "x", ...originOf(task) } });
  expect(outcomeOf(marked, memoryWith(links))).toBe("own-copy");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCommand, type Command } from "../../../main/bridge/command.ts";
import { newCode } from "../../../main/bridge/code.ts";
import { roomHash, writeOrigin } from "../../../main/bridge/origin.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, TransactionId, UserId } from "../../../main/matrix/ids.ts";
import { NOTICE } from "../../../main/matrix/unstable.ts";
import { ACCOUNT, eventIn } from "./route-support.ts";

const ROOM = "!a:one.test" as RoomId;
const ANA = "@ana:one.test" as UserId;
const said = (body: string, other: Partial<SourceEvent> = {}, more: JsonObject = {}): SourceEvent => ({
  ...eventIn(ROOM, "$1" as EventId, ANA, "m.room.message", { msgtype: "m.text", body, ...more }),
  ...other,
});
const answer = (verb: "approve" | "decline" | "stop", code = "K7QF2MXA"): Command => ({ kind: "answer", verb, code });

describe("what is said to Ferry", () => {
  test.each<[string, Command]>([
    ["!ferry optout", { kind: "opt-out" }],
    ["!ferry optin", { kind: "opt-in" }],
    [" !Ferry  OptOut \n", { kind: "opt-out" }],
    ["!ferry opt-in", { kind: "opt-in" }],
    ["approve K7QF2MXA", answer("approve")],
    ["decline K7QF-2MXA", answer("decline")],
    ["STOP k7qf-2mxa", answer("stop")],
    [
      "> <@me:one.test> asks to link this room.\n> To agree, write: approve K7QF-2MXA\n\napprove K7QF-2MXA",
      answer("approve"),
    ],
  ])("%j", (body, command) => {
    expect(readCommand(said(body))).toEqual(command);
    expect(readCommand(said(body, { sender: ACCOUNT }))).toEqual(command);
  });

  test("every code that Ferry makes is read, however it is written", () => {
    const codes = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((random) => newCode(random));
    fc.assert(
      fc.property(codes, fc.boolean(), fc.boolean(), (code, isSmall, isGrouped) => {
        const grouped = isGrouped ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
        const body = `approve ${isSmall ? grouped.toLowerCase() : grouped}`;
        expect(readCommand(said(body))).toEqual(answer("approve", code));
      }),
    );
  });

  test("in a thread, as everywhere", () => {
    const relation = { "m.relates_to": { rel_type: "m.thread", event_id: "$root" } };
    expect(readCommand(said("stop K7QF2MXA", {}, relation))).toEqual(answer("stop"));
  });

  test("without encryption, where the room has none", () => {
    const clear = { encrypted: false, roomEncrypted: false };
    expect(readCommand(said("!ferry optout", clear))).toEqual({ kind: "opt-out" });
  });
});

describe("what is said to people", () => {
  test.each([
    "",
    "approve of it",
    "approve",
    "approve K7QF2MX",
    "approve K7QF2MXAB",
    "approve K7QF2MX0",
    "approve K7Q-F2MXA",
    "approve K7QF--2MXA",
    "please approve K7QF2MXA",
    "approve K7QF2MXA please",
    "approve K7QF2MXA\ndecline K7QF2MXA",
    "approved K7QF2MXA",
    "> approve K7QF2MXA",
    "!ferry",
    "!ferry optout now",
    "ferry optout",
    "use !ferry optout",
    "!ferry optout\n!ferry optin",
    `!ferry${" ".repeat(100)}optout`,
  ])("%j", (body) => {
    expect(readCommand(said(body))).toBeNull();
  });

  test("whatever stands together: a command only where it is one verb and its object, on one line", () => {
    const pieces = ["approve", "stop", "!ferry", "optout", "optin", "K7QF", "-", "2MXA", " ", " ", "\n", "x", ">"];
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(""));
    const code = /^(K7QF|2MXA)-?(K7QF|2MXA)$/;
    const objects = new Map([
      ["!ferry", /^(optout|optin|stop)$/],
      ["approve", code],
      ["stop", code],
    ]);
    fc.assert(
      fc.property(texts, (body) => {
        const [verb = "", object = "", ...rest] = body.trim().split(/ +/);
        const isCommand = rest.length === 0 && (objects.get(verb)?.test(object) ?? false);
        expect(readCommand(said(body)) !== null).toBe(isCommand);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("what looks like a command and is none", () => {
  const words = "!ferry optout";
  test.each<[string, SourceEvent]>([
    ["a notice", said(words, {}, { msgtype: "m.notice" })],
    ["no text", said(words, {}, { msgtype: "m.emote" })],
    ["no words", said(words, {}, { body: 7 })],
    ["an edit", said(words, {}, { "m.relates_to": { rel_type: "m.replace", event_id: "$0" } })],
    ["a state event", said(words, { stateKey: "" })],
    ["a reaction", said(words, { type: "m.reaction" })],
    ["a message without encryption, where the room has it", said(words, { encrypted: false })],
    ["what has not been decrypted", said(words, { type: "m.room.encrypted", undecryptable: "NO_KEY", content: {} })],
    ["what a Ferry says in its own name", said(words, {}, { [NOTICE]: { version: 1 } })],
  ])("%s", (_name, event) => expect(readCommand(event)).toBeNull());

  test("a copy: its carrier has not said it", () => {
    const marker = (carrier: UserId) =>
      writeOrigin({
        ...{ transaction: "ferry.1" as TransactionId, link: "link" as LinkId, sourceEvent: "$0" as EventId },
        ...{ sender: ANA, carrier, room: roomHash(ROOM) },
      });
    expect(readCommand(said(words, { sender: ACCOUNT }, marker(ACCOUNT)))).toBeNull();
    // Pasted by somebody else, the marker marks nothing.
    expect(readCommand(said(words, {}, marker(ACCOUNT)))).toEqual({ kind: "opt-out" });
  });
});

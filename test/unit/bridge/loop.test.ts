import { describe, expect, test } from "vitest";
import { loopCheck, type LoopFacts } from "../../../main/bridge/loop.ts";
import type { Task } from "../../../main/bridge/route.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import { writeBareOrigin } from "../../../main/bridge/origin.ts";
import type { EventId, LinkId, RoomId, TransactionId, UserId } from "../../../main/matrix/ids.ts";
import { NOTICE, ORIGIN } from "../../../main/matrix/unstable.ts";
import { ACCOUNT, eventIn, originOf } from "./route-support.ts";

const HERE = "!here:one.test" as RoomId;
const ANA = "@ana:one.test" as UserId;
const OTHER_FERRY = "@cem:two.test" as UserId;
const EVENT = "$event" as EventId;
const SOURCE = "$source" as EventId;
const TASK: Task = {
  ...{ linkId: "link" as LinkId, sourceRoom: "!there:one.test" as RoomId, sourceEvent: SOURCE },
  ...{ author: ANA, destination: HERE, kind: "copy" },
};

const facts = (other: Partial<LoopFacts> = {}): LoopFacts => ({
  ...{ account: ACCOUNT, isCopy: () => false, isUnderWay: () => false, copyIn: () => null },
  ...other,
});
const event = (sender: UserId, content: JsonObject, other: Partial<SourceEvent> = {}): SourceEvent => ({
  ...eventIn(HERE, EVENT, sender, "m.room.message", { msgtype: "m.text", body: "words", ...content }),
  ...other,
});

const bare = (transaction: string): JsonObject => writeBareOrigin(transaction as TransactionId);
const isFirst = (transaction: string): boolean => transaction === "ferry.1";

describe("loopCheck", () => {
  test.each<[string, SourceEvent, Partial<LoopFacts>, string | null]>([
    ["the user's own message from another device", event(ACCOUNT, {}), {}, null],
    ["somebody else's message", event(ANA, {}), {}, null],
    ["an event of the ledger", event(ACCOUNT, {}), { isCopy: (room, id) => room === HERE && id === EVENT }, "own-copy"],
    ["an answer under way", event(ACCOUNT, {}, { transactionId: "t" }), { isUnderWay: (id) => id === "t" }, "own-copy"],
    ["a transaction id of somebody else's", event(ANA, {}, { transactionId: "t" }), { isUnderWay: () => true }, null],
    ["an own message, while something is under way", event(ACCOUNT, {}), { isUnderWay: () => true }, null],
    ["a reaction under way, by its marker", event(ACCOUNT, bare("ferry.1")), { isUnderWay: isFirst }, "own-copy"],
    ["a reaction that is not under way", event(ACCOUNT, bare("ferry.2")), { isUnderWay: isFirst }, null],
    ["the marker of a reaction, by somebody else", event(ANA, bare("ferry.1")), { isUnderWay: isFirst }, null],
    ["an own copy that nothing else remembers", event(ACCOUNT, originOf(TASK)), {}, "own-copy"],
    ["the true copy by its marker", event(ACCOUNT, originOf(TASK)), { copyIn: () => EVENT }, "own-copy"],
    [
      "an own message with the marker of a known copy",
      event(ACCOUNT, originOf(TASK)),
      { copyIn: () => "$copy" as EventId },
      null,
    ],
    ["another Ferry's copy", event(OTHER_FERRY, originOf(TASK, OTHER_FERRY)), {}, "copy-by-another-ferry"],
    ["the user's marker, pasted by somebody else", event(ANA, originOf(TASK)), {}, null],
    ["a marker of another room", event(ACCOUNT, originOf({ ...TASK, destination: "!x:y.test" as RoomId })), {}, null],
    ["an own notice", event(ACCOUNT, { [NOTICE]: { version: 1 } }), {}, "own-copy"],
    ["another Ferry's notice", event(OTHER_FERRY, { [NOTICE]: { version: 1 } }), {}, "copy-by-another-ferry"],
    ["a notice field that is none", event(ANA, { [NOTICE]: "x" }), {}, null],
    ["a marker that is none", event(ACCOUNT, { [ORIGIN]: ["x"] }), {}, null],
    ["a marker with an unknown version and more in it", event(ACCOUNT, withMore(originOf(TASK))), {}, "own-copy"],
  ])("%s", (_name, candidate, other, expected) => {
    expect(loopCheck(candidate, facts(other))).toBe(expected);
  });
});

function withMore(marker: JsonObject): JsonObject {
  return { [ORIGIN]: { ...(marker[ORIGIN] as JsonObject), version: 7, later: ["field"] } };
}

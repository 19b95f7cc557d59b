import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  copiedTransaction,
  readOrigin,
  roomHash,
  transactionIdOf,
  writeBareOrigin,
  writeOrigin,
  type Origin,
} from "../../../main/bridge/origin.ts";
import type { Json } from "../../../main/matrix/event.ts";
import { isTransactionId, type EventId, type LinkId, type RoomId, type UserId } from "../../../main/matrix/ids.ts";
import { ORIGIN } from "../../../main/matrix/unstable.ts";

const ROOM = "!room:one.test" as RoomId;
const SAMPLE: Origin = {
  transaction: transactionIdOf("$1", ROOM, "copy"),
  link: "link" as LinkId,
  sourceEvent: "$1" as EventId,
  sender: "@ana:one.test" as UserId,
  carrier: "@me:one.test" as UserId,
  room: roomHash(ROOM),
};

describe("the marker", () => {
  test("is read as it was written", () => {
    expect(readOrigin(writeOrigin(SAMPLE))).toEqual(SAMPLE);
    expect(copiedTransaction(writeOrigin(SAMPLE))).toBe(SAMPLE.transaction);
  });

  test("of a reaction names nothing but the transaction, and is no full marker", () => {
    const bare = writeBareOrigin(SAMPLE.transaction);
    expect(JSON.stringify(bare)).not.toMatch(/one\.test|link/);
    expect(copiedTransaction(bare)).toBe(SAMPLE.transaction);
    expect(readOrigin(bare)).toBeNull();
  });

  test("that lacks anything or has it in another form is none", () => {
    const marker = writeOrigin(SAMPLE)[ORIGIN] as Record<string, Json>;
    for (const field of Object.keys(marker).filter((name) => name !== "version")) {
      for (const wrong of [undefined, null, 7, "", {}, ["x"]]) {
        const broken = { ...marker, [field]: wrong as Json };
        if (field === "room" && wrong === "") continue;
        expect(readOrigin({ [ORIGIN]: broken }), `${field}: ${JSON.stringify(wrong)}`).toBeNull();
      }
    }
  });

  test("never throws, whatever stands there", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const content = { [ORIGIN]: value as Json };
        readOrigin(content);
        expect(copiedTransaction(content)).toBeNull();
      }),
    );
  });
});

describe("the transaction id", () => {
  test("is the same for the same copy, another for every other, and fit for a URL", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.string(), fc.string(), fc.string()),
        fc.tuple(fc.string(), fc.string(), fc.string()),
        (a, b) => {
          const [first, second] = [a, b].map(([source, room, kind]) => transactionIdOf(source, room as RoomId, kind));
          expect(isTransactionId(first)).toBe(true);
          expect(first === second).toBe(JSON.stringify(a) === JSON.stringify(b));
        },
      ),
    );
  });

  test("does not change from version to version: a copy under way must be found after an update", () => {
    expect(transactionIdOf("$1", ROOM, "copy")).toBe("ferry.c2uDkSG_FteWdqjvTT6mIg5O-eGVoPmyzT-nyxkDkR0");
  });
});

test("a room's hash tells rooms apart and does not name them", () => {
  expect(roomHash(ROOM)).toHaveLength(22);
  expect(roomHash(ROOM)).not.toBe(roomHash("!room:two.test" as RoomId));
});

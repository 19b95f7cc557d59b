import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EchoDetector } from "../../../main/bridge/echo.ts";
import type { LinkId, RoomId } from "../../../main/matrix/ids.ts";

const KITCHEN = "!kitchen:example.org" as RoomId;
const WORKSHOP = "!workshop:example.org" as RoomId;
const LINK = "link" as LinkId;

/** Rooms that another bridge joins as well: every copy comes back, with the name of who seems to have sent it. */
function circle(rounds: number, pauseMs: number): (LinkId | null)[] {
  const detector = new EchoDetector();
  let text = "Ana: good morning";
  return Array.from({ length: rounds }, (_, round) => {
    const ts = round * pauseMs;
    detector.noteCopy(round % 2 === 0 ? WORKSHOP : KITCHEN, LINK, text, ts);
    text = `Bot: ${text}`;
    return detector.noteMessage(round % 2 === 0 ? WORKSHOP : KITCHEN, text, ts + 1);
  });
}

describe("a circle through another bridge", () => {
  test("is noticed at the fifth echo within a minute", () => {
    expect(circle(5, 1_000)).toEqual([null, null, null, null, LINK]);
  });

  test("is not one where echoes are far apart", () => {
    expect(circle(20, 61_000).filter((link) => link !== null)).toEqual([]);
  });

  test("is not one where people say the same short things", () => {
    const detector = new EchoDetector();
    for (let ts = 0; ts < 50; ts++) {
      detector.noteCopy(WORKSHOP, LINK, "Jo: ok", ts);
      expect(detector.noteMessage(WORKSHOP, "Jo: ok", ts)).toBeNull();
    }
  });

  test("is never seen in messages that repeat no copy", () => {
    const texts = fc.array(fc.string({ minLength: 8 }), { maxLength: 60 });
    fc.assert(
      fc.property(texts, texts, (copies, messages) => {
        const detector = new EchoDetector();
        for (const [index, text] of copies.entries()) detector.noteCopy(WORKSHOP, LINK, `Ana: ${text}`, index);
        const others = messages.filter((message) => !copies.some((copy) => message.includes(`Ana: ${copy}`)));
        for (const message of others) expect(detector.noteMessage(WORKSHOP, message, 100)).toBeNull();
      }),
    );
  });
});

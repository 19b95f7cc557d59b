import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RING } from "../../../main/matrix/unstable.ts";
import { Patience } from "../../../renderer/engine/patience.ts";
import { FloodLimit, listenForRings, readRing, type Ring } from "../../../renderer/engine/ring.ts";

const content = { room_id: "!room:one.test", event_id: "$event" };
const by = (sender: string) => ({ sender, senderCurve25519KeyBase64: "key", senderVerified: false });
const received = (sender: string, more: object = {}, info: object | null = by(sender)) =>
  ({ message: { type: RING, sender: "@claimed:one.test", content, ...more }, encryptionInfo: info }) as never;

describe("a ring", () => {
  test("is from whom the encryption says, not from whom it says itself", () => {
    expect(readRing(received("@ana:one.test"))).toEqual({
      ...{ sender: "@ana:one.test", roomId: "!room:one.test", eventId: "$event" },
    });
  });

  test.each<[string, unknown]>([
    ["unencrypted", received("@ana:one.test", {}, null)],
    ["of another type", received("@ana:one.test", { type: "m.dummy" })],
    ["without a room", received("@ana:one.test", { content: { event_id: "$event" } })],
    ["with an alias for a room", received("@ana:one.test", { content: { ...content, room_id: "#a:one.test" } })],
    ["with no event id", received("@ana:one.test", { content: { ...content, event_id: 5 } })],
    ["without any content", received("@ana:one.test", { content: null })],
    ["of nobody", received("ana")],
  ])("%s is none", (_name, message) => {
    expect(readRing(message as never)).toBeNull();
  });
});

describe("a flood", () => {
  const passed = (limit: FloodLimit, senders: string[], now: number) =>
    senders.filter((sender) => limit.take(sender, now)).length;

  test("is cut off at ten of one sender and thirty of all, each minute anew", () => {
    const limit = new FloodLimit();
    const crowd = Array.from({ length: 1_000 }, (_, index) => `@${index}:one.test`);
    expect(passed(limit, Array<string>(1_000).fill("@one:one.test"), 0)).toBe(10);
    expect(passed(limit, crowd, 1_000)).toBe(20);
    expect(passed(limit, crowd, 59_999)).toBe(0);
    expect(passed(limit, crowd, 60_000)).toBe(30);
  });

  test("ends also where the clock is set back", () => {
    const limit = new FloodLimit();
    expect(passed(limit, Array<string>(20).fill("@one:one.test"), 1_000_000)).toBe(10);
    expect(passed(limit, ["@one:one.test"], 0)).toBe(1);
  });
});

describe("listening", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("passes rings on until main has them, and says once a minute how many were dropped", async () => {
    const client = new EventEmitter();
    const rung: Ring[] = [];
    const lines: unknown[] = [];
    let failures = 1;
    const main = {
      rung: async (ring: Ring) => {
        if (failures-- > 0) throw new Error("not now");
        rung.push(ring);
        return {};
      },
      log: async ({ fields }: { fields: unknown }) => {
        lines.push(fields);
        return {};
      },
    };
    const patience = new Patience();
    listenForRings(client as never, main, patience);
    for (let index = 0; index < 1_000; index++) client.emit("receivedToDeviceMessage", received("@ana:one.test"));
    await vi.advanceTimersByTimeAsync(59_000);
    expect([rung.length, lines]).toEqual([10, []]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(lines).toEqual([{ dropped: 990 }]);
    patience.stop();
  });
});

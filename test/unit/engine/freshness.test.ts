import { describe, expect, test } from "vitest";
import type { Outgoing } from "../../../main/protocol/engine.ts";
import { FRESH_MS, Freshness } from "../../../renderer/engine/freshness.ts";
import { send } from "../../../renderer/engine/send.ts";
import { ROOM, Scene } from "./room-support.ts";

class Clock {
  now = 1_000_000_000;
  readonly freshness = new Freshness(() => this.now);

  /** A request for events that is answered, and whose answer takes some time to be taken in. */
  poll(lastsMs: number, takesMs = 0): void {
    this.freshness.asked();
    this.now += lastsMs;
    const answered = this.freshness.answered();
    this.now += takesMs;
    this.freshness.processed(answered);
  }
}

describe("what is known of the rooms", () => {
  test("is nothing before the first answer", () => {
    expect(new Freshness().isFresh).toBe(false);
  });

  test("is fresh for a while after each answer", () => {
    const clock = new Clock();
    clock.poll(30_000);
    expect(clock.freshness.isFresh).toBe(true);
    clock.now += FRESH_MS;
    expect(clock.freshness.isFresh).toBe(true);
    clock.now += 1;
    expect(clock.freshness.isFresh).toBe(false);
    clock.poll(50);
    expect(clock.freshness.isFresh).toBe(true);
  });

  test("is old where an answer was taken in long after it had come", () => {
    const clock = new Clock();
    clock.poll(30_000, FRESH_MS + 1);
    expect(clock.freshness.isFresh).toBe(false);
  });

  test("is not made new by an answer that lay in the machine while it slept", () => {
    const clock = new Clock();
    clock.poll(50);
    clock.poll(8 * 3_600_000);
    expect(clock.freshness.isFresh).toBe(false);
    clock.poll(50);
    expect(clock.freshness.isFresh).toBe(true);
  });

  test("is not taken for new when the clock is set back", () => {
    const clock = new Clock();
    clock.poll(50);
    clock.now -= 3_600_000;
    expect(clock.freshness.isFresh).toBe(false);
  });
});

describe("sending", () => {
  const outgoing = { roomId: ROOM, type: "m.room.message", content: {}, transactionId: "ferry.1", mustEncrypt: false };

  test("waits for the rooms' present state, and sends then", async () => {
    const scene = new Scene();
    scene.answers = (path) => (path.includes("/send/") ? { event_id: "$sent" } : undefined);
    const clock = new Clock();
    clock.poll(50);
    clock.now += 3_600_000;
    await expect(send(scene.client, clock.freshness, outgoing as Outgoing)).rejects.toMatchObject({
      code: "homeserver-unreachable",
    });
    expect(scene.asked).toEqual([]);
    clock.poll(50);
    expect(await send(scene.client, clock.freshness, outgoing as Outgoing)).toEqual({ eventId: "$sent" });
  });
});

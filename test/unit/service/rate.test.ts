import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RateGate } from "../../../main/service/rate.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("RateGate", () => {
  test("lets everybody through at once while nothing limits them", async () => {
    const gate = new RateGate(Date.now);
    const sent: string[] = [];
    void gate.pass(async () => new Promise(() => sent.push("never answered")));
    await gate.pass(async () => sent.push("second"));
    expect(sent).toEqual(["never answered", "second"]);
    expect(gate.waitMs).toBe(0);
  });

  test("after a limit nobody sends before the time that the homeserver named, then one after the other", async () => {
    const gate = new RateGate(Date.now);
    gate.limit(5_000);
    const log: string[] = [];
    for (const name of ["a", "b", "c"]) {
      void gate.pass(async () => {
        log.push(`${name} at ${Date.now() - 1_000_000}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      });
    }
    await vi.advanceTimersByTimeAsync(4_999);
    expect(log).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(log).toEqual(["a at 5000", "b at 5010", "c at 5020"]);
  });

  test("the longest wait counts, within limits", () => {
    const gate = new RateGate(Date.now);
    gate.limit(5_000);
    gate.limit(1_000);
    expect(gate.waitMs).toBe(5_000);
    gate.limit(365 * 86_400_000);
    expect(gate.waitMs).toBe(3_600_000);
    const other = new RateGate(Date.now);
    other.limit(-5);
    expect(other.waitMs).toBe(100);
  });

  test("a request that fails lets the next one have its turn", async () => {
    const gate = new RateGate(Date.now);
    gate.limit(100);
    const first = gate.pass(async () => {
      throw new Error("no");
    });
    const second = gate.pass(async () => "sent");
    const failed = expect(first).rejects.toThrow("no");
    await vi.advanceTimersByTimeAsync(200);
    await failed;
    expect(await second).toBe("sent");
  });

  test("a minute after the limit destinations go side by side again", async () => {
    const gate = new RateGate(Date.now);
    gate.limit(100);
    await vi.advanceTimersByTimeAsync(60_200);
    void gate.pass(() => new Promise(() => undefined));
    expect(await gate.pass(async () => "beside")).toBe("beside");
  });

  test("when Ferry ends nobody waits any longer, and nobody sends against the homeserver's wish", async () => {
    const gate = new RateGate(Date.now);
    gate.limit(3_600_000);
    const send = vi.fn(async () => "through");
    const waiting = expect(gate.pass(send)).rejects.toMatchObject({ code: "engine-gone" });
    await vi.advanceTimersByTimeAsync(1);
    gate.close();
    await waiting;
    expect(send).not.toHaveBeenCalled();
  });
});

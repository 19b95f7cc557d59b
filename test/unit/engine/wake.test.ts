import { EventEmitter } from "node:events";
import { ClientEvent } from "matrix-js-sdk/lib/client.js";
import { SyncState } from "matrix-js-sdk/lib/sync.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { noticeWaking, Wake } from "../../../renderer/engine/wake.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("noticing that the computer has woken up", () => {
  const start = () => {
    const page = new EventTarget();
    const wake = vi.fn();
    noticeWaking(page, wake);
    return { page, wake };
  };

  test("a timer that comes much too late tells, once for each sleep", () => {
    const { wake } = start();
    vi.advanceTimersByTime(600_000);
    expect(wake).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 300_000);
    vi.advanceTimersByTime(15_000);
    expect(wake).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(600_000);
    expect(wake).toHaveBeenCalledOnce();
  });

  test("what a browser does to the timers of a hidden page does not", () => {
    const { wake } = start();
    vi.setSystemTime(Date.now() + 59_000);
    vi.advanceTimersByTime(15_000);
    // Nor does a clock that is set back.
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(30_000);
    expect(wake).not.toHaveBeenCalled();
  });

  test("the network that is back tells at once", () => {
    const { page, wake } = start();
    page.dispatchEvent(new Event("online"));
    expect(wake).toHaveBeenCalledOnce();
  });
});

describe("asking at once", () => {
  const start = () => {
    const retryImmediately = vi.fn(() => true);
    const client = Object.assign(new EventEmitter(), { retryImmediately });
    return { client, retryImmediately, wake: new Wake(client as never) };
  };
  const forEver = (signal: AbortSignal) =>
    new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

  test("gives up the request under way, and has the SDK make it again without its pause", async () => {
    const { client, retryImmediately, wake } = start();
    const asked = wake.asking(forEver);
    const failed = expect(asked).rejects.toMatchObject({ name: "AbortError" });
    vi.advanceTimersByTime(20_000);
    wake.now();
    await failed;
    retryImmediately.mockClear();
    client.emit(ClientEvent.Sync, SyncState.Reconnecting);
    client.emit(ClientEvent.Sync, SyncState.Error);
    expect(retryImmediately).toHaveBeenCalledOnce();
  });

  test("leaves a request alone that has just been made, however often it is called", () => {
    const { wake, retryImmediately } = start();
    let signal: AbortSignal | undefined;
    void wake.asking((given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    vi.advanceTimersByTime(2_000);
    wake.now();
    wake.now();
    expect(signal?.aborted).toBe(false);
    expect(retryImmediately).toHaveBeenCalledTimes(2);
  });

  test("does not touch a failure that nobody has hurried", () => {
    const { client, retryImmediately } = start();
    client.emit(ClientEvent.Sync, SyncState.Reconnecting);
    expect(retryImmediately).not.toHaveBeenCalled();
  });

  test("the SDK's own signal ends the request too", async () => {
    const { wake } = start();
    const own = new AbortController();
    const failed = expect(wake.asking(forEver, own.signal)).rejects.toMatchObject({ name: "AbortError" });
    own.abort();
    await failed;
  });
});

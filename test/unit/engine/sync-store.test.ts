import type { ISyncResponse } from "matrix-js-sdk/lib/sync-accumulator.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Busy } from "../../../renderer/engine/busy.ts";
import { SyncStore } from "../../../renderer/engine/sync-store.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const response = (next: string): ISyncResponse => ({ next_batch: next }) as ISyncResponse;

/** As the SDK's loop does it: the token is set before a response is processed. */
async function process(store: SyncStore, next: string, fails = false): Promise<void> {
  store.setSyncToken(next);
  if (fails) store.rejectResponse();
  const stored = store.setSyncData(response(next));
  await vi.advanceTimersByTimeAsync(10_000);
  await stored;
}

test("passes each response on once, after it has been processed", async () => {
  const seen: string[] = [];
  const store = new SyncStore(async (each) => seen.push(each.next_batch) === 0, vi.fn(), new Busy());
  await process(store, "1");
  await process(store, "2");
  expect(seen).toEqual(["1", "2"]);
  expect(store.getSyncToken()).toBe("2");
  expect(await store.getSavedSync()).toBeNull();
});

test("asks once more for a response that could not be processed, so that its room keys are not deleted", async () => {
  const seen: string[] = [];
  const store = new SyncStore(async (each) => seen.push(each.next_batch) === 0, vi.fn(), new Busy());
  await process(store, "1");
  await process(store, "2", true);
  expect([seen, store.getSyncToken()]).toEqual([["1"], "1"]);
  await process(store, "2");
  expect([seen, store.getSyncToken()]).toEqual([["1", "2"], "2"]);
});

test("asks for the next response only once this one has been taken in, however long that lasts", async () => {
  const store = new SyncStore(
    () => new Promise((resolve) => setTimeout(() => resolve(false), 60_000)),
    vi.fn(),
    new Busy(),
  );
  let isStored = false;
  const stored = store.setSyncData(response("1")).then(() => (isStored = true));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(isStored).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  await stored;
});

test("begins again where the very first response fails", async () => {
  const store = new SyncStore(vi.fn(), vi.fn(), new Busy());
  await process(store, "1", true);
  expect(store.getSyncToken()).toBeNull();
});

test("says that the crypto store is lost when it fails several times in a row, not now and then", async () => {
  const onLost = vi.fn();
  const store = new SyncStore(vi.fn(), onLost, new Busy());
  for (const fails of [true, true, false, true, true, false]) await process(store, "1", fails);
  expect(onLost).not.toHaveBeenCalled();
  for (const fails of [true, true, true]) await process(store, "1", fails);
  expect(onLost).toHaveBeenCalled();
});

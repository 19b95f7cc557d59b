import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deleteOtherStores, deleteStore } from "../../../renderer/engine/crypto-store.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what earlier logins have left is deleted, and nothing else", async () => {
  const names = ["ferry-OLD", "ferry-NEW", "ferry-NEWER", "other"].flatMap((name) => [
    `${name}::matrix-sdk-crypto`,
    `${name}::matrix-sdk-crypto-meta`,
  ]);
  const deleteDatabase = vi.fn();
  vi.stubGlobal("indexedDB", { databases: async () => [{}, ...names.map((name) => ({ name }))], deleteDatabase });
  await deleteOtherStores({ getDeviceId: () => "NEW" } as never);
  expect(deleteDatabase.mock.calls.flat()).toEqual([
    ...["ferry-OLD::matrix-sdk-crypto", "ferry-OLD::matrix-sdk-crypto-meta"],
    ...["ferry-NEWER::matrix-sdk-crypto", "ferry-NEWER::matrix-sdk-crypto-meta"],
  ]);
});

test("a logout does not wait for ever for a store that is held open", async () => {
  const clearStores = vi.fn(() => new Promise<void>(() => undefined));
  const deleted = deleteStore({ getDeviceId: () => "NEW", clearStores } as never);
  await vi.advanceTimersByTimeAsync(3_000);
  await deleted;
  expect(clearStores).toHaveBeenCalledExactlyOnceWith({ cryptoDatabasePrefix: "ferry-NEW" });
});

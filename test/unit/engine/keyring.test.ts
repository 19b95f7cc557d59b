import { expect, test } from "vitest";
import { Keyring } from "../../../renderer/engine/keyring.ts";

const key = (fill: number) => new Uint8Array(32).fill(fill);
const keys = { one: {} as never, two: {} as never };

test("the key is there during what it is for, under its own name only, and overwritten afterwards", async () => {
  const ring = new Keyring();
  const ask = () => ring.callbacks.getSecretStorageKey?.({ keys }, "secret");
  const bytes = key(1);
  expect(await ask()).toBeNull();
  const seen = await ring.use("one", bytes, async () => (await ask())?.[1].slice());
  expect(seen).toEqual(key(1));
  expect(bytes).toEqual(key(0));
  expect(await ask()).toBeNull();
  await ring.use("other", key(2), async () => expect(await ask()).toBeNull());
});

test("it is overwritten after a failure too, and the next one has its turn", async () => {
  const ring = new Keyring();
  const [first, second] = [key(1), key(2)];
  let fail: () => void = () => undefined;
  const failing = ring.use("one", first, () => new Promise<void>((_, reject) => (fail = () => reject(new Error("x")))));
  const after = ring.use("two", second, async () => ring.callbacks.getSecretStorageKey?.({ keys }, "secret"));
  await Promise.resolve();
  fail();
  await expect(failing).rejects.toThrow("x");
  expect((await after)?.[0]).toBe("two");
  expect([first, second]).toEqual([key(0), key(0)]);
});

import { EventEmitter } from "node:events";
import { MatrixEventEvent } from "matrix-js-sdk/lib/models/event.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LateKeys } from "../../../renderer/engine/late-keys.ts";

const MINUTE_MS = 60_000;

class Undecrypted extends EventEmitter {
  isFailing = true;
  isEncrypted = () => true;
  isRedacted = () => false;
  isDecryptionFailure = () => this.isFailing;
  getClearContent = () => (this.isFailing ? null : { body: "here" });
  getType = () => "m.room.message";
  decryptionFailureReason = null;
  readonly attemptDecryption = vi.fn(async () => undefined);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create(version: string | null) {
  const crypto = { getActiveSessionBackupVersion: async () => version, isEncryptionEnabledInRoom: async () => true };
  const client = { getCrypto: () => crypto, getRoom: () => null };
  const reported: unknown[] = [];
  const keys = new LateKeys(client as never, async (event) => void reported.push(event.content));
  const add = (id: string): Undecrypted => {
    const event = new Undecrypted();
    const raw = { event_id: id, sender: "@ana:one.test", type: "m.room.encrypted", content: {} };
    keys.await("!room:one.test" as never, id as never, { raw, event: event as never, receivedTs: Date.now() });
    return event;
  };
  return { keys, add, reported };
}

test("key backup is looked into again for a day, until the key is there", async () => {
  const { add, reported } = create("1");
  const event = add("$one");
  await vi.advanceTimersByTimeAsync(25 * MINUTE_MS);
  expect(event.attemptDecryption).toHaveBeenCalledTimes(2);
  expect(event.attemptDecryption).toHaveBeenCalledWith(expect.anything(), { isRetry: true });
  event.isFailing = false;
  event.emit(MatrixEventEvent.Decrypted);
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(event.attemptDecryption).toHaveBeenCalledTimes(2);
  expect(reported).toEqual([{ body: "here" }]);

  const lost = add("$lost");
  await vi.advanceTimersByTimeAsync(48 * 60 * MINUTE_MS);
  expect(lost.attemptDecryption).toHaveBeenCalledTimes(144);
});

test("without a backup, and when Ferry ends, nothing is tried", async () => {
  const { add } = create(null);
  const event = add("$one");
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(event.attemptDecryption).not.toHaveBeenCalled();
  const ended = create("1");
  const other = ended.add("$two");
  ended.keys.stop();
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(other.attemptDecryption).not.toHaveBeenCalled();
});

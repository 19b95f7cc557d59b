import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { transactionIdOf } from "../../../main/bridge/origin.ts";
import type { CopyKind, Task } from "../../../main/bridge/route.ts";
import type { DeviceId, EventId, RoomId, TransactionId, UserId } from "../../../main/matrix/ids.ts";
import { LINK } from "../link-support.ts";
import { openStore, type Store } from "../../../main/store/store.ts";

export const ROOM_A = "!a:one.test" as RoomId;
export const ROOM_B = "!b:one.test" as RoomId;
export const ROOM_C = "!c:one.test" as RoomId;
export const ANA = "@ana:one.test" as UserId;
export const ME = "@me:one.test" as UserId;
export const DEVICE = "DEVICE" as DeviceId;

export const eventId = (name: string): EventId => `$${name}` as EventId;

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ferry-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const because = (message: string) => ({ message, code: "event-refused" });

/** A new store in a folder of its own, closed after the test. */
export function temporaryStore(): Store {
  const store = openStore(join(temporaryFolder(), "ferry.db"));
  onTestFinished(() => store.close());
  return store;
}

export function taskFor(name: string, other: Partial<Task> = {}): Task & { transactionId: TransactionId } {
  const task: Task = {
    ...{ linkId: LINK, sourceRoom: ROOM_A, sourceEvent: eventId(name), author: ANA, destination: ROOM_B, kind: "copy" },
    ...other,
  };
  return { ...task, transactionId: transactionIdOf(task.sourceEvent, task.destination, task.kind) };
}

export function sent(name: string, copy: string, other: Partial<Parameters<Store["ledger"]["insert"]>[0]> = {}) {
  const kind: CopyKind = "copy";
  return {
    ...{ linkId: LINK, sourceRoom: ROOM_A, sourceEvent: eventId(name), author: ANA, destination: ROOM_B, kind },
    ...{ copyEvent: eventId(copy), target: null, placeholder: false, reactionHash: null, sentTs: 5 },
    ...other,
  };
}

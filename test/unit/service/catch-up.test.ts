import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EventId, RoomId } from "../../../main/matrix/ids.ts";
import type { engineRequests } from "../../../main/protocol/engine.ts";
import type { Client } from "../../../main/protocol/rpc.ts";
import { CatchUp, roomsOf } from "../../../main/service/catch-up.ts";
import { openStore, type Store } from "../../../main/store/store.ts";
import { linkBetween } from "../link-support.ts";
import { SILENT } from "../../support/silent-logger.ts";

const [A, B, C] = ["!a:one.test", "!b:one.test", "!c:one.test"] as [RoomId, RoomId, RoomId];
const LINK = linkBetween([A, B]);

let folder: string;
let store: Store;
let settled: Map<RoomId, () => void>;
let looked: number;
let onLook: () => void;
let changes: number;
let catchUp: CatchUp;

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "ferry-catch-up-"));
  store = openStore(join(folder, "ferry.db"));
  settled = new Map();
  [looked, changes] = [0, 0];
  onLook = () => undefined;
  const engine: Partial<Client<typeof engineRequests>> = {
    settle: ({ roomId }) => new Promise((resolve) => settled.set(roomId, () => resolve({}))),
  };
  catchUp = new CatchUp({
    ...{ store, logger: SILENT, engine: () => engine as Client<typeof engineRequests> },
    answers: async () => {
      looked += 1;
      onLook();
    },
    onChange: () => (changes += 1),
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
});

async function read(room: RoomId): Promise<void> {
  settled.get(room)?.();
  await vi.advanceTimersByTimeAsync(0);
}

test("a link's messages wait until all of its rooms have been read, and whoever sends them is told", async () => {
  catchUp.follow([A, B, C]);
  await read(A);
  await read(C);
  expect(catchUp.isDone(LINK)).toBe(false);
  expect(changes).toBe(2);
  await read(B);
  expect(catchUp.isDone(LINK)).toBe(true);
  expect(changes).toBe(3);
});

test("they wait until what was answered meanwhile has been looked into", async () => {
  const answer = { roomId: B, eventId: "$stop" as EventId, verb: "stop", code: "K7QF2MXA" } as const;
  store.answers.insert(answer, 1);
  catchUp.follow([A, B]);
  await read(A);
  await read(B);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looked).toBeGreaterThan(2);
  expect(catchUp.isDone(LINK)).toBe(false);
  onLook = () => store.answers.delete(B, answer.eventId);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(catchUp.isDone(LINK)).toBe(true);
});

test("they wait again after the network was gone, also where it went in the middle", async () => {
  catchUp.follow([A, B]);
  await read(A);
  const late = settled.get(B);
  catchUp.interrupt();
  late?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(catchUp.isDone(LINK)).toBe(false);
  catchUp.follow([A, B]);
  await read(A);
  await read(B);
  expect(catchUp.isDone(LINK)).toBe(true);
});

test("rooms are followed once, in however many links they are", () => {
  expect(roomsOf([LINK, linkBetween([B, C])])).toEqual([A, B, C]);
});

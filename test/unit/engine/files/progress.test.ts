import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TransactionId } from "../../../../main/matrix/ids.ts";
import { Progress } from "../../../../renderer/engine/files/progress.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test("it is told at first, then once a second, and when all of it is there", () => {
  const told: unknown[] = [];
  const tell = ({ fetchedBytes, bytes }: { fetchedBytes: number; bytes: number | null }) =>
    told.push([fetchedBytes, bytes]);
  const progress = new Progress(tell, "t1" as TransactionId, 50_000_000);
  for (let megabytes = 1; megabytes <= 50; megabytes += 1) {
    progress.fetched(megabytes * 1_000_000);
    vi.advanceTimersByTime(100);
  }
  progress.allFetched(50_000_000);
  expect(told).toEqual([
    ...[1, 11, 21, 31, 41].map((megabytes) => [megabytes * 1_000_000, 50_000_000]),
    [50_000_000, 50_000_000],
  ]);
});

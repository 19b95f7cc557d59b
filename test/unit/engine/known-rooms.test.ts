import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { untilJoined } from "../../../renderer/engine/known-rooms.ts";
import { ROOM } from "./room-support.ts";

/** A room that the user has joined with another app a moment ago. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Known {
  /** What the SDK says; undefined where it has never heard of the room. */
  membership: string | undefined;
  /** What the homeserver lists. */
  joined: string[];
}

function clientOf(known: Known) {
  const getJoinedRooms = vi.fn(async () => ({ joined_rooms: known.joined }));
  const getRoom = () => (known.membership === undefined ? null : { getMyMembership: () => known.membership });
  return { getJoinedRooms, client: { getRoom, getJoinedRooms, isInitialSyncComplete: () => true } as never };
}

test.each([undefined, "invite", "leave"])("known as %s, it is waited for", async (membership) => {
  const known: Known = { membership, joined: [ROOM] };
  let isDone = false;
  const waiting = untilJoined(clientOf(known).client, ROOM).then(() => (isDone = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isDone).toBe(false);
  known.membership = "join";
  await vi.advanceTimersByTimeAsync(100);
  expect(isDone).toBe(true);
  await waiting;
});

test("one that the homeserver does not list either is not waited for", async () => {
  await untilJoined(clientOf({ membership: "invite", joined: [] }).client, ROOM);
});

test("one that is known as joined is not asked for", async () => {
  const { client, getJoinedRooms } = clientOf({ membership: "join", joined: [] });
  await untilJoined(client, ROOM);
  expect(getJoinedRooms).not.toHaveBeenCalled();
});

test("one that does not come within 20 seconds is said to be missing", async () => {
  const waiting = untilJoined(clientOf({ membership: "invite", joined: [ROOM] }).client, ROOM);
  const failed = expect(waiting).rejects.toMatchObject({ code: "homeserver-unreachable" });
  await vi.advanceTimersByTimeAsync(21_000);
  await failed;
});

import { describe, expect, test } from "vitest";
import { avatarOf, readAtMost } from "../../../renderer/engine/avatar.ts";

const body = (...parts: number[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      for (const length of parts) controller.enqueue(new Uint8Array(length).fill(length));
      controller.close();
    },
  });

describe("what is read of a picture", () => {
  test("is all of it, up to the limit", async () => {
    expect(await readAtMost(body(2, 3), 5)).toEqual(Uint8Array.from([2, 2, 3, 3, 3]));
    expect(await readAtMost(body(), 5)).toEqual(new Uint8Array());
  });

  test("is nothing where there is more, and the rest does not even come", async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: () => void (isCancelled = true),
    });
    expect(await readAtMost(endless, 1_000)).toBeNull();
    expect(isCancelled).toBe(true);
  });
});

describe("whose picture a room shows", () => {
  const room = (own: string | null, members: number, other?: string) =>
    ({
      getMxcAvatarUrl: () => own,
      getInvitedAndJoinedMemberCount: () => members,
      getAvatarFallbackMember: () => (other === undefined ? undefined : { getMxcAvatarUrl: () => other }),
    }) as never;

  test("its own; with two people and none, the other one's; with more people, nobody's", () => {
    expect(avatarOf(room("mxc://a/room", 2, "mxc://a/ana"))).toBe("mxc://a/room");
    expect(avatarOf(room(null, 2, "mxc://a/ana"))).toBe("mxc://a/ana");
    expect(avatarOf(room(null, 2))).toBeNull();
    // With lazily loaded members a large room may look as if it had two.
    expect(avatarOf(room(null, 200, "mxc://a/ana"))).toBeNull();
  });
});

import { describe, expect, test, vi } from "vitest";
import type { RoomId, UserId } from "../../../main/matrix/ids.ts";
import { memberNames, room, rooms } from "../../../renderer/engine/rooms.ts";

const ROOM = "!room:one.test" as RoomId;
const [ANA, BEN, JO] = ["@ana:one.test", "@ben:one.test", "@jo:one.test"] as UserId[] as [UserId, UserId, UserId];

function fakeRoom(name: string, isSpace = false) {
  return {
    ...{ roomId: ROOM, name, isSpaceRoom: () => isSpace, getMyMembership: () => "join" },
    ...{ getCanonicalAlias: () => null, getMxcAvatarUrl: () => null, hasEncryptionStateEvent: () => true },
    ...{ getJoinRule: () => "invite", getHistoryVisibility: () => "shared", getVersion: () => "11" },
    ...{ getJoinedMemberCount: () => 3, getInvitedMemberCount: () => 0, getInvitedAndJoinedMemberCount: () => 3 },
    currentState: { getStateEvents: () => null },
  };
}

describe("what can be linked", () => {
  const client = (found: ReturnType<typeof fakeRoom>[]) =>
    ({ getRooms: () => found, getRoom: () => found[0], getSafeUserId: () => ANA }) as never;

  test("spaces are not among the rooms, and not taken for one by name", async () => {
    const found = await rooms(client([fakeRoom("Workshop"), fakeRoom("Town", true), fakeRoom("Kitchen")]));
    expect(found.map(({ name }) => name)).toEqual(["Kitchen", "Workshop"]);
    await expect(room(client([fakeRoom("Town", true)]), ROOM)).rejects.toMatchObject({ code: "not-a-room" });
    expect(await room(client([fakeRoom("Kitchen")]), ROOM)).toMatchObject({ name: "Kitchen" });
  });
});

describe("what people call themselves", () => {
  function create(known: Map<string, string>, all = known) {
    let members = known;
    const loadMembersIfNeeded = vi.fn(async () => void (members = all));
    const getMember = (user: string) => {
      const name = members.get(user);
      return name === undefined ? null : { name };
    };
    return { client: { getRoom: () => ({ getMember, loadMembersIfNeeded }) } as never, loadMembersIfNeeded };
  }

  test("is known without asking the homeserver where they are known", async () => {
    const { client, loadMembersIfNeeded } = create(new Map([[ANA, "Ana"]]));
    expect(await memberNames(client, ROOM, [ANA])).toEqual([{ userId: ANA, name: "Ana" }]);
    expect(loadMembersIfNeeded).not.toHaveBeenCalled();
  });

  test("is asked for otherwise, and is the first part of their id where nobody knows it", async () => {
    const named = new Map([
      [ANA, "Ana (@ana:one.test)"],
      [BEN, ""],
    ]);
    const { client } = create(new Map(), named);
    expect(await memberNames(client, ROOM, [ANA, BEN, JO])).toEqual([
      { userId: ANA, name: "Ana (@ana:one.test)" },
      { userId: BEN, name: "ben" },
      { userId: JO, name: "jo" },
    ]);
  });

  test("of a room that the account is not in, nobody knows", async () => {
    await expect(memberNames({ getRoom: () => null } as never, ROOM, [ANA])).rejects.toMatchObject({
      code: "not-joined",
    });
  });
});

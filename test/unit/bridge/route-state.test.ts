import { describe, expect, test } from "vitest";
import type { Link } from "../../../main/bridge/link.ts";
import { route, type Memory } from "../../../main/bridge/route.ts";
import type { JsonObject, SourceEvent } from "../../../main/matrix/event.ts";
import type { EventId, LinkId, RoomId, UserId } from "../../../main/matrix/ids.ts";
import { LIVE_LOCATION } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { ACCOUNT, eventIn, ROOMS, memoryWith } from "./route-support.ts";

const [A, B, C] = ROOMS as [RoomId, RoomId, RoomId];
const ANA = "@ana:one.test" as UserId;
const [EVENT, PINNED] = ["$1", "$pinned"] as [EventId, EventId];
const OTHER = "other" as LinkId;

function state(type: string, content: JsonObject, other: Partial<SourceEvent> = {}): SourceEvent {
  const event = { ...eventIn(A, EVENT, ANA, type, content), encrypted: false };
  return { ...event, stateKey: "", previousContent: null, ...other };
}

const joined = (user: UserId) => state("m.room.member", { membership: "join" }, { sender: user, stateKey: user });
const named = state("m.room.name", { name: "Attic" });
const pinned = state("m.room.pinned_events", { pinned: [PINNED] });
const live = state(LIVE_LOCATION, { live: true }, { stateKey: ANA });

const telling = linkBetween([A, B], { tells: ["members", "name", "pins"] });
const silent = linkBetween([A, C], { id: OTHER });
const copied = { outcome: "routed", kind: "copy" };
const task = (linkId: LinkId, destination: RoomId) => ({
  ...{ linkId, sourceRoom: A, sourceEvent: EVENT, author: ANA, destination, kind: "copy" },
});

describe("a change of a room", () => {
  test("is told by the links that tell of it, and by no other", () => {
    expect(route(named, memoryWith([telling, silent]))).toEqual({ ...copied, tasks: [task(LINK, B)], left: new Map() });
    expect(route(joined(ANA), memoryWith([telling]))).toMatchObject(copied);
  });

  test.each<[string, SourceEvent, Link[]]>([
    ["where no link tells of it", named, [silent]],
    ["where no link leads out of the room", named, []],
    ["where the link has not begun", named, [{ ...telling, state: "starting" }]],
    ["where it is the account's own coming", joined(ACCOUNT), [telling]],
    ["where it changes nothing", { ...named, previousContent: { name: "Attic" } }, [telling]],
  ])("is a state event like others %s", (_name, event, links) => {
    expect(route(event, memoryWith(links)).outcome).toBe("state-event");
  });

  test("by the account is told as anybody's: only its own coming and going is not", () => {
    expect(route({ ...named, sender: ACCOUNT }, memoryWith([telling]))).toMatchObject(copied);
    const removed = state(
      "m.room.member",
      { membership: "leave" },
      { sender: ACCOUNT, stateKey: ANA, previousContent: { membership: "join" } },
    );
    expect(route(removed, memoryWith([telling]))).toMatchObject(copied);
  });
});

describe("that a message is pinned", () => {
  const origin = { roomId: B, eventId: EVENT, author: ANA, kind: "copy" as const };
  test.each<[string, Partial<Memory>]>([
    [
      "that has been copied",
      { seen: (room, id) => (room === A && id === PINNED ? { sender: ANA, kind: "copy" } : null) },
    ],
    ["that is a copy", { originOf: (room, id) => (room === A && id === PINNED ? origin : null) }],
  ])("is told of a message %s", (_name, known) => {
    expect(route(pinned, memoryWith([telling], known))).toMatchObject({ ...copied, tasks: [task(LINK, B)] });
  });

  test("is not told of a message that nobody has seen elsewhere", () => {
    expect(route(pinned, memoryWith([telling])).outcome).toBe("target-not-copied");
  });
});

test("that a live location begins is told by every link", () => {
  expect(route(live, memoryWith([silent]))).toMatchObject({ ...copied, tasks: [task(OTHER, C)] });
});

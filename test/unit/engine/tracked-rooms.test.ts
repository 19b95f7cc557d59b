import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RoomId } from "../../../main/matrix/ids.ts";
import type { RoomFacts } from "../../../main/matrix/room-facts.ts";
import { CONNECTION } from "../../../main/matrix/unstable.ts";
import { Patience } from "../../../renderer/engine/patience.ts";
import { TrackedRooms } from "../../../renderer/engine/tracked-rooms.ts";
import { ANA, BEA, ME, memberOf, messageOf, ROOM, Scene, stateOf, syncOf, type RawEvent } from "./room-support.ts";

const HOUR_MS = 3_600_000;

let scene: Scene;
let told: RoomFacts[];
let patience: Patience;
let rooms: TrackedRooms;
/** What main does with facts. */
let tell: (facts: RoomFacts) => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.stubGlobal("navigator", { onLine: true });
  scene = new Scene();
  told = [];
  tell = async (facts) => void told.push(facts);
  patience = new Patience();
  rooms = new TrackedRooms(scene.client, (facts) => tell(facts), patience);
});
afterEach(() => {
  patience.stop();
  rooms.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The first response, which is never a gap, and then facts of the room. */
async function track(): Promise<RoomFacts> {
  await rooms.onSync(syncOf([]));
  return rooms.facts(ROOM);
}

/** As the SDK does it: the state is there before the response is passed on. */
async function sync(events: RawEvent[], limited = false): Promise<void> {
  scene.take(...events.filter((event) => "state_key" in event));
  await rooms.onSync(syncOf(events, { limited }));
}

describe("facts", () => {
  test("are complete: members who have not spoken, too, and what the directory says", async () => {
    scene.answers = (path) => (path.startsWith("/directory/list/room/") ? { visibility: "public" } : undefined);
    expect(await track()).toMatchObject({ membership: "join", joined: [ANA, ME], published: true });
  });

  test("say that they do not know whether the room is published where the directory does not answer", async () => {
    scene.answers = (path) => (path.startsWith("/directory/") ? 500 : undefined);
    expect((await track()).published).toBeNull();
  });

  test("are refused for rooms that the account has never joined", async () => {
    await expect(rooms.facts("!other:one.test" as RoomId)).rejects.toMatchObject({ name: "FerryError" });
    scene.room.updateMyMembership("invite");
    await expect(rooms.facts(ROOM)).rejects.toMatchObject({ name: "FerryError" });
  });

  test("fail while the homeserver has trouble, and not for ever", async () => {
    scene.answers = (path) => (path.includes("/members") ? 502 : undefined);
    await expect(track()).rejects.toMatchObject({ code: "homeserver-error" });
    scene.answers = () => undefined;
    expect((await rooms.facts(ROOM)).joined).toEqual([ANA, ME]);
  });
});

describe("a change", () => {
  test("is told before the response is passed on, once", async () => {
    await track();
    await sync([stateOf("m.room.join_rules", { join_rule: "public" }), messageOf(ANA, "hello")]);
    expect(told.map((facts) => facts.joinRule)).toEqual(["public"]);
    await sync([stateOf("m.room.join_rules", { join_rule: "public" })]);
    expect(told).toHaveLength(1);
  });

  test("holds the response until main has taken it, however often that fails", async () => {
    await track();
    let failures = 5;
    tell = async (facts) => {
      if (failures-- > 0) throw new Error("not now");
      told.push(facts);
    };
    let isDone = false;
    const done = sync([memberOf(BEA)]).then(() => (isDone = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([isDone, told]).toEqual([false, []]);
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(told.map((facts) => facts.joined)).toEqual([[ANA, BEA, ME]]);
  });

  test("ends its waiting when the session ends", async () => {
    await track();
    tell = () => Promise.reject(new Error("gone"));
    const done = sync([memberOf(BEA)]);
    await vi.advanceTimersByTimeAsync(1_000);
    patience.stop();
    await done;
    expect(told).toEqual([]);
  });

  test("is nothing that is only said, and no member event that comes along with it", async () => {
    await track();
    scene.asked.length = 0;
    await rooms.onSync(syncOf([messageOf(ANA, "hello")], { state: [memberOf(ANA)] }));
    expect([told, scene.asked]).toEqual([[], []]);
  });

  test("of one's own membership keeps what was known of the room", async () => {
    await track();
    scene.room.updateMyMembership("ban");
    await rooms.onSync({ next_batch: "n", rooms: { leave: { [ROOM]: { timeline: { events: [] } } } } } as never);
    expect(told).toMatchObject([{ membership: "ban", joined: [ANA, ME] }]);
    expect(await rooms.facts(ROOM)).toMatchObject({ membership: "ban" });
  });
});

describe("a gap", () => {
  test("has its members read again: whoever left in it is gone, for the keys too", async () => {
    await track();
    await sync([memberOf(BEA)]);
    expect(told.at(-1)?.joined).toEqual([ANA, BEA, ME]);
    scene.members = [memberOf(ME), memberOf("@new:one.test", "invite")];
    await sync([messageOf(ME, "after the gap")], true);
    expect(told.at(-1)).toMatchObject({ joined: [ME], invited: ["@new:one.test"] });
    expect(scene.joined()).toEqual([ME]);
  });

  test("counts from before the room was asked for", async () => {
    await rooms.onSync(syncOf([]));
    await sync([memberOf(BEA)]);
    await sync([], true);
    expect((await rooms.facts(ROOM)).joined).toEqual([ANA, ME]);
  });

  test("does not undo what comes by /sync while members are read", async () => {
    await track();
    scene.answers = (path) => {
      if (path.includes("/members")) scene.take(memberOf(BEA));
      return undefined;
    };
    await sync([], true);
    expect(told.at(-1)?.joined).toEqual([ANA, BEA, ME]);
  });

  test("in which a connection event was redacted takes its content", async () => {
    await track();
    await sync([stateOf(CONNECTION, { status: "approved" }, "link")]);
    const eventId = scene.idOf(CONNECTION, "link");
    scene.answers = (path) =>
      path.includes(`/state/${CONNECTION}/link`) ? { event_id: eventId, content: {} } : undefined;
    await sync([], true);
    expect(told.at(-1)?.connections).toMatchObject([{ eventId, content: {} }]);
  });

  test("waits for as long as there is no network", async () => {
    await track();
    let isDone = false;
    scene.answers = (path) => {
      if (path.includes("/members")) throw new TypeError("fetch failed");
      return undefined;
    };
    const done = sync([], true).then(() => (isDone = true));
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect([isDone, told]).toEqual([false, []]);
    scene.answers = () => undefined;
    scene.members = [memberOf(ME)];
    patience.wake();
    await done;
    expect(told.map((facts) => facts.joined)).toEqual([[ME]]);
  });

  test.each<[string, number | object]>([
    ["refuses", 403],
    ["has trouble for too long", 500],
    ["gives a list of nobody", { chunk: [] }],
  ])("where the homeserver %s, nobody can say who reads there", async (_name, answer) => {
    await track();
    scene.answers = (path) => (path.includes("/members") ? answer : undefined);
    const done = sync([], true);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await done;
    expect(told).toMatchObject([{ membership: "unknown" }]);
    scene.answers = () => undefined;
    // Whatever comes next, from wherever, is a reason to try again.
    await rooms.onSync({ next_batch: "n" } as never);
    expect(told.at(-1)).toMatchObject({ membership: "join", joined: [ANA, ME] });
  });
});

describe("a redaction", () => {
  const redaction = (target: string, inContent: boolean): RawEvent => ({
    ...messageOf(ANA, ""),
    type: "m.room.redaction",
    ...(inContent ? { content: { redacts: target } } : { redacts: target, content: {} }),
  });

  test.each([true, false])(
    "of state that the SDK's timeline does not hold is seen (in the content: %s)",
    async (how) => {
      await track();
      await sync([stateOf(CONNECTION, { status: "approved" }, "link")]);
      const eventId = scene.idOf(CONNECTION, "link");
      // As a homeserver answers that gives contents only.
      scene.answers = (path) => (path.includes(`/state/${CONNECTION}/link`) ? {} : undefined);
      await sync([redaction(eventId, how)]);
      expect(told.at(-1)?.connections).toMatchObject([{ stateKey: "link", sender: ME, content: {} }]);
    },
  );

  test("of a message is no reason to ask for anything", async () => {
    await track();
    scene.asked.length = 0;
    await sync([redaction("$message", false)]);
    expect([told, scene.asked]).toEqual([[], []]);
  });

  test("never puts another event's words under an older event's name", async () => {
    await track();
    await sync([stateOf(CONNECTION, { status: "revoked" }, "link")]);
    const eventId = scene.idOf(CONNECTION, "link");
    const forged = { event_id: "$newer", sender: BEA, content: { status: "approved" } };
    scene.answers = (path) => (path.includes("/state/") ? forged : undefined);
    await sync([redaction(eventId, false)]);
    expect(told.at(-1)?.connections).toMatchObject([{ eventId, content: { status: "revoked" } }]);
  });
});

test("a room that is put into the directory is noticed within the hour", async () => {
  await track();
  scene.answers = (path) => (path.startsWith("/directory/") ? { visibility: "public" } : undefined);
  await vi.advanceTimersByTimeAsync(HOUR_MS + 1_000);
  expect(told.map((facts) => facts.published)).toEqual([true]);
  scene.answers = (path) => (path.startsWith("/directory/") ? 500 : undefined);
  await vi.advanceTimersByTimeAsync(HOUR_MS + 1_000);
  expect(told).toHaveLength(1);
});

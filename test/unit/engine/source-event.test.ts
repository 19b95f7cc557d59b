import { expect, test } from "vitest";
import type { JsonObject } from "../../../main/matrix/event.ts";
import type { EventId } from "../../../main/matrix/ids.ts";
import { fetchSourceEvent } from "../../../renderer/engine/fetch-event.ts";
import { receive, toSourceEvent } from "../../../renderer/engine/source-event.ts";
import { ME, memberOf, messageOf, ROOM, Scene, stateOf } from "./room-support.ts";

const GHOST = "@whatsapp_1:one.test";

function named(user: string, displayname: string) {
  return stateOf("m.room.member", { membership: "join", displayname }, user, user);
}

function nameOf(scene: Scene, sender: string): string {
  const received = receive(scene.client, ROOM, messageOf(sender, "hello"));
  if (received === null) throw new Error("no event");
  return toSourceEvent(scene.client, ROOM, received, true).senderName;
}

test("people on other networks have the names that they have there", () => {
  const scene = new Scene([named(GHOST, "Ana (WhatsApp)"), named("@bea:one.test", "Bea (WhatsApp)")]);
  expect(nameOf(scene, GHOST)).toBe("Ana");
  expect(nameOf(scene, "@bea:one.test")).toBe("Bea (WhatsApp)");
});

test("a name that another member has is not taken from them, whatever is hidden in it", () => {
  const scene = new Scene([named(GHOST, "Ana (WhatsApp)"), named("@ana:one.test", "A\u200bna")]);
  expect(nameOf(scene, GHOST)).toBe("Ana (WhatsApp)");
});

test("two of one name are told apart as everybody is", () => {
  const scene = new Scene([named(GHOST, "Ana (WhatsApp)"), named("@whatsapp_2:one.test", "Ana (WhatsApp)")]);
  expect(nameOf(scene, GHOST)).toBe(`Ana (WhatsApp) (${GHOST})`);
});

test("whoever has no name goes by their id", () => {
  expect(nameOf(new Scene([memberOf(GHOST)]), GHOST)).toBe(GHOST);
  expect(nameOf(new Scene(), "@gone:one.test")).toBe("gone");
});

function changeIn(scene: Scene, raw: ReturnType<typeof stateOf>) {
  const received = receive(scene.client, ROOM, raw);
  if (received === null) throw new Error("no event");
  const { senderName, memberName, previousContent } = toSourceEvent(scene.client, ROOM, received, true);
  return { senderName, memberName, previousContent };
}

function unsigned(raw: ReturnType<typeof stateOf>, fields: JsonObject): ReturnType<typeof stateOf> {
  return { ...raw, unsigned: fields };
}

test("a change says what it has replaced, as far as the homeserver tells", () => {
  const scene = new Scene();
  const name = stateOf("m.room.name", { name: "Cellar" });
  const before = (raw: ReturnType<typeof stateOf>) => changeIn(scene, raw).previousContent;
  expect(before(unsigned(name, { prev_content: { name: "Kitchen" }, replaces_state: "$old" }))).toEqual({
    name: "Kitchen",
  });
  expect([before(name), before(unsigned(name, { age: 5 }))]).toEqual([null, null]);
  expect(before(unsigned(name, { replaces_state: "$old" }))).toBeUndefined();
  expect(before(unsigned(name, { prev_content: "Kitchen", replaces_state: "$old" }))).toBeUndefined();
  // Of what is told nowhere it is nobody's business.
  const power = stateOf("m.room.power_levels", {});
  expect(before(unsigned(power, { prev_content: { users: {} } }))).toBeUndefined();
  expect(before(messageOf(ME, "hello"))).toBeUndefined();
});

test("a membership says whom it is about, also where they are not in the room any more", () => {
  const left = (sender: string, fields: JsonObject) =>
    unsigned(stateOf("m.room.member", { membership: "leave" }, "@bea:one.test", sender), fields);
  const was = { prev_content: { membership: "join", displayname: "Bea" } };
  const scene = new Scene([named("@ana:one.test", "Ana")]);
  expect(changeIn(scene, left("@ana:one.test", was))).toMatchObject({ senderName: "Ana", memberName: "Bea" });
  expect(changeIn(scene, left("@bea:one.test", was))).toMatchObject({ senderName: "Bea", memberName: "Bea" });
  expect(changeIn(scene, left("@ana:one.test", {})).memberName).toBe("bea");
  const joined = stateOf("m.room.member", { membership: "join", displayname: "Bea" }, "@bea:one.test", "@bea:one.test");
  expect(changeIn(scene, joined)).toMatchObject({ senderName: "Bea", memberName: "Bea", previousContent: null });
  expect(changeIn(scene, messageOf("@ana:one.test", "hello")).memberName).toBeUndefined();
});

test("what a change has replaced is asked for where only its id has come along", async () => {
  const old = { ...stateOf("m.room.name", { name: "Kitchen" }), event_id: "$old" };
  const name = (replaces: string) =>
    unsigned({ ...stateOf("m.room.name", { name: "Cellar" }), event_id: "$new" }, { replaces_state: replaces });
  const fetched = async (newest: ReturnType<typeof stateOf>) => {
    const scene = new Scene();
    scene.answers = (path) => {
      if (path.endsWith("/event/$new")) return newest;
      if (path.endsWith("/event/$old")) return old;
      return path.endsWith("/event/$broken") ? 500 : path.endsWith("/event/$hidden") ? 403 : undefined;
    };
    return (await fetchSourceEvent(scene.client, ROOM, "$new" as EventId)).previousContent;
  };
  expect(await fetched(name("$old"))).toEqual({ name: "Kitchen" });
  expect(await fetched({ ...name("$old"), unsigned: {} })).toBeNull();
  expect(await fetched(name("$hidden"))).toBeUndefined();
  await expect(fetched(name("$broken"))).rejects.toMatchObject({ code: "homeserver-error" });
});

import { expect, test } from "vitest";
import { receive, toSourceEvent } from "../../../renderer/engine/source-event.ts";
import { memberOf, messageOf, ROOM, Scene, stateOf } from "./room-support.ts";

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

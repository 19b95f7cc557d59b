import { expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { eventId, ROOM_A, ROOM_B, taskFor } from "../store/store-support.ts";
import { HOMESERVER, Scene } from "./login-support.ts";

/** What becomes of what is owed when the user logs out. */

async function loggedIn(): Promise<Scene> {
  const scene = new Scene();
  await scene.login.password({ homeserver: HOMESERVER, user: "me", password: "secret" });
  scene.store.links.insert(linkBetween([ROOM_A, ROOM_B]));
  for (const name of ["1", "2"]) scene.store.outbox.insert(taskFor(name), 1);
  scene.store.outbox.insert(taskFor("3", { kind: "redaction" }), 1);
  return scene;
}

const owed = ({ store }: Scene) => store.outbox.list(false, 10).map(({ kind }) => kind);
const ALL = ["copy", "copy", "redaction"];

test("it stays for the next login", async () => {
  const scene = await loggedIn();
  expect(await scene.account.logout()).toBe(true);
  expect([scene.account.stored, owed(scene)]).toEqual([null, ALL]);
});

test("it goes where the user gives it up, but for what has been taken back", async () => {
  const scene = await loggedIn();
  await scene.account.logout(true);
  expect([scene.account.stored, owed(scene)]).toEqual([null, ["redaction"]]);
  expect(scene.store.leftOut.of({ roomId: ROOM_A, eventId: eventId("1") }).get(ROOM_B)).toBe("dismissed");
  expect(scene.store.links.counters(LINK)).toMatchObject([{ name: "dismissed", count: 2 }]);
});

test("it goes also where the login had ended before", async () => {
  const scene = await loggedIn();
  scene.logoutFailure = new FerryError("logged-out", "It has ended.");
  await scene.account.logout(true);
  expect([scene.account.stored, owed(scene)]).toEqual([null, ["redaction"]]);
});

test("where the homeserver does not hear it nothing is given up, and Ferry goes on", async () => {
  const scene = await loggedIn();
  scene.logoutFailure = new FerryError("homeserver-unreachable", "No answer.");
  await expect(scene.account.logout(true)).rejects.toMatchObject({ code: "homeserver-unreachable" });
  expect([scene.account.stored?.deviceId, owed(scene)]).toEqual(["FIRST", ALL]);
  expect(scene.secret("FIRST", "access-token")).toBeDefined();
  const opened = () => scene.asked.filter(({ method }) => method === "open").length;
  await vi.waitFor(() => expect([opened(), scene.account.isOpen]).toEqual([2, true]), { timeout: 4_000 });
  await scene.account.close();
});

test("where it cannot be written down that the login has ended, it is not given up either", async () => {
  const scene = await loggedIn();
  const full = new FerryError("disk-full", "The disk is full.");
  vi.spyOn(scene.store.outbox, "dismissCopies").mockImplementation(() => {
    throw full;
  });
  await expect(scene.account.logout(true)).rejects.toBe(full);
  expect([scene.account.stored?.deviceId, owed(scene)]).toEqual(["FIRST", ALL]);
});

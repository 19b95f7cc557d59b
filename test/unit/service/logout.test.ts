import { expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import { LINK, linkBetween } from "../link-support.ts";
import { because, DEVICE, eventId, ROOM_A, ROOM_B, taskFor } from "../store/store-support.ts";
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

test("a login that was cut off leaves nothing beyond the next one", async () => {
  const scene = new Scene();
  scene.keychain.items.set("@me:one.test LOST access-token", "a0");
  await scene.login.password({ homeserver: HOMESERVER, user: "me", password: "secret" });
  await scene.account.logout();
  expect(scene.keychain.items.size).toBe(0);
});

test("it goes where the user gives it up, but for what has been taken back", async () => {
  const scene = await loggedIn();
  await scene.account.logout(true);
  expect([scene.account.stored, owed(scene)]).toEqual([null, ["redaction"]]);
  expect(scene.store.leftOut.of({ roomId: ROOM_A, eventId: eventId("1") }).get(ROOM_B)).toBe("dismissed");
  expect(scene.store.links.counters(LINK)).toMatchObject([{ name: "dismissed", count: 2 }]);
});

test("it goes with what was refused, but for what may have been sent", async () => {
  const scene = await loggedIn();
  const { outbox } = scene.store;
  outbox.insert(taskFor("4"), 1);
  const claim = () => outbox.claimNext(ROOM_B, DEVICE, 1)?.id ?? 0;
  outbox.fail(claim(), because("It is too long."));
  outbox.fail(claim(), { message: "It may be there.", code: "maybe-sent" });
  outbox.delete(outbox.list(false, 10).find(({ kind }) => kind === "redaction")?.id ?? 0);
  claim();
  outbox.insert(taskFor("5"), 1);
  await scene.account.logout(true);
  expect(outbox.list(false, 10).map(({ sourceEvent }) => sourceEvent)).toEqual(["$2", "$4"]);
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
  await scene.account.close();
});

test.each([0, 1, 2])("a keychain that is locked after %i secrets leaves none that nobody names", async (writes) => {
  const scene = await loggedIn();
  scene.keychain.left = writes;
  await expect(scene.account.logout()).rejects.toMatchObject({ code: "keychain-locked" });
  expect(scene.account.stored?.deviceId).toBe("FIRST");
  await vi.waitFor(() => expect(scene.account.isOpen).toBe(false));
  scene.keychain.left = Number.POSITIVE_INFINITY;
  await scene.account.logout();
  expect([scene.account.stored, scene.keychain.items.size, scene.account.isOpen]).toEqual([null, 0, false]);
  await scene.account.close();
});

test("it says that nobody was asked where Ferry is not connected", async () => {
  const scene = await loggedIn();
  await scene.changeHost("electron");
  expect(await scene.account.logout()).toBe(false);
  expect(scene.asked.filter(({ method }) => method === "logout" || method === "revoke")).toEqual([]);
});

test("a login whose tokens are gone is given up, and it is said that the homeserver was not asked", async () => {
  const scene = await loggedIn();
  scene.end(true);
  await scene.login.methods(HOMESERVER);
  scene.keychain.get = async () => Promise.reject(new FerryError("keychain-locked", "It is not there."));
  expect(await scene.account.logout()).toBe(false);
  expect(scene.account.stored).toBeNull();
});

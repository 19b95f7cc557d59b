import { beforeEach, describe, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { DeviceId, UserId } from "../../../main/matrix/ids.ts";
import { accountReach } from "../../../main/service/engine.ts";
import { linkBetween } from "../link-support.ts";
import { ROOM_A, ROOM_B } from "../store/store-support.ts";
import { credentials, HOMESERVER, ME, Scene } from "./login-support.ts";

const OTHER = "@other:one.test" as UserId;
const SECOND = "SECOND" as DeviceId;
const OAUTH = {
  ...{ issuer: "https://issuer.test/", clientId: "c1" },
  ...{ tokenEndpoint: "https://tokens.issuer.test/token", revocationEndpoint: "https://issuer.test/revoke" },
};

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

const password = (user = "me") => scene.login.password({ homeserver: "one.test", user, password: "p" });

/** Goes through the browser, as somebody whom only the homeserver knows. */
async function throughBrowser(method: "sso" | "oauth") {
  const { address } = await scene.login.begin({ homeserver: HOMESERVER, method, provider: null });
  const redirect = new URL(address).searchParams.get(method === "sso" ? "redirectUrl" : "to") ?? "";
  await fetch(`${redirect}?${method === "sso" ? "loginToken=t" : "code=c&state=s"}`);
  return { redirect, account: await scene.login.end() };
}

describe("the first login", () => {
  test("by a password makes a device, keeps its secrets, and opens it with the homeserver alone in reach", async () => {
    await password();
    expect(scene.last("loginPassword")).toMatchObject({ homeserver: HOMESERVER, deviceId: null, user: "me" });
    expect(scene.account.stored).toEqual({
      ...{ userId: ME, deviceId: "FIRST", homeserver: HOMESERVER, host: "chromium", oauth: null },
    });
    expect(scene.secret("FIRST", "access-token")).toBe("a1");
    expect(scene.secret("FIRST", "refresh-token")).toBeUndefined();
    expect(scene.last("open")).toMatchObject({ storageKey: scene.secret("FIRST", "storage-key") });
    expect(scene.reaches.at(-1)).toEqual({ connect: [HOMESERVER], homeserver: HOMESERVER });
    await expect(password()).rejects.toMatchObject({ code: "already-logged-in" });
    await expect(scene.login.methods("one.test")).rejects.toMatchObject({ code: "already-logged-in" });
  });

  test("by single sign-on gives the homeserver what the browser brought back", async () => {
    await throughBrowser("sso");
    expect(scene.opened).toHaveLength(1);
    expect(scene.last("loginSso")).toMatchObject({ loginToken: "t", deviceId: null });
    expect(scene.account.stored?.deviceId).toBe("FIRST");
  });

  test("by OAuth 2.0 gives the engine the whole answer, and lets it reach the issuer of this account", async () => {
    scene.given = credentials({ refreshToken: "r1", oauth: OAUTH });
    const { redirect } = await throughBrowser("oauth");
    expect(scene.last("loginOauth")).toMatchObject({ context: "context", answer: `${redirect}?code=c&state=s` });
    expect(scene.account.stored?.oauth).toEqual(OAUTH);
    expect(scene.secret("FIRST", "refresh-token")).toBe("r1");
    expect(scene.last("open")).toMatchObject({ credentials: { refreshToken: "r1", oauth: OAUTH } });
    const issuers = ["https://tokens.issuer.test", "https://issuer.test"];
    expect(scene.reaches.at(-1)).toEqual({ connect: [HOMESERVER, ...issuers], homeserver: HOMESERVER });
  });

  test("what is offered is asked of a Matrix ID's server, and one page serves the questions after one another", async () => {
    const offered = { homeserver: HOMESERVER, password: true, sso: [], oauth: true };
    expect(await scene.login.methods("@me:one.test:8448")).toEqual({ ...offered, user: "me" });
    expect(scene.last("discover")).toEqual({ server: "one.test:8448" });
    expect(await scene.login.methods("one.test")).toEqual({ ...offered, user: null });
    expect(scene.reaches).toHaveLength(1);
    expect(scene.reaches[0]?.homeserver).toBeNull();
    await scene.login.methods("http://10.0.0.7:8008/");
    expect(scene.reaches.at(-1)?.connect).toContain("http://10.0.0.7:8008");
  });

  test("whose secrets cannot be kept is not made", async () => {
    scene.keychain.left = 0;
    await expect(password()).rejects.toMatchObject({ code: "keychain-locked" });
    await expect(throughBrowser("sso")).rejects.toMatchObject({ code: "keychain-locked" });
    expect(scene.asked).toEqual([]);
  });

  // Two writes are the check before it.
  test.each([2, 3, 4])("whose secrets cannot be kept after all is ended again (%i)", async (writes) => {
    scene.keychain.left = writes;
    await expect(password()).rejects.toMatchObject({ code: "keychain-locked" });
    expect(scene.last("revoke")).toMatchObject({ deviceId: "FIRST", accessToken: "a1" });
    expect(scene.account.stored).toBeNull();
  });

  test("that cannot be written down leaves no secret, and is ended again where it was made for Ferry", async () => {
    const full = new FerryError("disk-full", "The disk is full.");
    vi.spyOn(scene.store.account, "set").mockImplementation(() => {
      throw full;
    });
    await expect(scene.login.token({ homeserver: "one.test", accessToken: "a1" })).rejects.toBe(full);
    expect([scene.last("revoke"), scene.keychain.items.size]).toEqual([undefined, 0]);
    await expect(password()).rejects.toBe(full);
    expect([scene.last("revoke"), scene.keychain.items.size]).toMatchObject([{ deviceId: "FIRST" }, 0]);
  });

  test("that cannot be opened is kept, says why, and is tried again", async () => {
    scene.opening = () => {
      throw new FerryError("browser-failed", "It ended.");
    };
    await expect(password()).rejects.toMatchObject({ code: "browser-failed" });
    expect(scene.last("revoke")).toBeUndefined();
    expect([scene.account.stored?.deviceId, scene.account.reopening.failure?.code]).toEqual([
      "FIRST",
      "browser-failed",
    ]);
    scene.opening = () => undefined;
    scene.account.wake();
    await vi.waitFor(() => expect([scene.account.isOpen, scene.account.reopening.failure]).toEqual([true, null]));
    await scene.account.close();
  });
});

test("an account is not open while it is being opened, also after another one was", async () => {
  const seen: boolean[] = [];
  scene.opening = () => seen.push(scene.account.isOpen);
  await password();
  await scene.account.logout();
  await password();
  scene.end(true);
  await password();
  expect([seen, scene.account.isOpen]).toEqual([[false, false, false], true]);
});

test("an address in the database that would rewrite the page's policy is refused", () => {
  const tokenEndpoint = "https://a;script-src/token";
  expect(() => accountReach({ homeserver: HOMESERVER, oauth: { ...OAUTH, tokenEndpoint } })).toThrow(/never stores/);
});

describe("after the homeserver has ended the login, but not forgotten it", () => {
  let key: string | undefined;
  beforeEach(async () => {
    await password();
    scene.store.links.insert(linkBetween([ROOM_A, ROOM_B]));
    key = scene.secret("FIRST", "storage-key");
    scene.given = credentials({ accessToken: "a2" });
    scene.end(true);
  });

  test.each(["me", ME])("%s goes on as the same device, with its keys", async (user) => {
    await password(user);
    expect(scene.last("loginPassword")).toMatchObject({ deviceId: "FIRST" });
    expect(scene.secret("FIRST", "storage-key")).toBe(key);
    expect(scene.last("open")).toMatchObject({ storageKey: key, deviceKey: "key of FIRST" });
    expect(scene.secret("FIRST", "access-token")).toBe("a2");
    expect(scene.account.connection).toBe("starting");
    expect(scene.store.links.all()).toHaveLength(1);
  });

  test.each(["sso", "oauth"] as const)("the browser goes on with it too (%s)", async (method) => {
    await throughBrowser(method);
    expect(scene.last(method === "sso" ? "loginSso" : "oauthAddress")).toMatchObject({ deviceId: "FIRST" });
    expect(scene.last("open")).toMatchObject({ storageKey: key, deviceKey: "key of FIRST" });
  });

  test("somebody else does not get its device, and what they got is ended again", async () => {
    scene.given = credentials({ userId: OTHER, accessToken: "other" });
    await expect(throughBrowser("sso")).rejects.toMatchObject({ code: "other-account" });
    expect(scene.last("revoke")).toMatchObject({ userId: OTHER, accessToken: "other" });
    await expect(password("other")).rejects.toMatchObject({ code: "other-account" });
    expect(scene.last("loginPassword")).toMatchObject({ deviceId: null });
    expect(scene.account.stored?.userId).toBe(ME);
    expect(scene.account.connection).toBe("logged-out");
    expect(scene.secret("FIRST", "storage-key")).toBe(key);
  });

  test("a login that comes when its device has been given up is ended again", async () => {
    const { address } = await scene.login.begin({ homeserver: HOMESERVER, method: "sso", provider: null });
    await scene.account.logout();
    await fetch(`${new URL(address).searchParams.get("redirectUrl")}?loginToken=t`);
    await expect(scene.login.end()).rejects.toMatchObject({ code: "login-cancelled" });
    expect(scene.last("revoke")).toMatchObject({ accessToken: "a2" });
    expect(scene.account.stored).toBeNull();
    expect([...scene.keychain.items.keys()]).toEqual([]);
  });

  test.each([
    ["another name of the homeserver", "https://one.test", false],
    ["the homeserver's name in capitals", "https://MATRIX.one.test:443", true],
  ])("a token of the same device by %s leaves it what it needs", async (_which, homeserver, isSameStore) => {
    scene.homeserver = homeserver;
    scene.given = credentials({ homeserver, accessToken: "a2" });
    await scene.login.token({ homeserver, accessToken: "a2" });
    expect([scene.secret("FIRST", "access-token"), scene.account.isOpen]).toEqual(["a2", true]);
    expect(scene.secret("FIRST", "storage-key") === key).toBe(isSameStore);
    expect(scene.last("open")).toMatchObject({ deviceKey: isSameStore ? "key of FIRST" : null });
  });

  test("a login by OAuth 2.0 that dies before its tokens are kept has their client already", async () => {
    scene.given = credentials({ accessToken: "a2", refreshToken: "r2", oauth: OAUTH });
    const { address } = await scene.login.begin({ homeserver: HOMESERVER, method: "oauth", provider: null });
    scene.keychain.left = 3;
    await fetch(`${new URL(address).searchParams.get("to")}?code=c&state=s`);
    await expect(scene.login.end()).rejects.toMatchObject({ code: "keychain-locked" });
    expect([scene.secret("FIRST", "access-token"), scene.secret("FIRST", "refresh-token")]).toEqual(["a1", "r2"]);
    expect(scene.account.stored?.oauth).toEqual(OAUTH);
    // The device is the one that was there: it is gone on with, not ended.
    expect(scene.last("revoke")).toBeUndefined();
    expect(await scene.account.deviceToGoOn(HOMESERVER)).toBe("FIRST");
  });

  test("the other host makes a new device: the keys are where they were", async () => {
    scene.given = credentials({ deviceId: SECOND });
    await scene.changeHost("electron");
    await password();
    expect(scene.last("loginPassword")).toMatchObject({ deviceId: null });
    expect(scene.account.stored).toMatchObject({ deviceId: SECOND, host: "electron" });
  });

  test("a homeserver that makes another device all the same gets a new crypto store", async () => {
    scene.given = credentials({ deviceId: SECOND });
    await password();
    expect(scene.last("open")).toMatchObject({ deviceKey: null });
    expect(scene.secret("SECOND", "storage-key")).not.toBe(key);
    expect(scene.secret("FIRST", "storage-key")).toBeUndefined();
  });

  test("logging out ends the device, also while a new login is being tried", async () => {
    await scene.login.methods(HOMESERVER).catch(() => undefined);
    await scene.account.logout();
    expect(scene.last("revoke")).toMatchObject({ deviceId: "FIRST", accessToken: "a1" });
    expect(scene.account.stored).toBeNull();
  });
});

test("after the homeserver has forgotten the device a new one is made, and the links stay", async () => {
  await password();
  scene.store.links.insert(linkBetween([ROOM_A, ROOM_B]));
  scene.given = credentials({ deviceId: SECOND, accessToken: "a2" });
  scene.end(false);
  await password();
  expect(scene.last("loginPassword")).toMatchObject({ deviceId: null });
  expect(scene.last("open")).toMatchObject({ deviceKey: null, credentials: { deviceId: SECOND } });
  expect([...scene.keychain.items.keys()].every((name) => name.includes("SECOND"))).toBe(true);
  expect(scene.store.links.all()).toHaveLength(1);
});

describe("new tokens", () => {
  beforeEach(async () => {
    scene.given = credentials({ refreshToken: "r1", oauth: OAUTH });
    await throughBrowser("oauth");
  });

  test.each([0, 1, 2])("are stored so that the process may die after %i writes", async (writes) => {
    scene.keychain.left = writes;
    const storing = scene.account.storeTokens({ accessToken: "a2", refreshToken: "r2" });
    if (writes < 2) await expect(storing).rejects.toMatchObject({ code: "keychain-locked" });
    else await storing;
    const stored = [scene.secret("FIRST", "access-token"), scene.secret("FIRST", "refresh-token")];
    // Never a new access token beside a refresh token that has been used.
    expect(stored).toEqual(
      [
        ["a1", "r1"],
        ["a1", "r2"],
        ["a2", "r2"],
      ][writes],
    );
    scene.keychain.left = Number.POSITIVE_INFINITY;
    await scene.account.open();
    const [accessToken, refreshToken] = stored;
    expect(scene.last("open")).toMatchObject({ credentials: { accessToken, refreshToken, oauth: OAUTH } });
  });

  test("without a new refresh token leave the old one", async () => {
    await scene.account.storeTokens({ accessToken: "a2" });
    expect(scene.secret("FIRST", "refresh-token")).toBe("r1");
  });

  test("that come while the user logs out are not kept", async () => {
    const remove = scene.keychain.delete.bind(scene.keychain);
    vi.spyOn(scene.keychain, "delete").mockImplementationOnce(async (account, name) => {
      await remove(account, name);
      await scene.account.storeTokens({ accessToken: "a2", refreshToken: "r2" });
    });
    await scene.account.logout();
    expect([...scene.keychain.items.keys()]).toEqual([]);
  });

  test("that come after the user has logged out are not kept", async () => {
    const storing = scene.account.storeTokens({ accessToken: "a2", refreshToken: "r2" });
    scene.store.account.clear();
    await storing;
    expect([...scene.keychain.items.keys()]).toEqual([]);
    await expect(scene.account.storeTokens({ accessToken: "a3" })).rejects.toMatchObject({ code: "not-logged-in" });
  });

  test("of another way to log in take the place of all of them", async () => {
    scene.end(true);
    scene.given = credentials({ accessToken: "a2" });
    await password();
    expect(scene.account.stored?.oauth).toBeNull();
    expect(scene.secret("FIRST", "refresh-token")).toBeUndefined();
    expect(scene.reaches.at(-1)?.connect).toEqual([HOMESERVER]);
  });
});

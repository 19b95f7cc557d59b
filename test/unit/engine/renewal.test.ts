import { describe, expect, test } from "vitest";
import type { DeviceId, UserId } from "../../../main/matrix/ids.ts";
import { loginPassword, loginSso } from "../../../renderer/engine/login.ts";
import { renewOauth, revokeOauth } from "../../../renderer/engine/oauth.ts";
import { endLogin, renewalOf, revoke } from "../../../renderer/engine/renewal.ts";
import { TokenKeeper } from "../../../renderer/engine/tokens.ts";
import { CLIENT, HOMESERVER, ISSUER, refusal, setUpNetwork } from "./network-support.ts";

const MAY_LOG_IN = { flows: [{ type: "m.login.password" }] };
const network = setUpNetwork(() => ({ "/revoke": {} }));

const bodyAt = (end: string): Record<string, unknown> | undefined =>
  network.asked.find(({ url }) => url.endsWith(end))?.body;
/** What is being asked right now. */
const body = (): Record<string, unknown> => network.asked.at(-1)?.body ?? {};

describe("renewing", () => {
  test("by the refresh token grant", async () => {
    network.answers["/token"] = { token_type: "bearer", access_token: "a2" };
    expect(await renewOauth(CLIENT, "r1")).toEqual({ accessToken: "a2" });
    expect(bodyAt("/token")).toEqual({ grant_type: "refresh_token", client_id: "c1", refresh_token: "r1" });
  });

  test.each([
    [400, "invalid_grant"],
    [401, "invalid_client"],
    [400, "unauthorized_client"],
  ])("only the issuer's own word ends the login (%i %s)", async (status, error) => {
    network.answers["/token"] = network.answers["/revoke"] = refusal(status, { error });
    await expect(renewOauth(CLIENT, "r1")).rejects.toMatchObject({ code: "logged-out" });
    // Whoever wants to log out is not kept from it.
    await expect(revokeOauth(CLIENT, { accessToken: "a1" })).rejects.toMatchObject({ code: "logged-out" });
  });

  test.each([
    ["rate limit", refusal(429, { error: "invalid_grant" }), "rate-limited"],
    ["rate limit of a homeserver", refusal(429, { errcode: "M_LIMIT_EXCEEDED", error: "x" }), "rate-limited"],
    ["another refusal of the issuer", refusal(400, { error: "invalid_request" }), "homeserver-error"],
    ["homeserver's refusal", refusal(401, { errcode: "M_UNKNOWN_TOKEN", error: "x" }), "homeserver-error"],
    ["page in between", new Response("<html>", { status: 403 }), "homeserver-error"],
    ["captive portal", new Response("<html>"), "homeserver-unreachable"],
    ["problem", refusal(503, {}), "homeserver-error"],
    ["missing network", new TypeError("failed"), "homeserver-unreachable"],
  ])("a %s does not", async (_name, answer, code) => {
    network.answers["/token"] = answer;
    await expect(renewOauth(CLIENT, "r1")).rejects.toMatchObject({ code });
  });

  test("waits as long as the issuer wishes", async () => {
    network.answers["/token"] = Response.json({ error: "slow_down" }, { status: 429, headers: { "Retry-After": "7" } });
    await expect(renewOauth(CLIENT, "r1")).rejects.toMatchObject({ details: { retryAfterMs: 7000 } });
  });

  describe("by the homeserver itself", () => {
    const credentials = {
      ...{ homeserver: HOMESERVER, userId: "@ana:example.org" as UserId, deviceId: "D" as DeviceId, accessToken: "a1" },
    };
    const renew = renewalOf(credentials);

    test("takes its new tokens", async () => {
      network.answers["/refresh"] = { access_token: "a2", refresh_token: "r2", expires_in_ms: 1000 };
      expect(await renew("r1")).toEqual({ accessToken: "a2", refreshToken: "r2" });
    });

    test.each([
      ["M_UNKNOWN_TOKEN", 401, "logged-out"],
      // Synapse's word for a refresh token that has run out, or has been followed by another one.
      ["M_FORBIDDEN", 403, "logged-out"],
      ["M_LIMIT_EXCEEDED", 429, "rate-limited"],
      ["M_UNKNOWN", 500, "homeserver-error"],
    ])("%s means what it says", async (errcode, status, code) => {
      network.answers["/refresh"] = refusal(status, { errcode, error: "no" });
      await expect(renew("r1")).rejects.toMatchObject({ code });
    });

    test("a login is ended also where its access token has run out", async () => {
      network.answers["/refresh"] = { access_token: "a2" };
      network.answers["/logout"] = () =>
        network.asked.at(-1)?.authorization === "Bearer a2"
          ? {}
          : refusal(401, { errcode: "M_UNKNOWN_TOKEN", error: "no" });
      await revoke({ ...credentials, refreshToken: "r1" });
      expect(network.asked.map(({ url }) => new URL(url).pathname.split("/").at(-1))).toEqual([
        "logout",
        "refresh",
        "logout",
      ]);
    });

    test("what is renewed to end a login that is open is stored, should the homeserver not end it", async () => {
      network.answers["/refresh"] = { access_token: "a2", refresh_token: "r2" };
      network.answers["/logout"] = () =>
        network.asked.at(-1)?.authorization === "Bearer a2"
          ? refusal(500, { errcode: "M_UNKNOWN", error: "no" })
          : refusal(401, { errcode: "M_UNKNOWN_TOKEN", error: "no" });
      const stored: unknown[] = [];
      const store = async (tokens: unknown): Promise<void> => void stored.push(tokens);
      const keeper = new TokenKeeper({ accessToken: "a1", refreshToken: "r1" }, { renew, store, send: fetch });
      await expect(endLogin(credentials, keeper)).rejects.toMatchObject({ code: "homeserver-error" });
      expect(stored).toEqual([{ accessToken: "a2", refreshToken: "r2" }]);
    });
  });
});

test("a login by OAuth 2.0 is ended at its issuer, first what could make new tokens", async () => {
  await revokeOauth(CLIENT, { accessToken: "a1", refreshToken: "r1" });
  expect(network.asked.map(({ url, body }) => [url, body["token"], body["client_id"]])).toEqual([
    [`${ISSUER}revoke`, "r1", "c1"],
    [`${ISSUER}revoke`, "a1", "c1"],
  ]);
  network.answers["/revoke"] = new TypeError("failed");
  await expect(revokeOauth(CLIENT, { accessToken: "a1" })).rejects.toMatchObject({ code: "homeserver-unreachable" });
});

describe("a login with a password", () => {
  const login = { homeserver: HOMESERVER, user: "ana", password: "p", deviceName: "Ferry", deviceId: null };
  const given = { user_id: "@ana:example.org", device_id: "D1", access_token: "a1" };

  test("that would run out is made renewable, as the same device", async () => {
    let logins = 0;
    network.answers["/login"] = () => {
      if (body()["type"] === undefined) return MAY_LOG_IN;
      logins += 1;
      return logins === 1 ? { ...given, expires_in_ms: 60_000 } : { ...given, access_token: "a2", refresh_token: "r1" };
    };
    expect(await loginPassword(login)).toMatchObject({ accessToken: "a2", refreshToken: "r1", deviceId: "D1" });
    expect(body()).toMatchObject({ device_id: "D1", refresh_token: true });
  });

  test("goes on as a device, where it is to", async () => {
    network.answers["/login"] = () => (body()["type"] === undefined ? MAY_LOG_IN : given);
    await loginPassword({ ...login, deviceId: "D1" as DeviceId });
    expect(body()).toMatchObject({ device_id: "D1" });
    expect(body()).not.toHaveProperty("refresh_token");
  });
});

describe("a login with what single sign-on has brought back", () => {
  const login = { homeserver: HOMESERVER, loginToken: "t", deviceName: "Ferry", deviceId: null };

  test("makes a device", async () => {
    network.answers["/login"] = { user_id: "@ana:example.org", device_id: "D1", access_token: "a1" };
    expect(await loginSso(login)).toMatchObject({ deviceId: "D1", accessToken: "a1" });
    const asked = { type: "m.login.token", token: "t", initial_device_display_name: "Ferry" };
    expect(body()).toEqual({ ...asked, refresh_token: true });
  });

  test("takes what its token is renewed with", async () => {
    const given = { user_id: "@ana:example.org", device_id: "D1", access_token: "a1", refresh_token: "r1" };
    network.answers["/login"] = { ...given, expires_in_ms: 300_000 };
    expect(await loginSso(login)).toMatchObject({ accessToken: "a1", refreshToken: "r1" });
  });

  test.each([
    ["is refused", refusal(403, { errcode: "M_FORBIDDEN", error: "used" }), "login-refused"],
    ["is asked to come back later", refusal(429, { errcode: "M_LIMIT_EXCEEDED", error: "x" }), "rate-limited"],
    ["gets no device", { user_id: "@ana:example.org", access_token: "a1" }, "login-unsupported"],
  ])("%s", async (_name, answer, code) => {
    network.answers["/login"] = answer;
    await expect(loginSso(login)).rejects.toMatchObject({ code });
  });
});

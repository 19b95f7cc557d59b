import { describe, expect, test } from "vitest";
import { asFerryError } from "../../../main/matrix/errors.ts";
import type { DeviceId } from "../../../main/matrix/ids.ts";
import { loginMethods, ssoAddress } from "../../../renderer/engine/login-methods.ts";
import { loginOauth, oauthAddress } from "../../../renderer/engine/oauth.ts";
import { CLIENT, HOMESERVER, ISSUER, refusal, setUpNetwork } from "./network-support.ts";

const REDIRECT = "http://127.0.0.1:40000/abc";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}authorize`,
  token_endpoint: `${ISSUER}token`,
  revocation_endpoint: `${ISSUER}revoke`,
  registration_endpoint: `${ISSUER}register`,
  response_modes_supported: ["query", "fragment"],
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  code_challenge_methods_supported: ["S256"],
};

/** The device that the last login was begun for. */
let askedDevice = "";

const network = setUpNetwork(() => ({
  "/auth_metadata": METADATA,
  "/login": { flows: [{ type: "m.login.password" }] },
  "/register": { client_id: "c1" },
  "/token": { token_type: "Bearer", access_token: "a1", refresh_token: "r1", expires_in: 300 },
  "/whoami": () => ({ user_id: "@ana:example.org", device_id: askedDevice }),
  "/revoke": {},
}));

const bodyAt = (end: string): Record<string, unknown> | undefined =>
  network.asked.find(({ url }) => url.endsWith(end))?.body;

/** Begins a login, and answers with what the browser brings back. */
async function begin(deviceId: DeviceId | null = null) {
  const { address, context } = await oauthAddress({ homeserver: HOMESERVER, redirect: REDIRECT, deviceId });
  const query = new URL(address).searchParams;
  askedDevice = /device:(\S+)$/.exec(query.get("scope") ?? "")?.[1] ?? "";
  const back = (changes: Record<string, string | null> = {}): string => {
    const answer = new URL(REDIRECT);
    const given = { code: "code", state: query.get("state"), iss: ISSUER, ...changes };
    for (const [name, value] of Object.entries(given)) if (value !== null) answer.searchParams.set(name, value);
    return answer.href;
  };
  const finish = (answer: string) => loginOauth({ homeserver: HOMESERVER, context, answer });
  return { address: new URL(address), query, back, finish };
}

describe("what a homeserver offers", () => {
  test("password, identity providers, OAuth 2.0", async () => {
    const providers = [{ id: "house", name: "House keys" }, { id: "no spaces", name: "x" }, { id: "unnamed" }, 7];
    network.answers["/login"] = {
      flows: [{ type: "m.login.password" }, { type: "m.login.sso", identity_providers: providers }],
    };
    const sso = [{ id: "house", name: "House keys" }];
    expect(await loginMethods(HOMESERVER)).toEqual({ password: true, sso, oauth: true });
  });

  test("single sign-on that names no provider is named by its server", async () => {
    network.answers["/login"] = { flows: [{ type: "m.login.sso" }] };
    delete network.answers["/auth_metadata"];
    const sso = [{ id: null, name: "matrix.example.org" }];
    expect(await loginMethods(HOMESERVER)).toEqual({ password: false, sso, oauth: false });
  });

  test("nothing but OAuth 2.0, where all is left to that", async () => {
    delete network.answers["/login"];
    expect(await loginMethods(HOMESERVER)).toEqual({ password: false, sso: [], oauth: true });
  });

  test.each([
    ["without PKCE", { ...METADATA, code_challenge_methods_supported: ["plain"] }],
    ["without a place to register", { ...METADATA, registration_endpoint: undefined }],
    ["on plain http", { ...METADATA, token_endpoint: "http://account.example.org/token" }],
    ["with a page that is none", { ...METADATA, authorization_endpoint: "javascript:alert(1)" }],
    ["with an origin that would rewrite the page's policy", { ...METADATA, token_endpoint: "https://a;script-src/t" }],
    ["that has a problem", refusal(500, {})],
  ])("not OAuth 2.0 %s", async (_name, metadata) => {
    network.answers["/auth_metadata"] = metadata;
    expect(await loginMethods(HOMESERVER)).toMatchObject({ oauth: false });
    const beginning = oauthAddress({ homeserver: HOMESERVER, redirect: REDIRECT, deviceId: null });
    await expect(beginning).rejects.toMatchObject({ code: "login-unsupported" });
  });

  test("is not known without a network", async () => {
    network.answers["/login"] = network.answers["/auth_metadata"] = new TypeError("failed");
    await expect(loginMethods(HOMESERVER)).rejects.toMatchObject({ code: "homeserver-unreachable" });
  });

  test("a single sign-on begins at the homeserver, and what is put into its address stays what it is", () => {
    const { address } = ssoAddress({ homeserver: HOMESERVER, provider: "../x?y", redirect: REDIRECT });
    const url = new URL(address);
    expect(url.pathname).toBe("/_matrix/client/v3/login/sso/redirect/..%2Fx%3Fy");
    expect(url.searchParams.get("redirectUrl")).toBe(REDIRECT);
  });
});

describe("the authorisation code grant", () => {
  test("registers a native client without a secret, and asks with PKCE for one device", async () => {
    const { address, query } = await begin();
    expect(bodyAt("/register")).toMatchObject({
      ...{ client_name: "Ferry", application_type: "native", token_endpoint_auth_method: "none" },
      ...{ redirect_uris: [REDIRECT], grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] },
    });
    expect(address.origin + address.pathname).toBe(`${ISSUER}authorize`);
    expect(Object.fromEntries(query)).toMatchObject({
      ...{ response_type: "code", response_mode: "query", client_id: "c1", redirect_uri: REDIRECT },
      ...{ code_challenge_method: "S256" },
    });
    expect(query.get("scope")).toMatch(/^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z0-9]{10}$/);
    expect(query.get("state")).toMatch(/^[A-Za-z0-9]{32}$/);
    expect((await begin("OLDDEVICE" as DeviceId)).query.get("scope")).toContain("device:OLDDEVICE");
  });

  test("exchanges the code, and asks whose the token is", async () => {
    const { query, back, finish } = await begin();
    const credentials = await finish(back());
    expect(credentials).toEqual({
      ...{ homeserver: HOMESERVER, userId: "@ana:example.org", deviceId: askedDevice },
      ...{ accessToken: "a1", refreshToken: "r1", oauth: CLIENT },
    });
    const exchange = bodyAt("/token") ?? {};
    expect(exchange).toMatchObject({ grant_type: "authorization_code", code: "code", redirect_uri: REDIRECT });
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(String(exchange["code_verifier"])));
    expect(query.get("code_challenge")).toBe(Buffer.from(digest).toString("base64url"));
    expect(network.asked.find(({ url }) => url.endsWith("/whoami"))?.authorization).toBe("Bearer a1");
  });

  test.each([
    ["another login's state", { state: "other" }],
    ["no state", { state: null }],
    ["another issuer", { iss: "https://attacker.example/" }],
    ["an error", { code: null, error: "access_denied" }],
    ["an error besides a code", { error: "access_denied" }],
    ["no code", { code: null }],
  ])("refuses %s, and asks nobody", async (_name, changes) => {
    const { back, finish } = await begin();
    await expect(finish(back(changes))).rejects.toMatchObject({ code: "login-refused" });
    expect(bodyAt("/token")).toBeUndefined();
  });

  test("wants the issuer's name where it is said that it comes", async () => {
    expect(await (await begin()).finish((await begin()).back()).catch(asFerryError)).toMatchObject({
      code: "login-refused",
    });
    const without = await begin();
    await expect(without.finish(without.back({ iss: null }))).resolves.toMatchObject({ accessToken: "a1" });
    network.answers["/auth_metadata"] = { ...METADATA, authorization_response_iss_parameter_supported: true };
    const named = await begin();
    await expect(named.finish(named.back({ iss: null }))).rejects.toMatchObject({ code: "login-refused" });
  });

  test.each([
    [
      "a device that nobody asked for",
      () => ({ user_id: "@ana:example.org", device_id: "OTHER" }),
      "login-unsupported",
    ],
    ["no device", () => ({ user_id: "@ana:example.org" }), "login-unsupported"],
    ["a refusal", () => refusal(401, { errcode: "M_UNKNOWN_TOKEN", error: "no" }), "login-refused"],
  ])("gives its tokens back where the homeserver answers with %s", async (_name, whose, code) => {
    network.answers["/whoami"] = whose;
    const { back, finish } = await begin();
    await expect(finish(back())).rejects.toMatchObject({ code });
    expect(network.asked.filter(({ url }) => url.endsWith("/revoke")).map(({ body }) => body["token"])).toEqual([
      "r1",
      "a1",
    ]);
  });

  test.each([
    ["a code that was used", refusal(400, { error: "invalid_grant" }), "login-refused"],
    ["too many requests", refusal(429, { error: "slow_down" }), "rate-limited"],
    ["no network", new TypeError("failed"), "homeserver-unreachable"],
    ["an answer that is none", new Response("<html>"), "homeserver-unreachable"],
    ["a problem", refusal(502, {}), "homeserver-error"],
  ])("fails by name for %s", async (_name, answer, code) => {
    network.answers["/token"] = answer;
    const { back, finish } = await begin();
    await expect(finish(back())).rejects.toMatchObject({ code });
  });

  test("an issuer that does not take Ferry as a client is told from one that does not answer", async () => {
    network.answers["/register"] = refusal(400, { error: "invalid_client_metadata" });
    await expect(begin()).rejects.toMatchObject({ code: "login-unsupported" });
    network.answers["/register"] = new TypeError("failed");
    await expect(begin()).rejects.toMatchObject({ code: "homeserver-unreachable" });
  });
});

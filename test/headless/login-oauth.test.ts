import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beginBrowserLogin, succeeded } from "../support/ferry.ts";
import { OauthWorld } from "../support/oauth-world.ts";

/** Logging in by OAuth 2.0, for a few seconds at a time. What goes wrong: test/long/login-oauth.test.ts. */

let world: OauthWorld;

beforeAll(async () => {
  world = await OauthWorld.create();
});

afterAll(() => world.end());

test("the browser logs in, as a device of its own", async () => {
  const { browser, issuer, dataDir, synapse, kitchen, workshop, ferry } = world;
  const { address, ended } = await beginBrowserLogin(dataDir, synapse.url);
  const asked = new URL(address);
  expect(asked.origin).toBe(issuer.url);
  expect(asked.searchParams.get("code_challenge_method")).toBe("S256");
  expect(asked.searchParams.get("response_type")).toBe("code");
  expect(asked.searchParams.get("scope")).toMatch(/^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z0-9]{10}$/);
  expect(await browser.logIn(address, "kim")).toBe("You can close this tab and go back to Ferry.");
  const { json } = succeeded("ferry login", await ended);
  world.device = (json as { device_id: string }).device_id;
  await world.kim.untilKnows(world.kim.userId, world.device);
  expect(asked.searchParams.get("scope")).toContain(`:device:${world.device}`);
  expect(await world.status()).toMatchObject({ connection: "online", device_id: world.device });
  await ferry.link([kitchen, workshop]);
  await world.untilCopied();
});

describe("tokens are renewed", () => {
  test("before anybody notices, and the new ones are stored", async () => {
    const before = world.stored("refresh-token");
    await world.untilAsked(2);
    await world.untilCopied();
    expect((await world.status()).connection).toBe("online");
    expect(world.stored("refresh-token")).not.toBe(before);
    expect(await world.issuer.knows(world.stored("refresh-token"))).toBe(true);
    expect((await world.ferry.cli("doctor", "--json")).status).toBe(0);
  });

  test("also where Ferry is killed right after it was given them", async () => {
    await world.killAtTokens("answer");
    expect((await world.status()).device_id).toBe(world.device);
  });
});

describe("the login ends", () => {
  test("where the issuer says so, and a new one carries the link on", async () => {
    const { device } = world;
    world.issuer.endAll("kim");
    await world.until("logged-out");
    await world.logIn();
    await world.until("online");
    expect(world.device).not.toBe(device);
    await world.untilCopied();
  });

  test("at the issuer too where the user logs out", async () => {
    const refreshToken = world.stored("refresh-token");
    expect(await world.issuer.knows(refreshToken)).toBe(true);
    expect((await world.ferry.cli("logout", "--json")).status).toBe(0);
    expect(await world.issuer.knows(refreshToken)).toBe(false);
    expect(world.stored("refresh-token")).toBe("");
  });

  test("before it has begun where the user says no", async () => {
    await world.browser.forget();
    const { address, ended } = await beginBrowserLogin(world.dataDir, world.synapse.url);
    expect(await world.browser.refuse(address)).toContain("The login was not completed.");
    expect((await ended).stderr).toContain("login-refused");
  });
});

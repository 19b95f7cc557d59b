import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusView } from "../../main/protocol/control.ts";
import { connectControl } from "../../main/service/control-socket.ts";
import { beginBrowserLogin, type CliResult, type Ferry } from "../support/ferry.ts";
import { twoRooms } from "../support/linked-rooms.ts";
import type { Person } from "../support/person.ts";
import { letRunOut } from "../support/run-out.ts";
import { createSsoWorld, type SsoWorld } from "../support/sso-world.ts";
import type { Visitor } from "../support/visitor.ts";
import type { World } from "../support/world.ts";

/** Single sign-on: a real OpenID provider behind a real Synapse, and a real browser between them and Ferry. */

let sso: SsoWorld;
let world: World;
let browser: Visitor;
let ana: Person;
let jo: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;
/** Kim's device that Ferry is. */
let device: string;

beforeAll(async () => {
  sso = await createSsoWorld();
  ({ world, browser } = sso);
  ({ ana, jo, kitchen, workshop } = await twoRooms(world));
  ferry = await world.ferry();
});

afterAll(async () => {
  await sso.end();
});

const begin = () => beginBrowserLogin(world.dataDir, world.synapse.url);

async function logInAs(name: string): Promise<CliResult> {
  const { address, ended } = await begin();
  const page = await browser.logIn(address, name);
  expect(page).toBe("You can close this tab and go back to Ferry.");
  return ended;
}

const status = async (): Promise<StatusView & { device_id: string; user_id: string }> =>
  (await ferry.cli("status", "--json")).json as StatusView & { device_id: string; user_id: string };

const codeOf = ({ stderr }: CliResult): unknown =>
  (JSON.parse(stderr.slice(stderr.indexOf("{"))) as { error: { code: unknown } }).error.code;

async function until(connection: string): Promise<void> {
  await ana.waitFor(async () => (await status()).connection === connection, 60_000, `Ferry to be ${connection}`);
}

test("what the homeserver offers is named", async () => {
  const control = await connectControl(join(world.dataDir, "control.sock"));
  try {
    const offered = { homeserver: world.synapse.url, password: true, oauth: false };
    const sso = [{ id: "oidc-house", name: "House keys" }];
    expect(await control.client.loginMethods({ server: world.synapse.url })).toEqual({ ...offered, user: null, sso });
  } finally {
    control.close();
  }
});

test("the browser logs in, and what it brought back is of use once", async () => {
  const { address, ended } = await begin();
  const redirect = new URL(address).searchParams.get("redirectUrl") ?? "";
  expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{48}$/);
  expect((await fetch(redirect)).status).toBe(404);
  expect((await fetch(`${new URL(redirect).origin}/elsewhere?loginToken=x`)).status).toBe(404);
  expect((await fetch(`${redirect}?loginToken=x`, { method: "POST" })).status).toBe(404);
  expect(await browser.logIn(address, "kim")).toBe("You can close this tab and go back to Ferry.");
  const { status: exit, json } = await ended;
  expect(exit).toBe(0);
  expect(json).toMatchObject({ user_id: "@kim:ferry.test", homeserver: world.synapse.url });
  await expect(fetch(`${redirect}?loginToken=x`)).rejects.toThrow();
  expect((await status()).connection).toBe("online");
  device = (json as { device_id: string }).device_id;

  await ferry.link([kitchen, workshop]);
  await ana.say(kitchen, "by single sign-on");
  await jo.waitForMessage(workshop, "by single sign-on");
});

describe("a login that the homeserver has ended, but not forgotten", () => {
  test("waits for a new one, and keeps all it has", { timeout: 120_000 }, async () => {
    await letRunOut(world.synapse, device);
    await until("logged-out");
    // In a session that this device has the key of, and a new device would not have.
    await ana.say(kitchen, "while it was out");
  });

  test("is not taken over by somebody else", { timeout: 120_000 }, async () => {
    await browser.forget();
    const result = await logInAs("jo");
    expect(codeOf(result)).toBe("other-account");
    expect(await status()).toMatchObject({ user_id: "@kim:ferry.test", device_id: device, connection: "logged-out" });
    const { devices } = await jo.client.getDevices();
    expect(devices.map(({ device_id: id }) => id)).toEqual([jo.deviceId]);
  });

  test("goes on as the same device, over a restart, with its keys", { timeout: 120_000 }, async () => {
    await ferry.kill();
    ferry = await world.ferry();
    await until("logged-out");
    await browser.forget();
    expect((await logInAs("kim")).json).toMatchObject({ device_id: device });
    await until("online");
    await jo.waitForMessage(workshop, "while it was out", 60_000);
    await ana.say(kitchen, "and back again");
    await jo.waitForMessage(workshop, "and back again", 60_000);
    const copies = (await jo.timeline(workshop)).filter(({ body }) => body.startsWith("Ana: "));
    expect(copies.map(({ body }) => body)).toEqual([
      "Ana: by single sign-on",
      "Ana: while it was out",
      "Ana: and back again",
    ]);
  });
});

describe("a device that another session has ended", () => {
  test("is logged out, and a new one carries links, ledger and outbox on", { timeout: 180_000 }, async () => {
    const original = await ana.say(kitchen, "to be taken back");
    const copy = await jo.waitForMessage(workshop, "to be taken back");
    const identifier = { type: "m.id.user", user: world.kim.userId };
    const session = await world.kim.client
      .deleteDevice(device)
      .catch((error: { data: { session: string } }) => error.data.session);
    const auth = { type: "m.login.password", identifier, password: world.kim.password, session: session as string };
    await world.kim.client.deleteDevice(device, auth);
    await until("logged-out");

    await world.logIn(ferry);
    await until("online");
    expect((await status()).device_id).not.toBe(device);
    expect((await ferry.cli("link", "list", "--json")).json).toMatchObject([{ state: "mirroring" }]);
    // The ledger knows which copy belongs to it.
    await ana.redact(kitchen, original);
    await jo.waitFor(
      async () => (await jo.timeline(workshop)).find(({ eventId }) => eventId === copy.eventId)?.redacted === true,
      60_000,
      "the copy to go",
    );
    await ana.say(kitchen, "by the new device");
    await jo.waitForMessage(workshop, "by the new device", 60_000);
  });
});

test("who says no in the browser is told so, and nothing has changed", { timeout: 60_000 }, async () => {
  await ferry.cli("logout");
  await browser.forget();
  const { address, ended } = await begin();
  expect(address).toContain("/login/sso/redirect");
  // Synapse tells its user, and nobody else: Ferry waits until it is told not to.
  expect(await browser.refuse(address)).toContain("access_denied");
  const control = await connectControl(join(world.dataDir, "control.sock"));
  await control.client.loginBrowserCancel({});
  control.close();
  expect(codeOf(await ended)).toBe("login-cancelled");
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusView } from "../../main/protocol/control.ts";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { beginBrowserLogin, startFerry, succeeded, type CliResult, type Ferry } from "../support/ferry.ts";
import { OauthIssuer } from "../support/oauth-issuer.ts";
import { Person } from "../support/person.ts";
import { delegatedTo } from "../support/synapse-config.ts";
import { startSynapse, type Synapse } from "../support/synapse.ts";
import { pause } from "../support/talking.ts";
import { openBrowser, type Visitor } from "../support/visitor.ts";

/** OAuth 2.0: a real Synapse that leaves its logins to a real issuer, whose access tokens last a few seconds. */

const SECRET = "shared-between-the-two";
const ACCESS_TOKEN_SECONDS = 4;
/** Of each kind. */
const KILLS = 3;

const issuer = new OauthIssuer(SECRET);
let synapse: Synapse;
let browser: Visitor;
let kim: Person;
let kitchen: string;
let workshop: string;
let ferry: Ferry;
let device: string;
const dataDir = temporaryFolder("ferry-oauth-");

beforeAll(async () => {
  await issuer.start(ACCESS_TOKEN_SECONDS);
  synapse = await startSynapse({ configure: async () => delegatedTo(issuer.url, SECRET) });
  issuer.serve(synapse.url);
  await issuer.register("kim");
  kim = new Person(synapse, "kim");
  const deviceId = "KIMSPHONE";
  await kim.start({ userId: "@kim:ferry.test", deviceId, accessToken: await issuer.tokenFor("kim", deviceId) });
  kitchen = await kim.createEncryptedRoom({ name: "Kitchen" });
  workshop = await kim.createEncryptedRoom({ name: "Workshop" });
  browser = await openBrowser();
  ferry = await start();
});

afterAll(async () => {
  await browser.close();
  await ferry.kill();
  await kim.stop();
  await synapse.stop();
  await issuer.stop();
  removeFolder(dataDir);
});

async function start(): Promise<Ferry> {
  const started = startFerry({ dataDir });
  await started.waitReady();
  return started;
}

const status = async (): Promise<StatusView & { device_id: string }> =>
  (await ferry.cli("status", "--json")).json as StatusView & { device_id: string };

const until = (connection: string): Promise<unknown> =>
  kim.waitFor(async () => (await status()).connection === connection, 60_000, `Ferry to be ${connection}`);

async function logIn(): Promise<CliResult> {
  const { address, ended } = await beginBrowserLogin(dataDir, synapse.url);
  expect(await browser.logIn(address, "kim")).toBe("You can close this tab and go back to Ferry.");
  return succeeded("ferry login", await ended);
}

/** A token of Ferry's, as it is stored. */
function stored(name: "access-token" | "refresh-token"): string {
  const { entries } = JSON.parse(readFileSync(join(dataDir, "secrets-not-encrypted.json"), "utf8")) as {
    entries: Record<string, string>;
  };
  return entries[`@kim:ferry.test ${device}/${name}`] ?? "";
}

/** Waits until the issuer has been asked for tokens so many times more. Ferry, which idles, is given something to do. */
async function untilAsked(more: number): Promise<void> {
  const wanted = issuer.asked + more;
  for (let second = 0; issuer.asked < wanted; second++) {
    if (second > 60) throw new Error("No new tokens were asked for.");
    await kim.say(kitchen, "ahoy");
    await pause(1_000);
  }
}

let said = 0;

/** Something new is said, and its copy comes. */
async function untilCopied(): Promise<void> {
  said += 1;
  await kim.say(kitchen, `message ${said}`);
  await kim.waitForMessage(workshop, `message ${said}`, 60_000);
}

test("the browser logs in, as a device of its own", { timeout: 60_000 }, async () => {
  const { address, ended } = await beginBrowserLogin(dataDir, synapse.url);
  const asked = new URL(address);
  expect(asked.origin).toBe(issuer.url);
  expect(asked.searchParams.get("code_challenge_method")).toBe("S256");
  expect(asked.searchParams.get("response_type")).toBe("code");
  expect(asked.searchParams.get("scope")).toMatch(/^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z0-9]{10}$/);
  expect(await browser.logIn(address, "kim")).toBe("You can close this tab and go back to Ferry.");
  const { json } = succeeded("ferry login", await ended);
  device = (json as { device_id: string }).device_id;
  expect(asked.searchParams.get("scope")).toContain(`:device:${device}`);
  expect(await status()).toMatchObject({ connection: "online", device_id: device });
  await ferry.link([kitchen, workshop]);
  await untilCopied();
});

describe("tokens are renewed", () => {
  test("before anybody notices, and the new ones are stored", { timeout: 120_000 }, async () => {
    const before = stored("refresh-token");
    await untilAsked(3);
    await untilCopied();
    expect((await status()).connection).toBe("online");
    expect(stored("refresh-token")).not.toBe(before);
    expect(await issuer.knows(stored("refresh-token"))).toBe(true);
    expect((await ferry.cli("doctor", "--json")).status).toBe(0);
  });

  test.each([
    ["slows down", 429, '{"error":"slow_down"}'],
    ["slows down as a homeserver does", 429, '{"errcode":"M_LIMIT_EXCEEDED","error":"too fast"}'],
    ["has a problem of its own", 503, "<html>down</html>"],
    ["is behind something that refuses", 403, '{"error":"access_denied"}'],
  ])("also where the issuer %s meanwhile", { timeout: 120_000 }, async (_what, code, body) => {
    issuer.refuseNext(code, body);
    await untilAsked(2);
    await untilCopied();
    await until("online");
    expect((await status()).device_id).toBe(device);
  });

  test.each(["request", "answer"] as const)("over a kill at the %s", { timeout: 180_000 }, async (moment) => {
    for (let kill = 0; kill < KILLS; kill++) {
      const killed = new Promise<void>((resolve, reject) => {
        issuer.atNext(moment, () => void ferry.kill().then(resolve, reject));
      });
      await untilAsked(1);
      await killed;
      ferry = await start();
      await until("online");
      await untilCopied();
    }
    expect((await status()).device_id).toBe(device);
  });
});

describe("the login ends", () => {
  test("where the issuer says so, and a new one carries the link on", { timeout: 120_000 }, async () => {
    issuer.endAll("kim");
    await until("logged-out");
    await logIn();
    await until("online");
    expect((await status()).device_id).not.toBe(device);
    device = (await status()).device_id;
    await untilCopied();
  });

  test("at the issuer too where the user logs out", { timeout: 60_000 }, async () => {
    const refreshToken = stored("refresh-token");
    expect(await issuer.knows(refreshToken)).toBe(true);
    expect((await ferry.cli("logout", "--json")).status).toBe(0);
    expect(await issuer.knows(refreshToken)).toBe(false);
    expect(stored("refresh-token")).toBe("");
  });

  test("before it has begun where the user says no", { timeout: 60_000 }, async () => {
    await browser.forget();
    const { address, ended } = await beginBrowserLogin(dataDir, synapse.url);
    expect(await browser.refuse(address)).toContain("The login was not completed.");
    expect((await ended).stderr).toContain("login-refused");
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { EFFORT } from "../support/effort.ts";
import { OauthWorld } from "../support/oauth-world.ts";

/** What goes wrong while tokens are renewed that last a few seconds. */

/** Of each kind. */
const KILLS = Math.ceil(0.3 * EFFORT);

let world: OauthWorld;

beforeAll(async () => {
  world = await OauthWorld.create();
  await world.logIn();
  await world.ferry.link([world.kitchen, world.workshop]);
});

afterAll(() => world.end());

test.each([
  ["slows down", 429, '{"error":"slow_down"}'],
  ["slows down as a homeserver does", 429, '{"errcode":"M_LIMIT_EXCEEDED","error":"too fast"}'],
  ["has a problem of its own", 503, "<html>down</html>"],
  ["is behind something that refuses", 403, '{"error":"access_denied"}'],
])("the login lasts where the issuer %s meanwhile", async (_what, code, body) => {
  world.issuer.refuseNext(code, body);
  await world.untilAsked(2);
  await world.untilCopied();
  await world.until("online");
  expect((await world.status()).device_id).toBe(world.device);
});

test.each(["request", "answer"] as const)(
  "the login lasts over kills at the %s",
  { timeout: 60_000 + KILLS * 40_000 },
  async (moment) => {
    for (let kill = 0; kill < KILLS; kill++) await world.killAtTokens(moment);
    expect((await world.status()).device_id).toBe(world.device);
  },
);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { startFerry, type Ferry } from "../support/ferry.ts";
import { letRunOut } from "../support/run-out.ts";
import { startSynapse, type Synapse } from "../support/synapse.ts";
import { pause } from "../support/talking.ts";
import { until } from "../support/until.ts";

/** A homeserver whose own logins run out: tokens that are renewed by `/refresh`, and a login that goes on. */

const LIFETIMES = {
  nonrefreshable_access_token_lifetime: "60s",
  refreshable_access_token_lifetime: "2s",
  refresh_token_lifetime: "1h",
};

const dataDir = temporaryFolder("ferry-refresh-");
let synapse: Synapse;
let ferry: Ferry;
let device: string;

beforeAll(async () => {
  synapse = await startSynapse({ configure: async () => LIFETIMES });
  await synapse.register("kim", "p");
  ferry = await start();
});

afterAll(async () => {
  await ferry.kill();
  await synapse.stop();
  removeFolder(dataDir);
});

async function start(): Promise<Ferry> {
  const started = startFerry({ dataDir });
  await started.waitReady();
  return started;
}

interface Status {
  connection: string;
  device_id: string;
}

async function untilIs(connection: string): Promise<Status> {
  const status = async (): Promise<Status> => (await ferry.cli("status", "--json")).json as Status;
  await until(
    async () => (await status()).connection === connection,
    60_000,
    () => `Ferry was not ${connection}.`,
  );
  return status();
}

function refreshToken(): string | undefined {
  const { entries } = JSON.parse(readFileSync(join(dataDir, "secrets-not-encrypted.json"), "utf8")) as {
    entries: Record<string, string>;
  };
  return Object.entries(entries).find(([name]) => name.endsWith("/refresh-token"))?.[1];
}

test("a login whose token would run out gets one that is renewed", { timeout: 90_000 }, async () => {
  await ferry.login(synapse.url, "kim", "p");
  device = (await untilIs("online")).device_id;
  const first = refreshToken();
  expect(first).toMatch(/^syr_/);
  await ferry.kill();
  await pause(2_500);
  ferry = await start();
  await untilIs("online");
  expect(refreshToken()).not.toBe(first);
});

test(
  "one that cannot be renewed any more is logged out, and goes on as the same device",
  { timeout: 120_000 },
  async () => {
    await ferry.stop();
    await letRunOut(synapse, device);
    ferry = await start();
    await untilIs("logged-out");
    await ferry.login(synapse.url, "kim", "p");
    expect((await untilIs("online")).device_id).toBe(device);
  },
);

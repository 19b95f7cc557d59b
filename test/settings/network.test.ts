import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findChromium } from "../../main/host/find-chromium.ts";
import { readPageFile } from "../../main/host/page-files.ts";
import { fakeHandlers } from "../support/fake-control.ts";
import { temporaryFolder } from "../support/cleanup.ts";
import { attempts, startProbe, type Attempt, type Probe } from "../support/network-probe.ts";
import { openSettings, PAGES } from "../support/settings-page.ts";

/**
 * Two walls stand around the settings page: its security policy, and the window. Each is shown to hold without the
 * other, and each attempt is shown to get through where there is neither.
 */

const ADDRESS = "https://settings.ferry.invalid/";
/** How long something that was stopped might still be under way, in milliseconds. */
const QUIET_MS = 250;

interface Opened {
  /** The page as it is when it has just been loaded. */
  load(): Promise<Page>;
  close(): Promise<void>;
}

/** The page's files in a browser that stops nothing. */
async function openWithoutWindow(bypassCSP: boolean): Promise<Opened> {
  const context = await chromium.launchPersistentContext(temporaryFolder("ferry-network-"), {
    bypassCSP,
    executablePath: findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-features=LocalNetworkAccessChecks"],
  });
  await context.route(`${ADDRESS}**`, async (route) => {
    const file = await readPageFile(PAGES, "settings", new URL(route.request().url()).pathname, { connect: [] });
    await route.fulfill(file === null ? { status: 404 } : { status: 200, headers: file.headers, body: file.body });
  });
  const load = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(ADDRESS);
    // What an earlier attempt has opened, and where it went.
    for (const other of context.pages()) if (other !== page) await other.close();
    return page;
  };
  return { load, close: () => context.close() };
}

async function openWindow(bypassPolicy: boolean): Promise<Opened> {
  const settings = await openSettings({ handlers: fakeHandlers() });
  const { page } = settings;
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: bypassPolicy });
  const load = async (): Promise<Page> => {
    await page.goto(ADDRESS);
    return page;
  };
  return { load, close: () => settings.end() };
}

/** Each attempt has a probe of its own: no connection is left over from another. */
async function attempt(page: Page, { script }: Attempt, probe: Probe): Promise<void> {
  const host = `127.0.0.1:${probe.port}`;
  // What is refused may throw at once.
  await page.evaluate(`try { const host = "${host}", http = "http://" + host + "/"; ${script}; } catch {} undefined`);
}

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

type Outcome = (probe: Probe) => void | Promise<void>;

const somethingArrives: Outcome = (probe) =>
  expect.poll(() => probe.connections() + probe.messages(), { timeout: 10_000 }).toBeGreaterThan(0);

const nothingArrives: Outcome = (probe) => {
  expect(probe).toSatisfy((counted: Probe) => counted.connections() + counted.messages() === 0);
};

/** Chromium connects ahead to where a frame or a form is to go, before it asks the policy, which is why there are two walls. */
const nothingIsSaid: Outcome = (probe) => {
  expect(probe.messages()).toBe(0);
};

type Surroundings = [name: string, open: () => Promise<Opened>, outcome: (attempt: Attempt) => Outcome];
const surroundings: Surroundings[] = [
  ["without either wall", () => openWithoutWindow(true), () => somethingArrives],
  [
    "behind the policy",
    () => openWithoutWindow(false),
    ({ inPolicy }) => (inPolicy ? nothingIsSaid : somethingArrives),
  ],
  ["in the window, without the policy", () => openWindow(true), () => nothingArrives],
];

const named = (chosen: Attempt[]): (readonly [string, Attempt])[] => chosen.map((one) => [one.name, one]);

describe.each(surroundings)("%s", (_name, open, outcome) => {
  let opened: Opened;
  const probes = new Map<Attempt, Probe>();
  const start = async (page: Page, one: Attempt): Promise<void> => {
    const probe = await startProbe();
    probes.set(one, probe);
    await attempt(page, one, probe);
  };
  const check = (one: Attempt): void | Promise<void> => {
    const probe = probes.get(one);
    if (probe === undefined) throw new Error("This was not attempted.");
    return outcome(one)(probe);
  };
  beforeAll(async () => {
    opened = await open();
    const page = await opened.load();
    for (const one of attempts.filter(({ leaves }) => !leaves)) await start(page, one);
    await quiet();
  });
  afterAll(async () => {
    await opened.close();
    for (const probe of probes.values()) await probe.close();
  });

  test.each(named(attempts.filter(({ leaves }) => !leaves)))("%s", (_name, one) => check(one));

  test.each(named(attempts.filter(({ leaves }) => leaves)))("%s", async (_name, one) => {
    await start(await opened.load(), one);
    await quiet();
    await check(one);
  });
});

test("in the window, behind both, the whole browser looks up no name and opens no connection", async () => {
  const folder = temporaryFolder("ferry-network-");
  const log = join(folder, "log.json");
  const browser = join(folder, "browser");
  writeFileSync(browser, `#!/bin/sh\nexec '${findChromium()}' "$@" '--log-net-log=${log}'\n`, { mode: 0o700 });
  vi.stubEnv("FERRY_CHROMIUM", browser);
  const opened = await openWindow(false).finally(() => vi.unstubAllEnvs());
  const probe = await startProbe();
  const page = await opened.load();
  for (const one of [...attempts, lookUp, serviceWorker]) await attempt(page, one, probe);
  await quiet();
  await opened.close();
  await probe.close();
  expect(probe.connections() + probe.messages()).toBe(0);
  const seen = eventsIn(log);
  // It is a log, and of this very browser.
  expect(seen).toContain("URL_REQUEST_START_JOB");
  expect(seen.filter((name) => LEAVING.includes(name))).toEqual([]);
}, 60_000);

const lookUp: Attempt = {
  name: "a name to look up ahead",
  script: `document.head.append(Object.assign(document.createElement("link"), { rel: "dns-prefetch", href: "http://example.org/" }))`,
  inPolicy: false,
  leaves: false,
};
const serviceWorker: Attempt = {
  name: "a service worker",
  script: `navigator.serviceWorker.register("/assets/worker.js")`,
  inPolicy: false,
  leaves: false,
};

/** What Chromium notes when it looks up a name, connects, or sends a datagram. */
const LEAVING = [
  "HOST_RESOLVER_MANAGER_JOB",
  "HOST_RESOLVER_DNS_TASK",
  "HOST_RESOLVER_SYSTEM_TASK",
  "TCP_CONNECT_ATTEMPT",
  "UDP_BYTES_SENT",
];

/** The names of what stands in Chromium's log of its network. */
function eventsIn(log: string): string[] {
  const { constants, events } = JSON.parse(readFileSync(log, "utf8")) as {
    constants: { logEventTypes: Record<string, number> };
    events: { type: number }[];
  };
  // Under other names it would show nothing.
  expect(Object.keys(constants.logEventTypes)).toEqual(expect.arrayContaining(LEAVING));
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, type]) => [type, name]));
  return [...new Set(events.map(({ type }) => names.get(type) ?? "unknown"))];
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
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

/** A new one for each attempt: no connection is left over from the one before. */
let probe: Probe;
beforeEach(async () => {
  probe = await startProbe();
});
afterEach(() => probe.close());

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

async function attempt(page: Page, { script }: Attempt): Promise<void> {
  const host = `127.0.0.1:${probe.port}`;
  // What is refused may throw at once.
  await page.evaluate(`try { const host = "${host}", http = "http://" + host + "/"; ${script}; } catch {} undefined`);
}

const somethingArrives = (): Promise<void> =>
  expect.poll(() => probe.connections() + probe.messages(), { timeout: 10_000 }).toBeGreaterThan(0);

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

async function nothingArrives(): Promise<void> {
  await quiet();
  expect(probe).toSatisfy((counted: Probe) => counted.connections() + counted.messages() === 0);
}

/** Chromium connects ahead to where a frame or a form is to go, before it asks the policy, which is why there are two walls. */
async function nothingIsSaid(): Promise<void> {
  await quiet();
  expect(probe.messages()).toBe(0);
}

type Surroundings = [name: string, open: () => Promise<Opened>, outcome: (attempt: Attempt) => () => Promise<void>];
const surroundings: Surroundings[] = [
  ["without either wall", () => openWithoutWindow(true), () => somethingArrives],
  [
    "behind the policy",
    () => openWithoutWindow(false),
    ({ inPolicy }) => (inPolicy ? nothingIsSaid : somethingArrives),
  ],
  ["in the window, without the policy", () => openWindow(true), () => nothingArrives],
];

describe.each(surroundings)("%s", (_name, open, outcome) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  test.each(attempts.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    await attempt(await opened.load(), one);
    await outcome(one)();
  });
});

test("in the window, behind both, the whole browser looks up no name and opens no connection", async () => {
  const folder = temporaryFolder("ferry-network-");
  const log = join(folder, "log.json");
  const browser = join(folder, "browser");
  writeFileSync(browser, `#!/bin/sh\nexec '${findChromium()}' "$@" '--log-net-log=${log}'\n`, { mode: 0o700 });
  vi.stubEnv("FERRY_CHROMIUM", browser);
  const opened = await openWindow(false).finally(() => vi.unstubAllEnvs());
  const page = await opened.load();
  for (const one of [...attempts, lookUp, serviceWorker]) await attempt(page, one);
  await quiet();
  await opened.close();
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
};
const serviceWorker: Attempt = {
  name: "a service worker",
  script: `navigator.serviceWorker.register("/assets/worker.js")`,
  inPolicy: false,
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

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openChromiumHost } from "../../main/host/chromium-host.ts";
import type { Host, Page, Reach } from "../../main/host/host.ts";
import { removeFolder, temporaryFolder } from "../support/cleanup.ts";
import { killAll, processesNaming } from "../support/processes.ts";
import { SILENT } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

/** What every host promises of the engine page (`main/host/host.ts`), shown on a page that does what it is told. */

const PAGE = `
  const answers = {
    echo: async (text) => text,
    hang: async () => { for (;;); },
    keep: async (text) => { localStorage.setItem("kept", text); return "kept"; },
    kept: async () => String(localStorage.getItem("kept")),
    fetch: async (address) => fetch(address, { mode: "no-cors" }).then(() => "reached", () => "kept from it"),
    leave: async (address) => { location.href = address; return "leaving"; },
  };
  window.ferryLoaded = Promise.resolve();
  window.ferry.onReceive(async (text) => {
    const [word, ...rest] = text.split(" ");
    await window.ferry.send(word + ": " + (await answers[word](rest.join(" "))));
  });
`;

let folder: string;
let host: Host;
let asked: string[];
let inside: Reach;
let outside: string;
const servers = [server(), server()];

beforeAll(async () => {
  const addresses = await Promise.all(servers.map(({ address }) => address));
  inside = { connect: [addresses[0] ?? ""], homeserver: addresses[0] ?? "" };
  outside = addresses[1] ?? "";
});

afterAll(() => {
  for (const { close } of servers) close();
});

beforeEach(async () => {
  asked = [];
  folder = temporaryFolder("host-");
  for (const name of ["engine", "assets"]) mkdirSync(join(folder, "pages", name), { recursive: true });
  writeFileSync(join(folder, "pages/assets/page.js"), PAGE);
  writeFileSync(join(folder, "pages/engine/index.html"), '<script type="module" src="../assets/page.js"></script>');
  host = await openHost();
});

afterEach(async () => {
  await host.close();
  removeFolder(folder);
});

test("what is said to the page arrives in order, and so does what it says", async () => {
  const page = await host.openEngine(inside);
  const { channel } = page;
  const words = Array.from({ length: 200 }, (_, index) => `${index} ${"ä".repeat(index)}`);
  const heard: string[] = [];
  channel.onReceive((text) => void heard.push(text));
  for (const word of words) void channel.send(`echo ${word}`);
  await until(
    () => heard.length === words.length,
    20_000,
    () => `${heard.length} of ${words.length} answers came`,
  );
  expect(heard).toEqual(words.map((word) => `echo: ${word}`));
});

test("one page after the other: the next is a new one, with what the last one has stored", async () => {
  const first = await host.openEngine(inside);
  const gone: string[] = [];
  first.onGone((reason) => void gone.push(reason));
  expect(await said(first, "keep bread")).toBe("keep: kept");
  await first.close();
  await expect(first.channel.send("echo again")).rejects.toThrow();
  const second = await host.openEngine(inside);
  expect(await said(second, "kept")).toBe("kept: bread");
  await second.close();
  // Whoever closes a page is not told that it is gone.
  expect(gone).toEqual([]);
  await host.close();
  host = await openHost();
  expect(await said(await host.openEngine(inside), "kept")).toBe("kept: bread");
});

test("the page reaches what it may, and nothing else", async () => {
  const page = await host.openEngine(inside);
  expect(await said(page, `fetch ${inside.homeserver}/inside`)).toBe("fetch: reached");
  expect(await said(page, `fetch ${outside}/outside`)).toBe("fetch: kept from it");
  expect(asked).toEqual(["/inside"]);
});

test("a page that goes elsewhere is gone, and hears nothing any more", async () => {
  const page = await host.openEngine(inside);
  const gone = new Promise((resolve) => page.onGone(resolve));
  await page.channel.send(`leave ${inside.homeserver}/elsewhere`);
  expect(await gone).toBe("the engine page went elsewhere");
  await expect(page.channel.send("echo secret")).rejects.toThrow();
});

test("a page that hangs can be closed, and another one opened", async () => {
  const page = await host.openEngine(inside);
  // The page never answers that it has heard this.
  void Promise.resolve(page.channel.send("hang")).catch(() => undefined);
  await page.close();
  expect(await said(await host.openEngine(inside), "echo here")).toBe("echo: here");
});

test("where the browser dies the page is gone, and another host takes its place", async () => {
  const page = await host.openEngine(inside);
  const gone = new Promise((resolve) => page.onGone(resolve));
  killAll(undefined, folder);
  expect(await gone).toMatch(/closed|ended|crashed/);
  await host.close().catch(() => undefined);
  host = await openHost();
  expect(await said(await host.openEngine(inside), "echo here")).toBe("echo: here");
});

test("nothing runs besides the page", async () => {
  const page = await host.openEngine(inside);
  await page.close();
  await host.openEngine(inside);
  // One is kept by Chromium for the next page, whatever that will be.
  expect(renderers()).toBeLessThanOrEqual(2);
});

function openHost(): Promise<Host> {
  return openChromiumHost({ profileDir: join(folder, "profile"), pagesDir: join(folder, "pages"), logger: SILENT });
}

async function said(page: Page, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => page.channel.onReceive(resolve));
  await page.channel.send(text);
  return answer;
}

/** How many processes of the browser run pages. */
function renderers(): number {
  const commands = processesNaming(folder).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  return commands.filter((command) => command.includes("--type=renderer")).length;
}

/** A server that says yes to everything, and notes what it was asked for. */
function server(): { address: Promise<string>; close: () => void } {
  const http = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*").end("yes");
  });
  const address = new Promise<string>((resolve) => {
    http.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}`));
  });
  return { address, close: () => void http.close() };
}

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CDPSession } from "playwright-core";
import { afterAll, beforeEach, expect, test } from "vitest";
import { LONGEST_TEXT, openSettingsWindow, type SettingsWindow } from "../../main/host/chromium-window.ts";
import { temporaryFolder } from "../support/cleanup.ts";
import { PAGES } from "../support/settings-page.ts";

/** The window that the settings page is in, seen from the host's end. */

let profileDir: string;
let window: SettingsWindow;
let session: CDPSession;
let isOpen = false;
const heard: string[] = [];
const opened: string[] = [];

/** A test that ends the window leaves it to the next to open another one. */
beforeEach(async () => {
  heard.length = 0;
  opened.length = 0;
  if (isOpen) return;
  profileDir = join(temporaryFolder("ferry-window-"), "window");
  const mayOpen = (address: string): boolean => address !== "https://example.org/other";
  const openOutside = (address: string): void => void opened.push(address);
  window = await openSettingsWindow({ pagesDir: PAGES, profileDir, mayOpen, openOutside, headless: true });
  isOpen = true;
  void window.closed.then(() => (isOpen = false));
  window.channel.onReceive((text) => heard.push(text));
  session = await window.page.context().newCDPSession(window.page);
});
afterAll(() => window.close());

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

/** In the page's own world, where its scripts run. */
async function inPage(script: string): Promise<void> {
  await session.send("Runtime.evaluate", { expression: script, userGesture: true });
}

test("what is typed into it is not written to disk", async () => {
  const typed = "EsTx A1b2 C3d4 canary";
  await inPage(`document.body.append(Object.assign(document.createElement("input"), { id: "typed" }))`);
  await window.page.locator("#typed").fill(typed);
  await inPage(`localStorage.setItem("typed", "${typed}")`);
  // Chromium writes what it remembers of a page within 2.5 seconds.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const files = readdirSync(profileDir, { recursive: true, encoding: "utf8" }).map((name) => join(profileDir, name));
  const written = files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  expect(written.length).toBeGreaterThan(10);
  for (const needle of [Buffer.from("canary"), Buffer.from("canary", "utf16le")]) {
    expect(written.filter((file) => readFileSync(file).includes(needle))).toEqual([]);
  }
});

test("the page is heard, and nothing inside it", async () => {
  heard.length = 0;
  await inPage(`
    const frame = document.createElement("iframe");
    document.body.append(frame);
    window.had = typeof frame.contentWindow.ferrySend;
    try { frame.contentWindow.ferrySend("from a frame") } catch {}
    ferry.send("from the page");`);
  await expect.poll(() => heard).toContain("from the page");
  await settled();
  expect(heard).not.toContain("from a frame");
  expect(await window.page.evaluate("had")).toBe("function");
});

test("may be loaded again", async () => {
  await window.page.reload();
  await expect.poll(() => heard.filter((text) => text.includes(`"status"`)).length).toBe(1);
});

test("does not go back to what was there while the browser started", async () => {
  await inPage("history.back()");
  await window.page.keyboard.press("Alt+ArrowLeft");
  await settled();
  expect(window.page.url()).toBe("https://settings.ferry.invalid/");
  await window.page.getByRole("heading").first().waitFor();
});

test.each([
  ["another origin", `location.href = "https://example.org/"`],
  ["another address on its own", `location.href = "/elsewhere"`],
  ["a file of its own", `location.href = document.scripts[0].src`],
])("does not go to %s", async (_what, script) => {
  await inPage(script);
  await settled();
  await window.page.getByRole("heading").first().waitFor();
  expect(window.page.url()).toBe("https://settings.ferry.invalid/");
});

test("links are followed by the system's browser, where the user follows them, and the address is one for it", async () => {
  const links = ["https://example.org/help?a=b", "http://example.org/", "https://example.org/other", "#here"];
  await inPage(`
    document.body.replaceChildren(...${JSON.stringify(links)}.map((href) =>
      Object.assign(document.createElement("a"), { href, textContent: href, target: href === "#here" ? "" : "_blank" })));
    for (const link of document.links) link.click();`);
  await settled();
  expect(opened).toEqual([]);
  for (const link of links) await window.page.getByText(link, { exact: true }).click();
  await window.page.getByText(links[0] ?? "").click({ button: "middle" });
  await expect.poll(() => opened).toEqual([links[0], links[0]]);
  await inPage(`window.ferryOpen?.("https://example.org/script"); window.open("https://example.org/script")`);
  await settled();
  expect(opened).toEqual([links[0], links[0]]);
});

test("another window or tab is closed at once", async () => {
  await inPage(`open("about:blank"); open("/"); open("https://example.org/")`);
  await expect.poll(() => window.page.context().pages().length).toBe(1);
  await window.page
    .context()
    .newPage()
    .catch(() => undefined);
  await expect.poll(() => window.page.context().pages()).toEqual([window.page]);
});

test("nothing is downloaded, and nothing is granted", async () => {
  const ends: string[] = [];
  await session.send("Page.enable");
  session.on("Page.downloadWillBegin", () => ends.push("begun"));
  session.on("Page.downloadProgress", ({ state }) => ends.push(state));
  await inPage(`Object.assign(document.createElement("a"), { download: "x", href: "data:text/plain,x" }).click()`);
  await expect.poll(() => ends).toContain("canceled");
  expect(ends).not.toContain("completed");
  const names = ["geolocation", "notifications", "camera", "microphone", "clipboard-read", "local-network-access"];
  const states = await window.page.evaluate(
    (each) => Promise.all(each.map(async (name) => (await navigator.permissions.query({ name } as never)).state)),
    names,
  );
  expect(states).toEqual(names.map(() => "denied"));
});

test("ends when it is closed, and leaves nothing behind", async () => {
  expect(statSync(profileDir).mode & 0o777).toBe(0o700);
  await window.page.close();
  expect(await window.closed).toBeNull();
  expect(existsSync(profileDir)).toBe(false);
});

test("a page that sends more than it ever has to is closed", async () => {
  await inPage(`ferry.send("x".repeat(${LONGEST_TEXT}))`);
  await expect.poll(() => heard.filter((text) => text.startsWith("x")).length).toBe(1);
  await inPage(`ferry.send("x".repeat(${LONGEST_TEXT + 1}))`);
  expect(await window.closed).toBe("The settings page sent more than it may.");
  expect(heard.filter((text) => text.startsWith("x")).length).toBe(1);
});

test.each([
  ["a blank page", `location.href = "about:blank"`],
  ["a page of its own making", `location.href = URL.createObjectURL(new Blob(["x"], { type: "text/html" }))`],
])("ends where %s comes in the page's place", async (_what, script) => {
  await inPage(script);
  expect(await window.closed).toBe("The settings page went elsewhere.");
});

import { describe, expect, test } from "vitest";
import type { PermissionRequest, Session, WebContents } from "electron";
import { secureContents, secureSession } from "../../main/desktop/security.ts";
import { mayOpenOutside } from "../../main/host/outside.ts";
import type { PageName } from "../../main/host/page-files.ts";
import { FakeContents, FakeSession } from "./fakes.ts";

const network = ["local-network-access", "local-network", "loopback-network"];
const others = ["media", "geolocation", "notifications", "clipboard-read", "openExternal", "fileSystem", "unknown"];

const cases: [PageName, string, string, boolean][] = [
  ...network.map((name): [PageName, string, string, boolean] => ["engine", name, "ferry://engine/", true]),
  ["engine", "persistent-storage", "ferry://engine/", true],
  ...others.map((name): [PageName, string, string, boolean] => ["engine", name, "ferry://engine/", false]),
  ["engine", "local-network", "https://example.org/", false],
  ["engine", "local-network", "ferry://settings/", false],
  ["engine", "local-network", "", false],
  ...[...network, ...others, "persistent-storage"].map((name): [PageName, string, string, boolean] => [
    "settings",
    name,
    "ferry://settings/",
    false,
  ]),
];

type Permission = Parameters<NonNullable<Parameters<Session["setPermissionCheckHandler"]>[0]>>[1];

function secured(page: PageName): FakeSession {
  const session = new FakeSession();
  secureSession(session.real, page);
  return session;
}

function requested(page: PageName, permission: string, requestingUrl: string, isMainFrame = true): boolean | null {
  let answer: boolean | null = null;
  const details: PermissionRequest = { requestingUrl, isMainFrame };
  const contents = new FakeContents() as unknown as WebContents;
  secured(page).request?.(contents, permission as Permission, (granted) => (answer = granted), details);
  return answer;
}

describe("permissions", () => {
  test.each(cases)("%s page, %s, asked by %s: %s", (page, permission, address, expected) => {
    expect(secured(page).check?.(null, permission as Permission, address, { isMainFrame: true })).toBe(expected);
    expect(requested(page, permission, address)).toBe(expected);
  });

  test("a frame in the page gets nothing", () => {
    expect(requested("engine", "local-network", "ferry://engine/", false)).toBe(false);
  });

  test("devices are refused", () => {
    expect(secured("engine").device?.({} as never)).toBe(false);
  });
});

test("downloads are refused", () => {
  let prevented = false;
  secured("engine").emit("will-download", { preventDefault: () => (prevented = true) });
  expect(prevented).toBe(true);
});

test.each([
  ["ferry://settings/index.html", false],
  ["ferry://engine/index.html", true],
  ["https://example.org/", true],
  ["wss://example.org/", true],
  ["http://127.0.0.1/", true],
  ["data:text/plain,x", true],
])("a request of the settings page to %s is cancelled: %s", (url, expected) => {
  let cancelled: boolean | undefined;
  secured("settings").beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel));
  expect(cancelled).toBe(expected);
});

describe("a page's window", () => {
  test.each(["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"])("%s", (event) => {
    const contents = new FakeContents();
    secureContents(contents as unknown as WebContents);
    let prevented = false;
    contents.emit(event, { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
    expect(contents.webRtcPolicy).toBe("disable_non_proxied_udp");
  });

  test.each([
    ["https://example.org/help", true],
    ["http://example.org/", false],
    ["https://name:word@example.org/", false],
    ["file:///etc/passwd", false],
    ["javascript:alert(1)", false],
    ["ferry://engine/", false],
    ["matrix:u/ana:example.org", false],
    ["no address", false],
  ])("a link to %s goes to the system's browser: %s; a window never opens", (url, outside) => {
    const contents = new FakeContents();
    const opened: string[] = [];
    secureContents(contents as unknown as WebContents, (address) => opened.push(address));
    expect(contents.openWindow({ url })).toEqual({ action: "deny" });
    expect(opened).toEqual(outside ? [url] : []);
    expect(mayOpenOutside(url)).toBe(outside);
  });

  test("the engine page opens nothing at all", () => {
    const contents = new FakeContents();
    secureContents(contents as unknown as WebContents);
    expect(contents.openWindow({ url: "https://example.org/" })).toEqual({ action: "deny" });
  });
});

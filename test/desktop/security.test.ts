import { describe, expect, test } from "vitest";
import { EventEmitter } from "node:events";
import type { App, PermissionRequest, Session, WebContents } from "electron";
import { closeDefaultSession, guardApp } from "../../main/desktop/guard.ts";
import { secureContents, secureSession } from "../../main/desktop/security.ts";
import { createLoginLink, mayOpenForLogin, mayOpenOutside } from "../../main/host/outside.ts";
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
  secureSession(session.real, page, () => ["https://matrix.example.org", "http://localhost:*"]);
  return session;
}

function requested(page: PageName, permission: string, requestingUrl: string, isMainFrame = true): boolean | null {
  let answer: boolean | null = null;
  const details: PermissionRequest = { requestingUrl, isMainFrame };
  const contents = new FakeContents() as unknown as WebContents;
  secured(page).request?.(contents, permission as Permission, (granted) => (answer = granted), details);
  return answer;
}

test.each([
  [false, true],
  [true, false],
])("developer tools load their own files where they may be opened, and nowhere else: %s", (development, isStopped) => {
  const session = new FakeSession();
  secureSession(session.real, "settings", () => [], development);
  const stopped: unknown[] = [];
  for (const url of ["devtools://devtools/bundled/inspector.html", "https://example.org/"]) {
    session.beforeRequest?.({ url }, ({ cancel }) => stopped.push(cancel));
  }
  expect(stopped).toEqual([isStopped, true]);
});

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

describe("a net below Ferry's own pages", () => {
  function create(development = false) {
    const app = new EventEmitter();
    const logged: unknown[][] = [];
    guardApp(app as unknown as App, development, { warn: (...values) => logged.push(values) });
    return { app, logged };
  }

  test.each(["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"])(
    "contents are shut in from their first moment: %s",
    (event) => {
      const { app } = create();
      const contents = new FakeContents();
      app.emit("web-contents-created", {}, contents);
      let prevented = false;
      contents.emit(event, { preventDefault: () => (prevented = true) });
      expect(prevented).toBe(true);
      expect(contents.openWindow({ url: "https://example.org/" })).toEqual({ action: "deny" });
      expect(contents.closed).toBe(false);
    },
  );

  test.each([
    ["webview", false, true],
    ["backgroundPage", false, true],
    ["browserView", false, true],
    ["offscreen", false, true],
    ["remote", false, true],
    ["remote", true, false],
    ["window", false, false],
  ])("contents of the kind %s (in a checkout: %s) are closed: %s", async (kind, development, closed) => {
    const { app, logged } = create(development);
    const contents = new FakeContents();
    contents.type = kind;
    app.emit("web-contents-created", {}, contents);
    await Promise.resolve();
    expect(contents.closed).toBe(closed);
    expect(logged).toEqual(closed ? [["foreign-contents-closed", { kind }]] : []);
  });

  test("a session has no permission until somebody gives it one", () => {
    const { app } = create();
    const session = new FakeSession();
    app.emit("session-created", session);
    let granted: boolean | null = null;
    const details: PermissionRequest = { requestingUrl: "ferry://engine/", isMainFrame: true };
    session.request?.(null as never, "media", (answer) => (granted = answer), details);
    expect(granted).toBe(false);
    expect(session.check?.(null, "media", "ferry://engine/", { isMainFrame: true })).toBe(false);
    expect(session.device?.({} as never)).toBe(false);
    let prevented = false;
    session.emit("will-download", { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });

  test.each(["https://example.org/", "ferry://engine/index.html", "http://127.0.0.1/", "file:///etc/passwd"])(
    "Electron's own session does not reach %s",
    (url) => {
      const session = new FakeSession();
      closeDefaultSession(session.real);
      let cancelled: boolean | undefined;
      session.beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel));
      expect(cancelled).toBe(true);
    },
  );

  test("a certificate that the system does not trust is refused, and the log says so without the address", () => {
    const { app, logged } = create();
    let prevented = false;
    const answers: boolean[] = [];
    const event = { preventDefault: () => (prevented = true) };
    const answer = (isTrusted: boolean): void => void answers.push(isTrusted);
    app.emit("certificate-error", event, {}, "https://x.example/secret", "net::ERR_CERT_AUTHORITY_INVALID", {}, answer);
    expect([prevented, answers]).toEqual([true, [false]]);
    expect(logged).toEqual([["certificate-refused", { error: "net::ERR_CERT_AUTHORITY_INVALID" }]]);
  });

  test("nobody is shown the user's own certificates", () => {
    const { app } = create();
    let prevented = false;
    const answers: unknown[][] = [];
    const event = { preventDefault: () => (prevented = true) };
    const answer = (...values: unknown[]): void => void answers.push(values);
    app.emit("select-client-certificate", event, {}, "https://x.example", [{ subjectName: "Ana" }], answer);
    expect([prevented, answers]).toEqual([true, [[]]]);
  });
});

test("downloads are refused", () => {
  let prevented = false;
  secured("engine").emit("will-download", { preventDefault: () => (prevented = true) });
  expect(prevented).toBe(true);
});

describe("requests below the security policy", () => {
  const cases: [PageName, string, boolean][] = [
    ["settings", "ferry://settings/index.html", true],
    ["settings", "ferry://engine/index.html", false],
    ["settings", "https://example.org/", false],
    ["settings", "https://matrix.example.org/", false],
    ["settings", "wss://example.org/", false],
    ["settings", "http://127.0.0.1/", false],
    ["settings", "data:text/plain,x", false],
    ["engine", "ferry://engine/assets/a.js", true],
    ["engine", "ferry://settings/index.html", false],
    ["engine", "https://matrix.example.org/_matrix/client/v3/sync", true],
    ["engine", "http://localhost:8008/_matrix", true],
    ["engine", "https://matrix.example.org:8448/", false],
    ["engine", "http://matrix.example.org/", false],
    ["engine", "wss://matrix.example.org/", false],
    ["engine", "https://matrix.example.org.evil.example/", false],
    ["engine", "https://evil.example/?https://matrix.example.org", false],
    ["engine", "ftp://matrix.example.org/", false],
    ["engine", "file:///etc/passwd", false],
    ["engine", "no address", false],
    ["engine", "blob:ferry://engine/1", true],
  ];
  test.each(cases)("of the %s page to %s go out: %s", (page, url, expected) => {
    let cancelled: boolean | undefined;
    secured(page).beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel));
    expect(cancelled).toBe(!expected);
  });
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

  test.each([
    ["https://id.example.org/auth?x=1", true],
    ["http://127.0.0.1:8008/_matrix/client/v3/login/sso/redirect", true],
    ["https://name:word@example.org/", false],
    ["file:///etc/passwd", false],
    ["javascript:alert(1)", false],
    ["ms-msdt:/id PCWDiagnostic", false],
    ["smb://host/share", false],
    ["search-ms:query=x", false],
    ["no address", false],
  ])("%s, named by a homeserver for logging in, may be opened: %s", (address, expected) => {
    expect(mayOpenForLogin(address)).toBe(expected);
  });

  test("only the login address that main has named last may be opened by the settings page", () => {
    const link = createLoginLink();
    const address = "https://id.example.org/auth?x=1";
    expect(link.allows(address)).toBe(false);
    link.hand("https://ID.example.org/auth?x=1");
    expect([link.allows(address), link.allows(`${address}&y=2`), link.allows("no address")]).toEqual([
      ...[true, false, false],
    ]);
    link.hand("http://127.0.0.1:8008/login");
    expect([link.allows(address), link.allows("http://127.0.0.1:8008/login")]).toEqual([false, false]);
  });

  test("the engine page opens nothing at all", () => {
    const contents = new FakeContents();
    secureContents(contents as unknown as WebContents);
    expect(contents.openWindow({ url: "https://example.org/" })).toEqual({ action: "deny" });
  });
});

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { FerryError } from "../matrix/errors.ts";
import type { Channel } from "../protocol/rpc.ts";
import { freeProfile } from "./browser-profile.ts";
import { openChannel } from "./chromium-channel.ts";
import { fulfilmentOf } from "./chromium-files.ts";
import { launchChromium } from "./chromium-launch.ts";
import { findChromium } from "./find-chromium.ts";

/** Made up, and by RFC 2606 nobody's: what is on it comes from Ferry's own files. */
const ORIGIN = "https://settings.ferry.invalid";
const ADDRESS = `${ORIGIN}/`;

/** The longest text that is taken from the page at once, in UTF-16 units: what it may ask for is short. */
export const LONGEST_TEXT = 128 * 1024;

/**
 * An application window begins with an empty page, and not with Ferry's: that would be asked for before anybody answers,
 * and a start that fails while Playwright attaches to it is one that Playwright waits for in vain (2 of 100 did).
 *
 * Below the page's security policy nothing leaves this browser: no name has an address, the proxy that all would go
 * through is nowhere, and WebRTC must use it, too. Nothing is kept of what is typed into a private window. The last
 * switch keeps Chromium from warning of the others.
 */
const SWITCHES = [
  "--app=data:text/html,",
  "--window-size=760,560",
  "--class=Ferry",
  "--incognito",
  "--host-resolver-rules=MAP * ~NOTFOUND",
  "--proxy-server=socks5://nowhere.invalid:1",
  "--proxy-bypass-list=<-loopback>",
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--test-type",
];

export interface WindowOptions {
  /** Where the built pages are. */
  pagesDir: string;
  /** For this window alone; what is in it is removed before and after. */
  profileDir: string;
  /** Whether a link that the user follows may be handed to the system's browser. */
  mayOpen: (address: string) => boolean;
  /** Hands an address to the system's browser. */
  openOutside: (address: string) => void;
  /** Without a display, for tests. */
  headless?: boolean;
}

/** The settings page in a window of its own. */
export interface SettingsWindow {
  channel: Channel;
  /** The page as Playwright has it, to act on it as a user does. */
  page: Page;
  /** Brings the window to the front. */
  raise(): Promise<void>;
  /** Resolves when it is gone, with the reason: null where somebody closed it. */
  closed: Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Opens the settings page as an application window of an installed Chromium, which can reach nothing but Ferry's own
 * files. It ends with the page, and with anything that would come in the page's place.
 *
 * @throws FerryError `no-browser`, `browser-failed`
 */
export async function openSettingsWindow(options: WindowOptions): Promise<SettingsWindow> {
  const { profileDir, headless = false } = options;
  const executablePath = findChromium();
  await freeProfile(profileDir);
  rmSync(profileDir, { recursive: true, force: true });
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  denyPermissions(profileDir);
  const context = await launchChromium({ profileDir, executablePath, headless, switches: SWITCHES });
  const { closed, end } = endOf(context, profileDir);
  try {
    const page = context.pages()[0];
    if (page === undefined) throw new Error("no window");
    page.on("close", () => end(null));
    page.on("crash", () => end("The settings page crashed."));
    context.on("page", (other) => void other.close().catch(() => undefined));
    const session = await context.newCDPSession(page);
    await session.send("Page.setDownloadBehavior", { behavior: "deny" });
    const channel = await openChannel(session, ORIGIN);
    await openLinksOutside(session, options);
    await serve(session, options.pagesDir);
    await page.goto(ADDRESS, { waitUntil: "load" });
    // Nothing to go back to.
    await session.send("Page.resetNavigationHistory");
    session.on("Page.frameNavigated", ({ frame }) => {
      if (frame.parentId === undefined && frame.url !== ADDRESS) end("The settings page went elsewhere.");
    });
    const close = async (): Promise<void> => void (end(null), await closed);
    return { channel: limited(channel, end), page, raise: () => page.bringToFront(), closed, close };
  } catch (error) {
    end(null);
    await closed;
    if (error instanceof FerryError) throw error;
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new FerryError("browser-failed", `Ferry could not open its own window (${reason}).`);
  }
}

/** Chromium's names for what a page may ask the user for. */
const PERMISSIONS = [
  ...["geolocation", "notifications", "media_stream_camera", "media_stream_mic", "midi_sysex", "sensors", "clipboard"],
  ...["idle_detection", "window_placement", "local_fonts", "durable_storage", "file_system_write_guard"],
  ...["local_network_access", "local_network", "loopback_network", "payment_handler", "background_sync"],
  ...["usb_guard", "serial_guard", "hid_guard", "bluetooth_guard", "bluetooth_scanning"],
];
const BLOCK = 2;

/** No permission is granted or asked for: that can only be set in the profile. */
function denyPermissions(profileDir: string): void {
  const values = Object.fromEntries(PERMISSIONS.map((name) => [name, BLOCK]));
  const preferences = { profile: { default_content_setting_values: values } };
  mkdirSync(join(profileDir, "Default"), { mode: 0o700 });
  writeFileSync(join(profileDir, "Default", "Preferences"), JSON.stringify(preferences), { mode: 0o600 });
}

type End = (reason: string | null) => void;

/** Ends the browser once, for the first reason that there is, and removes what it has left. */
function endOf(context: BrowserContext, profileDir: string): { closed: Promise<string | null>; end: End } {
  const { promise: closed, resolve } = Promise.withResolvers<string | null>();
  let ending = false;
  const end: End = (reason) => {
    if (ending) return;
    ending = true;
    void context.close().finally(() => {
      // Killed before this line, it is removed when the next window is opened.
      rmSync(profileDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
      resolve(reason);
    });
  };
  context.on("close", () => end("The browser ended."));
  return { closed, end };
}

/** Answers for the page and its files; every other request of the page fails before anything looks at its address. */
async function serve(session: CDPSession, pagesDir: string): Promise<void> {
  const { frameTree } = await session.send("Page.getFrameTree");
  session.on("Fetch.requestPaused", ({ requestId, request, resourceType, frameId }) => {
    const isPage = frameId === frameTree.frame.id && request.url === ADDRESS;
    const isFile = resourceType !== "Document" && request.url.startsWith(ADDRESS);
    const answer =
      request.method === "GET" && (isPage || isFile)
        ? fulfilmentOf(request.url, pagesDir, "settings", { connect: [] }).then((response) =>
            session.send("Fetch.fulfillRequest", { requestId, ...response }),
          )
        : // As if it had not been asked for: the page stays where it is.
          session.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
    // It fails where the request has been given up meanwhile, or the window closed.
    answer.catch(() => undefined);
  });
  await session.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] });
}

/** A page that sends more than it ever has to is not Ferry's any more. */
function limited(channel: Channel, end: End): Channel {
  return {
    send: (text) => channel.send(text),
    onReceive: (listener) => {
      channel.onReceive((text) => {
        if (text.length <= LONGEST_TEXT) listener(text);
        else end("The settings page sent more than it may.");
      });
    },
  };
}

/** Links are followed by the system's browser: those that the user follows, and no script. */
async function openLinksOutside(session: CDPSession, { mayOpen, openOutside }: WindowOptions): Promise<void> {
  session.on("Runtime.bindingCalled", ({ name, payload }) => {
    if (name === "ferryOpen" && mayOpen(payload)) openOutside(payload);
  });
  await session.send("Runtime.addBinding", { name: "ferryOpen" });
  await session.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${catchLinks.toString()})()` });
}

/** Runs in the page, before its own script. */
function catchLinks(): void {
  const scope = globalThis as unknown as { ferryOpen?: (address: string) => void };
  const open = scope.ferryOpen;
  delete scope.ferryOpen;
  const follow = (event: Event): void => {
    const link = event.composedPath().find((element) => element instanceof HTMLAnchorElement);
    if (!(link instanceof HTMLAnchorElement) || link.protocol !== "https:") return;
    if (link.origin === location.origin) return;
    event.preventDefault();
    if (event.isTrusted) open?.(link.href);
  };
  addEventListener("click", follow, true);
  addEventListener("auxclick", follow, true);
}

import type { Session, WebContents } from "electron";
import { mayOpenOutside } from "../host/outside.ts";
import type { PageName } from "../host/page-files.ts";
import { isWithin, pageOf } from "./pages.ts";

/**
 * What a page may be granted. A homeserver at home can only be reached with the permission for the local network,
 * which has had three names; and the engine's storage holds the crypto store, which must not be cleared for want of
 * space. The settings page gets nothing.
 */
const granted: Record<PageName, readonly string[]> = {
  engine: ["local-network-access", "local-network", "loopback-network", "persistent-storage"],
  settings: [],
};

/** Whether a page's frame at `address` may have a permission. */
function mayHave(page: PageName, permission: string, address: string | null | undefined): boolean {
  return pageOf(address) === page && granted[page].includes(permission);
}

type SecuredSession = Pick<
  Session,
  "setPermissionCheckHandler" | "setPermissionRequestHandler" | "setDevicePermissionHandler" | "on"
> & { webRequest: Pick<Session["webRequest"], "onBeforeRequest"> };

/** Closes a session to everything: no permission, no device, no download. */
export function closeSession(session: Omit<SecuredSession, "webRequest">): void {
  session.setPermissionCheckHandler(() => false);
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setDevicePermissionHandler(() => false);
  session.on("will-download", (event) => event.preventDefault());
}

/**
 * Closes a session to everything that its one page does not need.
 *
 * @param connect what the page may connect to, asked for each request; nothing for the settings page
 * @param development whether developer tools may be opened, whose own files come through the session
 */
export function secureSession(
  session: SecuredSession,
  page: PageName,
  connect: () => readonly string[],
  development = false,
): void {
  closeSession(session);
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(page, permission, origin));
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(details.isMainFrame && mayHave(page, permission, details.requestingUrl));
  });
  // Below the content security policy, which does not cover every way out (prefetching, for one).
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const isOwn = pageOf(url) === page || (development && url.startsWith("devtools://"));
    answer({ cancel: !isOwn && (page === "settings" || pageOf(url) !== null || !isWithin(connect(), url)) });
  });
}

type SecuredContents = Pick<WebContents, "on" | "setWindowOpenHandler" | "setWebRTCIPHandlingPolicy">;

/**
 * Keeps a page where it is: it does not navigate, is not redirected, embeds nothing and opens no window. A link goes to
 * the system's browser where `openOutside` is given.
 */
export function secureContents(contents: SecuredContents, openOutside?: (address: string) => void): void {
  contents.on("will-navigate", (event) => event.preventDefault());
  contents.on("will-frame-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (openOutside && mayOpenOutside(url)) openOutside(url);
    return { action: "deny" };
  });
  contents.setWebRTCIPHandlingPolicy("disable_non_proxied_udp");
}

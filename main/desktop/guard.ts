import type { App, Session, WebContents } from "electron";
import type { Logger } from "../log.ts";
import { closeSession, secureContents } from "./security.ts";

/** What of Electron's `app` the net hangs on. */
type GuardedApp = Pick<App, "on">;

/**
 * A net below what secures Ferry's own pages: for pages and sessions that nobody of Ferry has made, and for what
 * Electron asks about the network. Hung up before anything is opened.
 *
 * @param development whether developer tools may be opened
 */
export function guardApp(app: GuardedApp, development: boolean, logger: Pick<Logger, "warn">): void {
  app.on("web-contents-created", (_event, contents) => {
    // Developer tools are contents of the kind `remote`.
    guardContents(contents, development ? ["window", "remote"] : ["window"], logger);
  });
  app.on("session-created", (session) => closeSession(session));
  // Ferry trusts whom the system trusts, and asks nobody to look away.
  app.on("certificate-error", (event, _contents, _url, error, _certificate, answer) => {
    event.preventDefault();
    logger.warn("certificate-refused", { error });
    answer(false);
  });
  // Left alone, Electron would show the first certificate of the user's to whoever asks for one.
  app.on("select-client-certificate", (event, _contents, _url, _certificates, answer) => {
    event.preventDefault();
    answer();
  });
}

/** Shuts a page in from its first moment; whoever has made it opens what it needs. Only windows are ever made. */
function guardContents(contents: WebContents, kinds: readonly string[], logger: Pick<Logger, "warn">): void {
  secureContents(contents);
  const kind = contents.getType();
  if (kinds.includes(kind)) return;
  logger.warn("foreign-contents-closed", { kind });
  // Not while it is still being made.
  queueMicrotask(() => contents.close());
}

/** Closes Electron's own session, in which a page would be that was made without one: it reaches nothing at all. */
export function closeDefaultSession(session: Session): void {
  closeSession(session);
  session.webRequest.onBeforeRequest((_request, answer) => answer({ cancel: true }));
}

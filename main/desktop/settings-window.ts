import type { BrowserWindow } from "electron";
import { FerryError } from "../matrix/errors.ts";
import { controlNotifications, controlRequests, type ShownPlace, type StatusView } from "../protocol/control.ts";
import { connect, type Connection, type Handlers } from "../protocol/rpc.ts";
import type { DesktopState } from "./desktop-state.ts";
import type { WindowPage } from "./windows.ts";

export interface SettingsParts {
  openPage(): Promise<WindowPage>;
  handlers: Handlers<typeof controlRequests>;
  /** Takes down where the window is. */
  remember(place: Pick<DesktopState, "bounds" | "isMaximised">): void;
  isMaximised(): boolean;
  /** Told when the window is gone (it is not hidden): closed by the user, or with a page that has crashed. */
  closed(how: "by-user" | "crashed"): void;
}

type Settings = { page: WindowPage; connection: Connection<typeof controlNotifications> };

/** The settings window: at most one, opened when it is asked for, steering Ferry by the control contract. */
export function createSettingsWindow(parts: SettingsParts) {
  let current: Promise<Settings> | null = null;

  async function open(): Promise<Settings> {
    const page = await parts.openPage();
    const { window } = page;
    const connection = connect(page.channel, controlRequests, parts.handlers, controlNotifications);
    let how: "by-user" | "crashed" = "crashed";
    // Only who closes a window is asked like this; one that goes with its page is not.
    window.on("close", () => {
      how = "by-user";
      parts.remember(placeOf(window));
    });
    page.onGone(() => {
      current = null;
      connection.close(new FerryError("not-running", "The settings window has been closed."));
      parts.closed(how);
    });
    if (parts.isMaximised()) window.maximize();
    return { page, connection };
  }

  return {
    /**
     * Opens the window, or brings it to the front.
     *
     * @param place the page that it is to show; without, the one that it is on
     * @throws FerryError `browser-failed`
     */
    async show(place?: ShownPlace): Promise<void> {
      current ??= open().catch((error: unknown) => {
        current = null;
        throw error;
      });
      const { page, connection } = await current;
      // A page that has just been opened takes this in when it begins to listen.
      if (place !== undefined) connection.remote.show(place).catch(() => undefined);
      const { window } = page;
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    /** Tells the window what Ferry is doing. A window that closes meanwhile needs no telling. */
    async tell(status: StatusView): Promise<void> {
      const settings = await current?.catch(() => null);
      await settings?.connection.remote.statusChanged(status).catch(() => undefined);
    },
    /** Takes down where the window is: Ferry ends, and the window with it, without being closed. */
    async remember(): Promise<void> {
      const settings = await current?.catch(() => null);
      if (settings) parts.remember(placeOf(settings.page.window));
    },
  };
}

function placeOf(window: BrowserWindow): Pick<DesktopState, "bounds" | "isMaximised"> {
  return { bounds: window.getNormalBounds(), isMaximised: window.isMaximized() };
}

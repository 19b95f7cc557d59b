import { FerryError } from "../matrix/errors.ts";
import { controlNotifications, controlRequests, type ShownPlace, type StatusView } from "../protocol/control.ts";
import { connect, type Connection, type Handlers } from "../protocol/rpc.ts";
import type { WindowPage } from "./windows.ts";

export interface SettingsParts {
  openPage(): Promise<WindowPage>;
  handlers: Handlers<typeof controlRequests>;
  /** Told when the window is closed: it is gone then, not hidden. */
  closed(): void;
}

type Settings = { page: WindowPage; connection: Connection<typeof controlNotifications> };

/** The settings window: at most one, opened when it is asked for, steering Ferry by the control contract. */
export function createSettingsWindow(parts: SettingsParts) {
  let current: Promise<Settings> | null = null;

  async function open(): Promise<Settings> {
    const page = await parts.openPage();
    const connection = connect(page.channel, controlRequests, parts.handlers, controlNotifications);
    page.onGone(() => {
      current = null;
      connection.close(new FerryError("not-running", "The settings window has been closed."));
      parts.closed();
    });
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
  };
}

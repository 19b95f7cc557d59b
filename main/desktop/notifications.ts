import type { Notification, NotificationConstructorOptions } from "electron";
import type { ShownPlace } from "../protocol/control.ts";

/** What of Electron notifications need. */
export interface NotificationParts {
  /** Null where the system has none. */
  create(options: NotificationConstructorOptions): Pick<Notification, "on" | "show"> | null;
  /** Told why the system has not shown one: macOS shows none of a program that is not signed. */
  failed(reason: string): void;
  /** Opens the window on the page that it is about. */
  open(place?: ShownPlace): void;
}

const MOST_HELD = 20;

/** Shows desktop notifications; a click on one opens the window on its page. */
export function createNotifications(parts: NotificationParts) {
  const shown: object[] = [];
  return ({ title, body, target }: { title: string; body: string; target?: ShownPlace }): void => {
    const notification = parts.create({ title, body });
    if (notification === null) return;
    // What nobody holds is collected, and a click on it, also a day later in the system's list, would do nothing.
    shown.push(notification);
    if (shown.length > MOST_HELD) shown.shift();
    notification.on("click", () => parts.open(target));
    notification.on("failed", (_event, reason) => parts.failed(reason));
    notification.show();
  };
}

import type { Menu, MenuItemConstructorOptions, Tray } from "electron";
import { join } from "node:path";
import { trayState, trayTooltip, type TrayState } from "../service/status-text.ts";
import { throttled } from "../throttle.ts";
import { FRAMES, trayIcon } from "./tray-icons.ts";
import { trayMenu, type TrayActions, type TrayView } from "./tray-menu.ts";

/** What of Electron the tray needs. */
export interface TrayParts {
  createTray(icon: string): Tray;
  buildMenu(items: MenuItemConstructorOptions[]): Menu;
  platform: NodeJS.Platform;
  /** The folder of the tray's icons. */
  icons: string;
  /** Whether the user has asked the system for less that moves. */
  reducedMotion(): boolean;
}

/** How long a picture of what moves stands, in milliseconds. */
const FRAME_MS = 500;

/** A menu that is open flickers when another takes its place, and a tooltip goes: at most so often, in milliseconds. */
const MENU_INTERVAL_MS = 2_000;

/** Ferry in the system's tray. What has not changed is not set again. */
export function createTray(parts: TrayParts, actions: TrayActions, first: TrayView) {
  let view = first;
  let tooltip = "";
  let menu = "";
  const icon = createIcon(parts, trayState(first.status));
  const { tray } = icon;
  const describe = (): void => {
    const nextTooltip = trayTooltip(view.status);
    if (nextTooltip !== tooltip) tray.setToolTip(nextTooltip);
    tooltip = nextTooltip;
    const items = trayMenu(view, actions);
    const nextMenu = JSON.stringify(items);
    if (nextMenu !== menu) tray.setContextMenu(parts.buildMenu(items));
    menu = nextMenu;
  };
  const describeSoon = throttled(MENU_INTERVAL_MS, describe);
  // Unreliable on Linux and the menu's own on macOS: "Open Ferry" is in the menu for them.
  tray.on("click", () => {
    if (parts.platform === "win32") actions.open();
  });
  describeSoon.call();
  const take = (next: TrayView): void => {
    view = next;
    icon.show(trayState(next.status));
  };
  return {
    show: (next: TrayView): void => {
      take(next);
      describeSoon.call();
    },
    /** The user has clicked in the menu: it is built anew at once, also where it is the same, for it has set a mark. */
    clicked: (next: TrayView): void => {
      take(next);
      menu = "";
      describe();
    },
    destroy: (): void => {
      describeSoon.end();
      icon.still();
      tray.destroy();
    },
  };
}

/**
 * The picture alone. While Ferry catches up a segment moves, twice a second; not on Linux, where trays draw the whole item
 * anew for each picture, and some flicker (electron issues 6301 and 54152).
 */
function createIcon(parts: TrayParts, first: TrayState) {
  const isStill = (): boolean => parts.platform === "linux" || parts.reducedMotion();
  const file = (state: TrayState, frame = 0): string => join(parts.icons, trayIcon(state, parts.platform, frame));
  const tray = parts.createTray(file(first));
  let shown = first;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const still = (): void => {
    clearInterval(timer);
    timer = undefined;
    frame = 0;
  };
  const move = (): void => {
    if (isStill()) {
      still();
      tray.setImage(file(shown));
      return;
    }
    frame = (frame + 1) % FRAMES;
    tray.setImage(file(shown, frame));
  };
  const show = (state: TrayState): void => {
    if (state !== shown) {
      still();
      tray.setImage(file(state));
    }
    shown = state;
    if (state === "catching-up" && timer === undefined && !isStill()) {
      timer = setInterval(move, FRAME_MS);
      timer.unref();
    }
  };
  show(first);
  return { tray, show, still };
}

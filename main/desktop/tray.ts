import type { Menu, MenuItemConstructorOptions, Tray } from "electron";
import { join } from "node:path";
import type { StatusView } from "../protocol/control.ts";
import { trayState, trayTooltip, type TrayState } from "../service/status-text.ts";

/** What of Electron the tray needs. */
export interface TrayParts {
  createTray(icon: string): Tray;
  buildMenu(items: MenuItemConstructorOptions[]): Menu;
  platform: NodeJS.Platform;
  /** The folder of the tray's icons. */
  icons: string;
}

export interface TrayActions {
  open(): void;
  quit(): void;
}

/** The icon's file for a state. macOS tints a template image to fit its menu bar; the others get the coloured one. */
export function trayIcon(state: TrayState, platform: NodeJS.Platform): string {
  return platform === "darwin" ? `${state}Template.png` : `${state}.png`;
}

/** The tray's menu: what Ferry is doing, and what one can do. */
export function trayMenu(line: string, actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    // An ampersand would mark a key.
    { id: "status", label: line.replaceAll("&", "&&"), enabled: false },
    { type: "separator" },
    { id: "open", label: "Open Ferry", click: () => actions.open() },
    { id: "quit", label: "Quit Ferry", click: () => actions.quit() },
  ];
}

/** Shows Ferry in the system's tray, first as starting. What has not changed is not set again: that would flicker. */
export function createTray(parts: TrayParts, actions: TrayActions) {
  const iconOf = (state: TrayState): string => join(parts.icons, trayIcon(state, parts.platform));
  let shown = { state: "catching-up" as TrayState, line: "Starting" };
  const tray = parts.createTray(iconOf(shown.state));
  tray.setToolTip("Ferry: Starting");
  tray.setContextMenu(parts.buildMenu(trayMenu(shown.line, actions)));
  // Unreliable on Linux and the menu's own on macOS: "Open Ferry" is in the menu for them.
  tray.on("click", () => {
    if (parts.platform === "win32") actions.open();
  });
  return {
    show: (status: StatusView): void => {
      const next = { state: trayState(status), line: status.summary };
      if (next.state !== shown.state) tray.setImage(iconOf(next.state));
      if (next.line !== shown.line) {
        tray.setToolTip(trayTooltip(status));
        tray.setContextMenu(parts.buildMenu(trayMenu(next.line, actions)));
      }
      shown = next;
    },
    destroy: () => tray.destroy(),
  };
}

import type { LinkView, ShownPlace, StatusView } from "../protocol/control.ts";
import type { DesktopMemory } from "./desktop-state.ts";
import type { createTray } from "./tray.ts";
import type { TrayView } from "./tray-menu.ts";

/** A window whose page crashes sooner than this after it was opened is not opened again by itself, in milliseconds. */
const STEADY_MS = 30_000;

export interface PresenceParts {
  /** Whether a tray icon can be seen now, and whether one can be after a while. */
  hasTray(): Promise<boolean>;
  waitForTray(): Promise<boolean>;
  createTray(first: TrayView): ReturnType<typeof createTray>;
  openWindow(place?: ShownPlace): Promise<void>;
  status(): Promise<StatusView>;
  /** @throws FerryError while Ferry has not started */
  links(): Promise<LinkView[]>;
  memory: DesktopMemory;
  notify(notification: { title: string; body: string }): void;
  /** Ends Ferry in order. */
  quit(): void;
  /** Tells the user what went wrong. */
  warn(error: unknown): void;
}

/**
 * How Ferry stays within reach: by its icon where a tray can be seen, and by its window where none can. A Ferry that
 * nobody could reach any more ends.
 */
export function createPresence(parts: PresenceParts) {
  let tray: ReturnType<typeof createTray> | null = null;
  let openedTs = 0;
  let isEnding = false;

  const viewOf = async (status: StatusView): Promise<TrayView> => {
    // Before Ferry has started there are none to show.
    return { status, links: await parts.links().catch(() => []) };
  };

  async function ensureTray(isVisible: boolean): Promise<boolean> {
    if (!isVisible || tray !== null) return isVisible;
    const view = await viewOf(await parts.status());
    tray ??= parts.createTray(view);
    return true;
  }

  async function open(place?: ShownPlace): Promise<void> {
    try {
      await parts.openWindow(place);
      openedTs = Date.now();
    } catch (error) {
      parts.warn(error);
    }
  }

  function tellOfTray(): void {
    const { memory } = parts;
    if (memory.state.toldOfTray) return;
    // First: told twice would be worse than not at all, for whoever closes windows knows how to open them.
    memory.change({ toldOfTray: true });
    const body = "Click on its icon to open the window again, to pause it, or to quit.";
    parts.notify({ title: "Ferry goes on in the tray", body });
  }

  return {
    open,
    /** @param hidden without a window, where there is a tray to open it from */
    start: async (hidden: boolean): Promise<void> => {
      if (!hidden) await open();
      const isVisible = await ensureTray(await parts.waitForTray());
      if (!isVisible && hidden) await open();
    },
    /** The window is gone. */
    closed: async (how: "by-user" | "crashed"): Promise<void> => {
      if (isEnding) return;
      const wasSteady = Date.now() - openedTs >= STEADY_MS;
      if (await ensureTray(await parts.hasTray())) {
        if (how === "by-user") tellOfTray();
      } else if (how === "crashed" && wasSteady) await open();
      else parts.quit();
    },
    statusChanged: async (status: StatusView): Promise<void> => {
      if (tray !== null) tray.show(await viewOf(status));
    },
    /** Ferry ends, and its windows with it. */
    end: (): void => void (isEnding = true),
    /** What the user has clicked on in the tray's menu has been done, or was refused. */
    trayClicked: async (): Promise<void> => tray?.clicked(await viewOf(await parts.status())),
  };
}

import type { TrayState } from "../service/status-text.ts";

/** Pictures of the segment that moves below the ship, one after the other. */
export const FRAMES = 4;

/**
 * The icon's file for a state. macOS tints a template image to fit its menu bar, Windows picks a size of its own out of
 * an icon file, the others get the coloured picture.
 *
 * @param frame of the catching-up icon; 0 is also the one that stands still
 */
export function trayIcon(state: TrayState, platform: NodeJS.Platform, frame = 0): string {
  const name = state === "catching-up" && frame > 0 ? `${state}-${frame}` : state;
  if (platform === "win32") return `${name}.ico`;
  return platform === "darwin" ? `${name}Template.png` : `${name}.png`;
}

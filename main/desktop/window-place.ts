import type { Rectangle } from "electron";

/** The window's size when nobody has changed it, and the least that its pages fit into. In the system's own pixels. */
const DEFAULT_SIZE = { width: 760, height: 560 };
export const LEAST_SIZE = { width: 640, height: 480 };

/** So much of the window's upper edge has to be seen to take hold of it. */
const HANDLE = { width: 120, height: 40 };

export type WindowPlace = { width: number; height: number } & Partial<{ x: number; y: number }>;

/**
 * Where the window goes: to where it was, if that can still be seen and taken hold of. Without a position the system
 * puts it into the middle.
 *
 * @param remembered where it was; null the first time
 * @param displays the parts of the displays that windows may take, the main one first
 */
export function placeWindow(remembered: Rectangle | null, displays: readonly Rectangle[]): WindowPlace {
  if (remembered === null) return fitted(DEFAULT_SIZE, displays[0]);
  const display = displays.find((area) => canBeTaken(remembered, area));
  if (display === undefined) return fitted(remembered, displays[0]);
  return { ...fitted(remembered, display), x: remembered.x, y: remembered.y };
}

/** A size that the pages fit into, and that fits into the display; the display may be smaller than that. */
function fitted({ width, height }: { width: number; height: number }, display: Rectangle | undefined): WindowPlace {
  return {
    width: Math.max(LEAST_SIZE.width, Math.min(width, display?.width ?? width)),
    height: Math.max(LEAST_SIZE.height, Math.min(height, display?.height ?? height)),
  };
}

function canBeTaken(window: Rectangle, area: Rectangle): boolean {
  const seen = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const isInReach = window.y >= area.y && window.y + HANDLE.height <= area.y + area.height;
  return isInReach && seen >= HANDLE.width;
}

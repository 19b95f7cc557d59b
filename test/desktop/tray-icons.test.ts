import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FRAMES, trayIcon } from "../../main/desktop/tray-icons.ts";
import { trayStates } from "../../main/service/status-text.ts";

const icons = join(import.meta.dirname, "..", "..", "assets", "tray");
const platforms = ["linux", "darwin", "win32"] as const;
const pictures = trayStates.flatMap((state) =>
  Array.from({ length: state === "catching-up" ? FRAMES : 1 }, (_, frame) => [state, frame] as const),
);

describe("there is a picture", () => {
  test.each(pictures.flatMap(([state, frame]) => platforms.map((platform) => [state, frame, platform] as const)))(
    "of %s, number %d, on %s",
    (state, frame, platform) => {
      const icon = trayIcon(state, platform, frame);
      expect(existsSync(join(icons, icon))).toBe(true);
      if (platform !== "win32") expect(existsSync(join(icons, icon.replace(".png", "@2x.png")))).toBe(true);
    },
  );
});

/** How much each pixel of a picture covers, from 0 to 255, from the bottom row up: what is left of it without colour. */
function shapeOf(file: string, size: number): Uint8Array {
  const ico = readFileSync(join(icons, file));
  for (let at = 6; at < 6 + 16 * ico.readUInt16LE(4); at += 16) {
    if (ico[at] !== size) continue;
    const pixels = ico.readUInt32LE(at + 12) + 40;
    return Uint8Array.from({ length: size * size }, (_, index) => ico[pixels + index * 4 + 3] ?? 0);
  }
  throw new Error(`${file} has no picture of ${size} pixels.`);
}

/** What part of two shapes is in one of them only. */
function difference(one: Uint8Array, other: Uint8Array): number {
  let apart = 0;
  let together = 0;
  one.forEach((value, index) => {
    apart += Math.abs(value - (other[index] ?? 0));
    together += Math.max(value, other[index] ?? 0);
  });
  return apart / together;
}

const pairs = trayStates.flatMap((one, index) => trayStates.slice(index + 1).map((other) => [one, other] as const));

describe.each([16, 20, 24])("at %d pixels, by their shape alone,", (size) => {
  test.each(pairs)("%s and %s can be told apart", (one, other) => {
    const shapes = [one, other].map((state) => shapeOf(trayIcon(state, "win32"), size)) as [Uint8Array, Uint8Array];
    expect(difference(...shapes)).toBeGreaterThan(0.2);
  });

  test("the pictures of what moves differ, and are the same ship", () => {
    for (let frame = 0; frame < FRAMES; frame += 1) {
      const [one, next] = [frame, (frame + 1) % FRAMES].map((number) => trayIcon("catching-up", "win32", number));
      const apart = difference(shapeOf(one ?? "", size), shapeOf(next ?? "", size));
      expect(apart).toBeGreaterThan(0.02);
      expect(apart).toBeLessThan(0.2);
    }
  });
});

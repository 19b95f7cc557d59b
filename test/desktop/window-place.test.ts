import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDesktopMemory } from "../../main/desktop/desktop-state.ts";
import { placeWindow } from "../../main/desktop/window-place.ts";

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const right = { x: 1440, y: 0, width: 1920, height: 1080 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };
const at = (x: number, y: number, width = 800, height = 600) => ({ x, y, width, height });

describe("where the window goes", () => {
  test.each([
    ["the first time", null, [laptop], { width: 760, height: 560 }],
    ["back to its place", at(100, 100), [laptop], at(100, 100)],
    ["back to the second display", at(1500, 50), [laptop, right], at(1500, 50)],
    ["back to a display on the left", at(-900, 50), [laptop, left], at(-900, 50)],
    ["to the middle when that display is gone", at(1500, 50), [laptop], { width: 800, height: 600 }],
    ["to the middle when it would be below the edge", at(100, 890), [laptop], { width: 800, height: 600 }],
    ["to the middle when its bar would be under the menu", at(100, 0), [laptop], { width: 800, height: 600 }],
    ["to the middle when hardly any of it would be seen", at(1400, 100), [laptop], { width: 800, height: 600 }],
    ["back, with a part outside", at(1300, 100), [laptop], at(1300, 100)],
    ["back, over the edge of two displays", at(1000, 50), [laptop, right], at(1000, 50)],
    ["no larger than the display", at(0, 25, 4000, 3000), [laptop], at(0, 25, 1440, 875)],
    ["no smaller than its pages", at(10, 30, 300, 200), [laptop], at(10, 30, 640, 480)],
    ["somewhere, without any display", at(10, 30), [], { width: 800, height: 600 }],
  ])("%s", (_name, remembered, displays, expected) => {
    expect(placeWindow(remembered, displays)).toEqual(expected);
  });
});

const nothing = { bounds: null, isMaximised: false, toldOfTray: false, lookedForUpdateTs: null };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ferry-desktop-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const silent = { warn: () => undefined };

describe("what the desktop application remembers", () => {
  test("is there after a restart, for the user alone", () => {
    const path = folder();
    const memory = openDesktopMemory(path, silent);
    expect(memory.state).toEqual(nothing);
    memory.change({ toldOfTray: true, bounds: at(1, 2) });
    memory.change({ isMaximised: true });
    expect(openDesktopMemory(path, silent).state).toEqual({
      ...nothing,
      ...{ toldOfTray: true, bounds: at(1, 2), isMaximised: true },
    });
    if (process.platform !== "win32") expect(statSync(join(path, "desktop.json")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["no JSON", "{", {}],
    ["another kind of JSON", "[1]", {}],
    ["a place that is none", `{"bounds":{"x":1},"toldOfTray":true}`, { toldOfTray: true }],
    ["a size that no window has", `{"bounds":{"x":1,"y":1,"width":-1,"height":1e9},"isMaximised":1}`, {}],
    ["entries of a newer Ferry", `{"toldOfTray":true,"later":1}`, { toldOfTray: true }],
  ])("%s is as if it were not there", (_name, text, expected) => {
    const path = folder();
    writeFileSync(join(path, "desktop.json"), text);
    expect(openDesktopMemory(path, silent).state).toEqual({ ...nothing, ...expected });
  });

  test("what cannot be written is said, holds until Ferry ends, and harms nothing", () => {
    const said: unknown[] = [];
    const memory = openDesktopMemory(join(folder(), "deleted"), { warn: (...values) => said.push(values) });
    memory.change({ isMaximised: true });
    expect(memory.state.isMaximised).toBe(true);
    expect(said).toEqual([["desktop-state-not-written", { code: "data-folder" }]]);
  });

  test("is not written again where nothing has changed", () => {
    const path = folder();
    const memory = openDesktopMemory(path, silent);
    memory.change({ bounds: at(1, 2) });
    const { ino } = statSync(join(path, "desktop.json"));
    memory.change({ bounds: at(1, 2) });
    expect(statSync(join(path, "desktop.json")).ino).toBe(ino);
  });
});

import { describe, expect, test } from "vitest";
import { fakeHandlers } from "../support/fake-control.ts";
import { showWindow } from "../support/kept-window.ts";
import type { SettingsPage } from "../support/settings-page.ts";
import { axeViolations, cutTexts, keyboardProblems, lengthenTexts, lostControls, movements } from "./checks.ts";
import { allScenes, ORDINARY, type Scene } from "./scenes.ts";

/** What holds on every page of the window, whatever stands in it. */

let window: SettingsPage;

async function open(scene: Scene): Promise<SettingsPage> {
  window = await showWindow(fakeHandlers(scene.handlers));
  await scene.go(window.page);
  return window;
}

describe.each(allScenes(ORDINARY))("$name", (scene) => {
  test("can be used by everybody, light and dark, large and small, and by the keyboard alone", async () => {
    const { page } = await open(scene);
    expect(await axeViolations(page)).toEqual([]);
    await window.colors("dark");
    // Nothing but the colours is another one now.
    expect(await axeViolations(page, ["color-contrast"])).toEqual([]);
    await window.colors("light");
    await window.motion("reduce");
    await expect.poll(() => movements(page)).toEqual([]);
    expect(await keyboardProblems(page)).toEqual([]);
    await window.size(640, 480);
    expect(await lostControls(page)).toEqual([]);
    await window.size(640, 480, 2);
    expect(await lostControls(page)).toEqual([]);
    await window.size(640, 480);
    await lengthenTexts(page);
    expect([...(await lostControls(page)), ...(await cutTexts(page))]).toEqual([]);
  });
});

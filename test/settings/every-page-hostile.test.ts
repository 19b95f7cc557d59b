import { describe, expect, test } from "vitest";
import { fakeHandlers } from "../support/fake-control.ts";
import { showWindow } from "../support/kept-window.ts";
import { lostControls } from "./checks.ts";
import { allScenes, HOSTILE } from "./scenes.ts";

/** What holds on every page of the window where names are made up to break it. */

describe.each(allScenes(HOSTILE))("$name", (scene) => {
  test("shows them as text, and stands", async () => {
    const window = await showWindow(fakeHandlers(scene.handlers));
    const { page } = window;
    await scene.go(page);
    expect(await page.title()).toMatch(/Ferry$/);
    expect(await page.locator("img:not([src^='data:image/png']), iframe, script:not([src]), object").count()).toBe(0);
    await window.size(640, 480);
    expect(await lostControls(page)).toEqual([]);
    // A name must not turn round what stands after it, nor pile up over the lines above.
    const body = await page.evaluate(() => document.body.innerText);
    expect(body.match(/.{0,20}(?:[\u202a-\u202e\u2066-\u2069\u200b]|\p{M}{4}).{0,20}/u)?.[0] ?? null).toBeNull();
  });
});

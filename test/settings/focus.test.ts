import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fakeHandlers, fakeLink, fakeProposal } from "../support/fake-control.ts";
import { showWindow } from "../support/kept-window.ts";
import { actingOn } from "./acting.ts";
import { newLinkScenes } from "./new-link-scenes.ts";
import { ORDINARY } from "./scenes.ts";

/** Whoever works by keyboard goes on where they were, also where what they pressed is gone. */

let page: Page;

async function open(handlers: Parameters<typeof fakeHandlers>[0]): Promise<void> {
  ({ page } = await showWindow(fakeHandlers(handlers)));
}

/** What has the focus, as it is called. */
const focused = (): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent.trim() ?? "";
  });

test("a switch keeps the focus while what it asked for is under way, and is not turned twice", async () => {
  const answer = Promise.withResolvers<void>();
  let isPaused = false;
  let asked = 0;
  const link = () => fakeLink({ state: isPaused ? "paused" : "mirroring" });
  await open({
    linkList: async () => [link()],
    linkPause: async () => {
      asked += 1;
      await answer.promise;
      isPaused = true;
      return link();
    },
  });
  const mirror = page.getByRole("switch", { name: "Mirror Family" });
  await mirror.focus();
  await page.keyboard.press("Space");
  await expect.poll(() => mirror.getAttribute("aria-busy")).toBe("true");
  await page.keyboard.press("Space");
  expect(await focused()).toBe("Mirror Family");
  answer.resolve();
  await expect.poll(() => mirror.isChecked()).toBe(false);
  expect([await focused(), asked]).toEqual(["Mirror Family", 1]);
});

test("where a row goes away with its buttons, the focus goes to the heading above it", async () => {
  let proposals = [fakeProposal({ mayApprove: true })];
  await open({
    proposals: async () => proposals,
    proposalDecline: async () => {
      proposals = [];
      return fakeProposal({ state: "declined" });
    },
  });
  await page.getByRole("button", { name: /^Proposals/ }).click();
  await page.getByRole("button", { name: "Decline" }).focus();
  await page.keyboard.press("Enter");
  await actingOn(page).answer("Decline");
  await page.getByText("Nobody has asked you anything").waitFor();
  await expect.poll(focused).toBe("Proposals");
});

test("a room that is left out hands it to its page", async () => {
  const scene = newLinkScenes(ORDINARY).find(({ name }) => name === "new-link-three");
  if (!scene) throw new Error("there is no such scene");
  await open(scene.handlers);
  await scene.go(page);
  const leaving = page.getByRole("button", { name: /^Leave out/ });
  const before = await leaving.count();
  await leaving.first().press("Enter");
  await expect.poll(() => leaving.count()).toBeLessThan(before);
  await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
});

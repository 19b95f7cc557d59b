import { statSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { fakeHandlers, fakeStatus } from "../support/fake-control.ts";
import { openSettings, type SettingsPage } from "../support/settings-page.ts";

/** What the settings pages' tests stand on: the real page, in the real window, on the real control socket. */

let settings: SettingsPage;
afterEach(() => settings.close());

test("shows what Ferry is doing, and what becomes of it", async () => {
  let status = fakeStatus();
  settings = await openSettings({ handlers: fakeHandlers({ status: async () => status }) });
  await settings.page.getByText("Mirroring 1 link").waitFor();
  status = fakeStatus({ summary: "Offline, 12 messages will follow" });
  settings.statusChanged(status);
  await settings.page.getByText("Offline, 12 messages will follow").waitFor();
});

test("says why Ferry does not answer", async () => {
  const status = () => Promise.reject(new FerryError("keychain-locked", "The keychain is locked."));
  settings = await openSettings({ handlers: fakeHandlers({ status }) });
  const alert = settings.page.getByRole("alert");
  await alert
    .getByText(/keychain/)
    .first()
    .waitFor();
  // Main's own words are for whoever wants them.
  await alert.getByText("Details").click();
  await alert.getByText("The keychain is locked.").waitFor();
});

test("takes the sizes, colours and motion that a test asks for", async () => {
  settings = await openSettings({ handlers: fakeHandlers() });
  const seen = (): Promise<unknown> =>
    settings.page.evaluate(() => ({
      size: [innerWidth, innerHeight, devicePixelRatio],
      dark: matchMedia("(prefers-color-scheme: dark)").matches,
      still: matchMedia("(prefers-reduced-motion: reduce)").matches,
    }));
  expect(await seen()).toEqual({ size: [760, 560, 1], dark: false, still: false });
  await settings.colors("dark");
  await settings.motion("reduce");
  await settings.size(640, 480, 2);
  expect(await seen()).toEqual({ size: [320, 240, 2], dark: true, still: true });
  expect(statSync(await settings.screenshot("small")).size).toBeGreaterThan(1000);
});

test("an error in the page fails the test that closes it", async () => {
  settings = await openSettings({ handlers: fakeHandlers() });
  const broken = settings;
  await broken.page.evaluate(() => void fetch("https://example.org/").catch(() => undefined));
  await expect.poll(() => broken.problems()).not.toEqual([]);
  await expect(broken.close()).rejects.toThrow("Content Security Policy");
  settings = await openSettings({ handlers: fakeHandlers() });
});

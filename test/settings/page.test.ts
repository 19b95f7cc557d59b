import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { fakeHandlers, fakeStatus } from "../support/fake-control.ts";
import { showWindow } from "../support/kept-window.ts";
import type { SettingsPage } from "../support/settings-page.ts";

/** What the settings pages' tests stand on: the real page, in the real window, on the real control socket. */

let settings: SettingsPage;

test("shows what Ferry is doing, and what becomes of it", async () => {
  let status = fakeStatus();
  settings = await showWindow(fakeHandlers({ status: async () => status }));
  await settings.page.getByText("Mirroring 1 link").waitFor();
  status = fakeStatus({ summary: "Offline, 12 messages will follow" });
  settings.statusChanged(status);
  await settings.page.getByText("Offline, 12 messages will follow").waitFor();
});

test("says why Ferry does not answer", async () => {
  const status = () => Promise.reject(new FerryError("keychain-locked", "The keychain is locked."));
  settings = await showWindow(fakeHandlers({ status }));
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
  settings = await showWindow(fakeHandlers());
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

test("takes the system's accent colour, whatever it is, so that it can be read on every ground", async () => {
  settings = await showWindow(fakeHandlers());
  for (const scheme of ["light", "dark"] as const) {
    await settings.colors(scheme);
    const contrasts = await settings.page.evaluate(contrastsOfAccents);
    expect(contrasts.length).toBe(37 * PAIRS);
    // As many colours as there are hues: it is the accent's own that is read.
    expect(new Set(contrasts.map(([, , contrast]) => contrast)).size).toBeGreaterThan(2 * 36);
    expect(contrasts.filter(([, , contrast]) => contrast < 4.5)).toEqual([]);
  }
});

const PAIRS = 6;

/** Runs in the page: text and its ground, with their contrast by WCAG 2, for accents of every hue and for none. */
function contrastsOfAccents(): [accent: string, pair: string, contrast: number][] {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = (name: string): number => {
    probe.style.color = `var(--${name})`;
    if (context === null) throw new Error("no canvas");
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data]
      .map((byte) => byte / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const pairs = [
    ...["page", "side", "raised", "hover", "accent-soft"].map((ground) => ["accent", ground] as const),
    ["accent-text", "accent"] as const,
  ];
  const accents = [...Array.from({ length: 36 }, (_, index) => `oklch(0.6 0.37 ${10 * index})`), "grey"];
  return accents.flatMap((accent) => {
    document.documentElement.style.setProperty("--system", accent);
    return pairs.map(([text, ground]): [string, string, number] => {
      const [darker = 0, lighter = 0] = [luminance(text), luminance(ground)].sort((one, other) => one - other);
      return [accent, `${text} on ${ground}`, (lighter + 0.05) / (darker + 0.05)];
    });
  });
}

test("an error in the page fails the test that closes it", async () => {
  settings = await showWindow(fakeHandlers());
  const broken = settings;
  await broken.page.evaluate(() => void fetch("https://example.org/").catch(() => undefined));
  await expect.poll(() => broken.problems()).not.toEqual([]);
  await expect(broken.close()).rejects.toThrow("Content Security Policy");
  settings = await showWindow(fakeHandlers());
});

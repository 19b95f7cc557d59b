import { EventEmitter } from "node:events";
import { join } from "node:path";
import type { Menu, MenuItemConstructorOptions, Tray } from "electron";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasTray, waitForTray } from "../../main/desktop/tray-presence.ts";
import { createTray } from "../../main/desktop/tray.ts";
import type { LinkView, StatusView } from "../../main/protocol/control.ts";
import { fakeLink, fakeStatus } from "../support/fake-control.ts";

const icons = join(import.meta.dirname, "..", "..", "assets", "tray");

/** What a tray of Electron's was told, in order. */
class FakeTray extends EventEmitter {
  readonly images: string[] = [];
  readonly toolTips: string[] = [];
  readonly menus: MenuItemConstructorOptions[][] = [];
  isDestroyed = false;

  setImage(image: string): void {
    this.images.push(image);
  }
  setToolTip(text: string): void {
    this.toolTips.push(text);
  }
  setContextMenu(menu: unknown): void {
    this.menus.push(menu as MenuItemConstructorOptions[]);
  }
  destroy(): void {
    this.isDestroyed = true;
  }
  get image(): string {
    return (this.images.at(-1) ?? "").slice(icons.length + 1);
  }
}

function create(
  options: { platform?: NodeJS.Platform; reducedMotion?: () => boolean; first?: Partial<StatusView> } = {},
) {
  const fake = new FakeTray();
  const done: string[] = [];
  const view = (status: Partial<StatusView>, links: Partial<LinkView>[] = []) => ({
    status: fakeStatus(status),
    links: links.map((link) => fakeLink(link)),
  });
  const tray = createTray(
    {
      createTray: (icon) => {
        fake.images.push(icon);
        return fake as unknown as Tray;
      },
      buildMenu: (items) => items as unknown as Menu,
      platform: options.platform ?? "linux",
      icons,
      reducedMotion: options.reducedMotion ?? (() => false),
    },
    {
      open: () => done.push("open"),
      runLink: () => done.push("link"),
      runAll: () => done.push("all"),
      quit: () => done.push("quit"),
    },
    view(options.first ?? {}),
  );
  const show = (status: Partial<StatusView>, links: Partial<LinkView>[] = []) => tray.show(view(status, links));
  return { fake, tray, done, show };
}

const catchingUp = { summary: "Catching up, 20 messages to go", waiting: 20 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the tray", () => {
  test("has a menu, a tooltip and an icon from the first moment", () => {
    const { fake } = create();
    expect(fake.toolTips).toEqual(["Ferry: Mirroring 1 link"]);
    expect(fake.menus.at(-1)?.map(({ label }) => label)).toContain("Quit Ferry");
    expect(fake.image).toBe("mirroring.png");
  });

  const shown: [string, Partial<StatusView>, string][] = [
    ["mirroring", { summary: "Mirroring 3 links" }, "mirroring.png"],
    ["catching up", catchingUp, "catching-up.png"],
    ["paused", { summary: "Paused", paused: true }, "paused.png"],
    ["offline", { summary: "Offline", connection: "offline" }, "offline.png"],
    ["needing somebody", { summary: "Not logged in", connection: "logged-out" }, "attention.png"],
  ];
  test.each(shown)("shows %s", (_name, status, icon) => {
    const { fake, show } = create({ first: { summary: "Paused", paused: true } });
    show(status);
    vi.advanceTimersByTime(2_000);
    expect(fake.images.map((image) => image.slice(icons.length + 1))).toContain(icon);
    expect(fake.toolTips.at(-1)).toBe(`Ferry: ${status.summary}`);
    expect(fake.menus.at(-1)?.[0]).toMatchObject({ label: status.summary, enabled: false });
  });

  test("does not set again what has not changed", () => {
    const { fake, show } = create();
    for (let count = 0; count < 100; count += 1) {
      show({ copied: count });
      vi.advanceTimersByTime(500);
    }
    expect([fake.images.length, fake.toolTips.length, fake.menus.length]).toEqual([1, 1, 1]);
  });

  test("shows a changed state at once, and changes its words every two seconds at most", () => {
    const { fake, show } = create();
    for (let left = 100; left > 50; left -= 1) {
      show({ summary: `Catching up, ${left} messages to go`, waiting: left });
      vi.advanceTimersByTime(200);
    }
    vi.advanceTimersByTime(2_000);
    // Ten seconds.
    expect(fake.menus.length).toBeLessThanOrEqual(7);
    expect(fake.toolTips.at(-1)).toBe("Ferry: Catching up, 51 messages to go");
    show({ paused: true, summary: "Paused" });
    expect(fake.image).toBe("paused.png");
  });

  test("takes a mark back at once that the menu has set and that does not hold", () => {
    const { fake, tray } = create();
    const view = { status: fakeStatus(), links: [fakeLink({ name: "A" })] };
    tray.show(view);
    vi.advanceTimersByTime(2_000);
    const { length } = fake.menus;
    tray.clicked(view);
    expect(fake.menus.length).toBe(length + 1);
    expect(JSON.stringify(fake.menus.at(-1))).toBe(JSON.stringify(fake.menus.at(-2)));
  });

  test.each([
    ["win32", ["open"]],
    ["linux", []],
    ["darwin", []],
  ] as const)("a click on %s", (platform, expected) => {
    const { fake, done } = create({ platform });
    fake.emit("click");
    expect(done).toEqual(expected);
  });
});

describe("the segment that moves while Ferry catches up", () => {
  const moves = ["catching-up-1.ico", "catching-up-2.ico", "catching-up-3.ico", "catching-up.ico"];

  test("moves twice a second, and builds no menu for it", () => {
    const { fake, show } = create({ platform: "win32" });
    show(catchingUp);
    vi.advanceTimersByTime(2_000);
    const { length } = fake.menus;
    fake.images.length = 0;
    vi.advanceTimersByTime(10_000);
    expect(fake.images).toHaveLength(20);
    expect(fake.images.slice(0, 4).map((image) => image.slice(icons.length + 1))).toEqual(moves);
    expect(fake.menus).toHaveLength(length);
    show({});
    expect(fake.image).toBe("mirroring.ico");
    vi.advanceTimersByTime(10_000);
    expect(fake.image).toBe("mirroring.ico");
  });

  test("stands still where the user wants less motion, also when they say so meanwhile", () => {
    let reduced = true;
    const { fake, show } = create({ platform: "win32", reducedMotion: () => reduced });
    show(catchingUp);
    vi.advanceTimersByTime(10_000);
    expect(fake.images).toHaveLength(2);
    expect(fake.image).toBe("catching-up.ico");
    reduced = false;
    show({ ...catchingUp, waiting: 19 });
    vi.advanceTimersByTime(700);
    expect(fake.image).toBe("catching-up-1.ico");
    reduced = true;
    vi.advanceTimersByTime(10_000);
    expect(fake.image).toBe("catching-up.ico");
  });

  test("stands still on Linux, where a tray is drawn anew for each picture", () => {
    const { fake, show } = create({ platform: "linux" });
    show(catchingUp);
    vi.advanceTimersByTime(10_000);
    expect(fake.images.map((image) => image.slice(icons.length + 1))).toEqual(["mirroring.png", "catching-up.png"]);
  });

  test("stops with the tray", () => {
    const { fake, tray, show } = create({ platform: "win32" });
    show(catchingUp);
    tray.destroy();
    const { length } = fake.images;
    vi.advanceTimersByTime(10_000);
    expect(fake.isDestroyed).toBe(true);
    expect(fake.images).toHaveLength(length);
  });
});

describe("whether a tray can be seen", () => {
  test.each([
    ["linux", "   boolean true\n", true],
    ["linux", "   boolean false\n", false],
    ["linux", null, false],
    ["darwin", null, true],
    ["win32", null, true],
  ] as const)("on %s, with the answer %j: %s", async (platform, printed, expected) => {
    expect(await hasTray(platform, async () => printed)).toBe(expected);
  });

  test("one that comes a few seconds after Ferry is waited for, and no longer than that", async () => {
    const answers = [null, "boolean false", "boolean false", " boolean true"];
    const came = waitForTray("linux", async () => answers.shift() ?? null);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await came).toBe(true);
    let asked = 0;
    const never = waitForTray("linux", async () => {
      asked += 1;
      return null;
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await never).toBe(false);
    expect(asked).toBe(11);
  });
});

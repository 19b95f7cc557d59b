import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Menu, MenuItemConstructorOptions, Tray } from "electron";
import { describe, expect, test } from "vitest";
import { hasTray } from "../../main/desktop/tray-presence.ts";
import { createTray, trayIcon, trayMenu } from "../../main/desktop/tray.ts";
import type { StatusView } from "../../main/protocol/control.ts";
import { trayStates } from "../../main/service/status-text.ts";

const icons = join(import.meta.dirname, "..", "..", "assets", "tray");
const status: StatusView = {
  version: "0.1.0",
  userId: null,
  deviceId: null,
  homeserver: null,
  connection: "online",
  summary: "Mirroring 3 links",
  paused: false,
  everythingPaused: false,
  verified: true,
  verification: null,
  links: 3,
  copied: 0,
  waiting: 0,
  failed: 0,
  undecryptable: 0,
  proposals: 0,
  health: [],
};

class FakeTray extends EventEmitter {
  image = "";
  toolTip = "";
  menu: MenuItemConstructorOptions[] = [];
  changes = 0;

  setImage(image: string): void {
    this.image = image;
    this.changes += 1;
  }
  setToolTip(text: string): void {
    this.toolTip = text;
    this.changes += 1;
  }
  setContextMenu(menu: unknown): void {
    this.menu = menu as MenuItemConstructorOptions[];
    this.changes += 1;
  }
  destroy(): void {
    this.removeAllListeners();
  }
}

function create(platform: NodeJS.Platform = "linux") {
  const fake = new FakeTray();
  const done: string[] = [];
  const tray = createTray(
    {
      createTray: (icon) => {
        fake.image = icon;
        return fake as unknown as Tray;
      },
      buildMenu: (items) => items as unknown as Menu,
      platform,
      icons,
    },
    { open: () => done.push("open"), quit: () => done.push("quit") },
  );
  return { fake, tray, done };
}

describe("the tray", () => {
  test("starts with a menu", () => {
    const { fake } = create();
    expect(fake.toolTip).toBe("Ferry: Starting");
    expect(fake.menu.map(({ label }) => label)).toEqual(["Starting", undefined, "Open Ferry", "Quit Ferry"]);
  });

  const shown: [string, Partial<StatusView>, string][] = [
    ["mirroring", { summary: "Mirroring 3 links" }, "mirroring.png"],
    ["catching up", { summary: "Catching up, 20 messages to go", waiting: 20 }, "catching-up.png"],
    ["paused", { summary: "Paused", paused: true }, "paused.png"],
    ["offline", { summary: "Offline", connection: "offline" }, "offline.png"],
    ["needing somebody", { summary: "Not logged in", connection: "logged-out" }, "attention.png"],
  ];
  test.each(shown)("shows %s", (_name, change, icon) => {
    const { fake, tray } = create();
    const next = { ...status, ...change };
    tray.show(next);
    expect(fake.image).toBe(join(icons, icon));
    expect(fake.toolTip).toBe(`Ferry: ${next.summary}`);
    expect(fake.menu[0]).toMatchObject({ label: next.summary, enabled: false });
  });

  test("does not set again what has not changed", () => {
    const { fake, tray } = create();
    tray.show(status);
    const { changes } = fake;
    tray.show({ ...status, copied: 7 });
    expect(fake.changes).toBe(changes);
  });

  test("opens and quits", () => {
    const { fake, done } = create();
    for (const item of fake.menu.slice(2)) (item.click as (() => void) | undefined)?.();
    expect(done).toEqual(["open", "quit"]);
  });

  test.each([
    ["win32", ["open"]],
    ["linux", []],
    ["darwin", []],
  ] as const)("a click on %s", (platform, expected) => {
    const { fake, done } = create(platform);
    fake.emit("click");
    expect(done).toEqual(expected);
  });

  test("an ampersand in the line is not a key", () => {
    expect(trayMenu("A & B", { open: () => undefined, quit: () => undefined })[0]?.label).toBe("A && B");
  });

  test.each(
    trayStates.flatMap((state) => (["linux", "darwin"] as const).map((platform) => [state, platform] as const)),
  )("there is an icon for %s on %s, in both sizes", (state, platform) => {
    const icon = trayIcon(state, platform);
    expect(existsSync(join(icons, icon))).toBe(true);
    expect(existsSync(join(icons, icon.replace(".png", "@2x.png")))).toBe(true);
  });
});

test.each([
  ["linux", "   boolean true\n", true],
  ["linux", "   boolean false\n", false],
  ["linux", null, false],
  ["darwin", null, true],
  ["win32", null, true],
] as const)("on %s, with the answer %j, a tray can be seen: %s", async (platform, printed, expected) => {
  expect(await hasTray(platform, async () => printed)).toBe(expected);
});

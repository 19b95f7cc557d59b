import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPresence, type PresenceParts } from "../../main/desktop/presence.ts";
import type { DesktopState } from "../../main/desktop/desktop-state.ts";
import type { TrayView } from "../../main/desktop/tray-menu.ts";
import { fakeLink, fakeStatus } from "../support/fake-control.ts";

function create(options: { tray: () => boolean; told?: boolean; fails?: boolean }) {
  const did: string[] = [];
  const shown: TrayView[] = [];
  const state: DesktopState = {
    ...{ bounds: null, isMaximised: false, toldOfTray: options.told ?? false, lookedForUpdateTs: null },
  };
  const parts: PresenceParts = {
    hasTray: async () => options.tray(),
    waitForTray: async () => options.tray(),
    createTray: (first) => {
      did.push("tray");
      shown.push(first);
      const take = (view: TrayView): void => void shown.push(view);
      return { show: take, clicked: take, destroy: () => undefined };
    },
    openWindow: async (place) => {
      if (options.fails === true) throw new Error("It does not open.");
      did.push(place === undefined ? "open" : `open ${place.page}`);
    },
    status: async () => fakeStatus(),
    links: async () => [fakeLink()],
    memory: { state, change: (changes) => void Object.assign(state, changes) },
    // What is remembered must be, before anything is shown.
    notify: ({ title }) => did.push(`${title} (${state.toldOfTray})`),
    quit: () => did.push("quit"),
    warn: (error) => did.push((error as Error).message),
  };
  return { presence: createPresence(parts), did, shown, state };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a Ferry that starts", () => {
  test.each([
    [false, true, ["open", "tray"]],
    [true, true, ["tray"]],
    [false, false, ["open"]],
    [true, false, ["open"]],
  ])("hidden: %s, with a tray: %s", async (hidden, tray, expected) => {
    const { presence, did } = create({ tray: () => tray });
    await presence.start(hidden);
    expect(did).toEqual(expected);
  });

  test("says why its window does not open, and goes on", async () => {
    const { presence, did } = create({ tray: () => true, fails: true });
    await presence.start(false);
    expect(did).toEqual(["It does not open.", "tray"]);
  });
});

describe("a window that is closed", () => {
  test("leaves Ferry in the tray, which is told once and never again", async () => {
    const { presence, did } = create({ tray: () => true });
    await presence.start(false);
    await presence.closed("by-user");
    await presence.open();
    await presence.closed("by-user");
    expect(did).toEqual(["open", "tray", "Ferry goes on in the tray (true)", "open"]);
    const later = create({ tray: () => true, told: true });
    await later.presence.start(false);
    await later.presence.closed("by-user");
    expect(later.did).toEqual(["open", "tray"]);
  });

  test("ends Ferry where there is no tray", async () => {
    const { presence, did } = create({ tray: () => false });
    await presence.start(false);
    await presence.closed("by-user");
    expect(did).toEqual(["open", "quit"]);
  });

  test("ends Ferry where the tray has gone meanwhile, and not where one has come", async () => {
    let tray = true;
    const { presence, did } = create({ tray: () => tray, told: true });
    await presence.start(false);
    tray = false;
    await presence.closed("by-user");
    expect(did).toEqual(["open", "tray", "quit"]);
    const other = create({ tray: () => tray, told: true });
    await other.presence.start(false);
    tray = true;
    await other.presence.closed("by-user");
    expect(other.did).toEqual(["open", "tray"]);
  });
});

describe("a window whose page crashes", () => {
  test("waits to be asked for where there is a tray", async () => {
    const { presence, did } = create({ tray: () => true });
    await presence.start(false);
    await presence.closed("crashed");
    expect(did).toEqual(["open", "tray"]);
  });

  test("comes back where there is none, unless it crashes again at once", async () => {
    const { presence, did } = create({ tray: () => false });
    await presence.start(false);
    vi.advanceTimersByTime(60_000);
    await presence.closed("crashed");
    expect(did).toEqual(["open", "open"]);
    vi.advanceTimersByTime(1_000);
    await presence.closed("crashed");
    expect(did).toEqual(["open", "open", "quit"]);
  });
});

test("windows that go with Ferry itself are neither opened again nor told of", async () => {
  for (const tray of [true, false]) {
    const { presence, did } = create({ tray: () => tray });
    await presence.start(false);
    vi.advanceTimersByTime(60_000);
    const before = [...did];
    presence.end();
    await presence.closed("crashed");
    await presence.closed("by-user");
    expect(did).toEqual(before);
  }
});

test("the tray shows the status with the links, and no links before Ferry has started", async () => {
  const { presence, shown } = create({ tray: () => true });
  await presence.statusChanged(fakeStatus({ summary: "Nobody sees this" }));
  await presence.start(true);
  await presence.statusChanged(fakeStatus({ summary: "Paused", paused: true }));
  await presence.trayClicked();
  expect(shown.map(({ status, links }) => [status.summary, links.length])).toEqual([
    ["Mirroring 1 link", 1],
    ["Paused", 1],
    ["Mirroring 1 link", 1],
  ]);
});

test("a click somewhere opens the page that it is about", async () => {
  const { presence, did } = create({ tray: () => true });
  await presence.open({ page: "proposals" });
  expect(did).toEqual(["open proposals"]);
});

import { describe, expect, test } from "vitest";
import { createSettingsWindow } from "../../main/desktop/settings-window.ts";
import { createWindows } from "../../main/desktop/windows.ts";
import {
  controlNotifications,
  controlRequests,
  type ShownPlace,
  type StatusView,
} from "../../main/protocol/control.ts";
import type { LinkId } from "../../main/matrix/ids.ts";
import { connect, type Handlers } from "../../main/protocol/rpc.ts";
import { TO_MAIN } from "../../main/desktop/ipc.ts";
import { fakeWindowParts, type FakeWindow } from "./fakes.ts";

const status = { summary: "Paused", version: "0.1.0", userId: null, deviceId: null, homeserver: null } as const;
const full: StatusView = {
  ...status,
  connection: "online",
  paused: true,
  everythingPaused: false,
  carrying: null,
  verified: true,
  verification: null,
  links: 0,
  copied: 0,
  waiting: 0,
  failed: 0,
  undecryptable: 0,
  proposals: 0,
  health: [],
};

function create(failures: Error[] = [], isMaximised = false) {
  const { parts, windows } = fakeWindowParts();
  const closed: string[] = [];
  const remembered: object[] = [];
  const openPage = createWindows({
    ...parts,
    createWindow: (options) => {
      const window = parts.createWindow(options);
      const fake = windows.at(-1);
      if (fake) fake.failure = failures.shift() ?? null;
      return window;
    },
  });
  const handlers = { status: async () => full } as unknown as Handlers<typeof controlRequests>;
  const settings = createSettingsWindow({
    openPage: () => openPage("settings"),
    handlers,
    remember: (place) => remembered.push(place),
    isMaximised: () => isMaximised,
    closed: (how) => closed.push(how),
  });
  return { settings, windows, closed, remembered };
}

/** The page's end of the contract, spoken through a fake window. */
function pageIn(window: FakeWindow | undefined, told: StatusView[], shown: ShownPlace[] = []) {
  if (!window) throw new Error("There is no window.");
  const { webContents } = window;
  const channel = {
    send: (text: string) =>
      void webContents.ipc.emit(TO_MAIN, { sender: webContents, senderFrame: webContents.mainFrame }, text),
    onReceive: (listener: (text: string) => void) => {
      webContents.send = (_name: unknown, text: unknown) => listener(text as string);
    },
  };
  const statusChanged = async (view: StatusView) => {
    told.push(view);
    return {};
  };
  const show = async (place: ShownPlace) => {
    shown.push(place);
    return {};
  };
  return connect(channel, controlNotifications, { statusChanged, show }, controlRequests).remote;
}

describe("the settings window", () => {
  test("opens once and comes to the front when it is asked for again", async () => {
    const { settings, windows } = create();
    await Promise.all([settings.show(), settings.show()]);
    expect(windows.length).toBe(1);
    expect(windows[0]?.calls).toEqual(["show", "focus", "show", "focus"]);
  });

  test("opens anew after it was closed, and tells that it was", async () => {
    const { settings, windows, closed } = create();
    await settings.show();
    windows[0]?.close();
    expect(closed).toEqual(["by-user"]);
    await settings.show();
    expect(windows.length).toBe(2);
  });

  test("opens anew after its page has crashed, which is told as that", async () => {
    const { settings, windows, closed, remembered } = create();
    await settings.show();
    windows[0]?.webContents.emit("render-process-gone", {}, { reason: "crashed", exitCode: 5 });
    expect(closed).toEqual(["crashed"]);
    expect(remembered).toEqual([]);
    await settings.show();
    expect(windows.length).toBe(2);
    expect(windows[1]?.calls).toEqual(["show", "focus"]);
  });

  test("its place is taken down when it is closed, and when Ferry ends", async () => {
    const { settings, windows, remembered } = create();
    await settings.remember();
    await settings.show();
    const [window] = windows;
    if (!window) throw new Error("There is no window.");
    await settings.remember();
    window.bounds = { x: 5, y: 6, width: 900, height: 700 };
    window.maximised = true;
    window.close();
    await settings.remember();
    expect(remembered).toEqual([
      { bounds: { x: 10, y: 20, width: 700, height: 500 }, isMaximised: false },
      { bounds: { x: 5, y: 6, width: 900, height: 700 }, isMaximised: true },
    ]);
  });

  test.each([true, false])("is maximised as it was: %s", async (isMaximised) => {
    const { settings, windows } = create([], isMaximised);
    await settings.show();
    expect(windows[0]?.maximised).toBe(isMaximised);
  });

  test("can be tried again where it did not open", async () => {
    const { settings, windows } = create([new Error("ERR_FAILED")]);
    await expect(settings.show()).rejects.toMatchObject({ code: "browser-failed" });
    await settings.show();
    expect(windows.length).toBe(2);
  });

  test("the page asks for the status, and is told of changes", async () => {
    const { settings, windows } = create();
    await settings.show();
    const told: StatusView[] = [];
    const remote = pageIn(windows[0], told);
    expect(await remote.status({})).toEqual(full);
    await settings.tell({ ...full, summary: "Offline" });
    expect(told.map(({ summary }) => summary)).toEqual(["Offline"]);
  });

  test("is sent to the page that something is about", async () => {
    const { settings, windows } = create();
    await settings.show();
    const shown: ShownPlace[] = [];
    pageIn(windows[0], [], shown);
    await settings.show({ page: "link", link: "l1" as LinkId });
    await settings.show({ page: "proposals" });
    await settings.show({ page: "elsewhere" } as never);
    await expect.poll(() => shown).toEqual([{ page: "link", link: "l1" }, { page: "proposals" }]);
  });

  test("telling a window that is not there, or goes away, is no failure", async () => {
    const { settings, windows } = create();
    await settings.tell(full);
    await settings.show();
    const telling = settings.tell(full);
    windows[0]?.destroy();
    await telling;
  });
});

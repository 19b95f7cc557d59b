import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { Environment, OpenWindow } from "../../main/cli/environment.ts";
import { FerryError } from "../../main/matrix/errors.ts";
import { controlNotifications, controlRequests, type StatusView } from "../../main/protocol/control.ts";
import { connect, type Channel } from "../../main/protocol/rpc.ts";
import { codeOf, parse, setUpCli, world } from "../support/cli-world.ts";
import { fakeStatus } from "../support/fake-control.ts";
import { describeOnUnix } from "../support/on-unix.ts";

const { folder, ferry, running } = setUpCli();

/** A window without a browser: the page's end of it, and what was done to it. */
function fakeWindow() {
  const closed = Promise.withResolvers<string | null>();
  const told: StatusView[] = [];
  const ends: { main?: (text: string) => void; page?: (text: string) => void } = {};
  const main: Channel = { send: (text) => ends.page?.(text), onReceive: (listener) => (ends.main = listener) };
  const page: Channel = { send: (text) => ends.main?.(text), onReceive: (listener) => (ends.page = listener) };
  const notifications = {
    statusChanged: async (status: StatusView) => ({ ...(told.push(status) && {}) }),
    show: async () => ({}),
  };
  const { remote } = connect(page, controlNotifications, notifications, controlRequests);
  const raise = vi.fn(async () => undefined);
  const close = vi.fn(async () => closed.resolve(null));
  const window: OpenWindow = { channel: main, raise, closed: closed.promise, close };
  const openWindow = vi.fn<Environment["openWindow"]>(async () => window);
  return { openWindow, remote, told, raise, close, end: closed.resolve };
}

const withWindow = (openWindow: Environment["openWindow"]) => world({ hasDisplay: true, openWindow });

describeOnUnix("ferry open", () => {
  it("lets the page steer the Ferry that runs, and tells it what becomes of it, until it is closed", async () => {
    const server = await running({
      linkShow: () => Promise.reject(new FerryError("unknown-link", "There is none.")),
      loginBrowser: async () => ({ address: "https://id.example.org/auth" }),
    });
    const { openWindow, remote, told, close, end } = fakeWindow();
    const surroundings = withWindow(openWindow);
    const ended = ferry(["open"], surroundings);
    await expect.poll(() => surroundings.out).toEqual(["Ferry's window is open. Closing it leaves Ferry running."]);
    const place = expect.objectContaining({ window: join(folder(), "window") }) as unknown;
    expect(openWindow).toHaveBeenCalledWith(place, expect.any(Function));
    const mayOpen = openWindow.mock.calls[0]?.[1];
    expect(mayOpen?.("https://id.example.org/auth")).toBe(false);
    await remote.loginBrowser({ homeserver: "example.org", method: "sso", provider: null });
    expect([mayOpen?.("https://id.example.org/auth"), mayOpen?.("https://evil.example/")]).toEqual([true, false]);
    expect(await remote.status({})).toEqual(fakeStatus());
    await expect(remote.linkShow({ link: "l9" })).rejects.toMatchObject({ code: "unknown-link" });
    server.statusChanged(fakeStatus({ summary: "Offline" }));
    await expect.poll(() => told.map(({ summary }) => summary)).toEqual(["Offline"]);
    end(null);
    expect(await ended).toMatchObject({ status: 0, error: "" });
    expect(close).toHaveBeenCalledOnce();
    expect((await ferry(["status"])).status).toBe(0);
  });

  it("brings the window that there is to the front", async () => {
    await running();
    const first = fakeWindow();
    const surroundings = withWindow(first.openWindow);
    const ended = ferry(["open", "--json"], surroundings);
    await expect.poll(() => surroundings.out.map(parse)).toEqual([{ open: true, new: true }]);
    const second = fakeWindow();
    const { status, out } = await ferry(["open"], withWindow(second.openWindow));
    expect([status, out]).toEqual([0, "Ferry's window was open already, and has been brought to the front."]);
    expect(second.openWindow).not.toHaveBeenCalled();
    await expect.poll(() => first.raise.mock.calls.length).toBeGreaterThan(0);
    first.end(null);
    await ended;
    const third = fakeWindow();
    third.end(null);
    expect((await ferry(["open"], withWindow(third.openWindow))).status).toBe(0);
    expect(third.openWindow).toHaveBeenCalledOnce();
  });

  it("ends with Ferry", async () => {
    const server = await running();
    const { openWindow, close } = fakeWindow();
    const surroundings = withWindow(openWindow);
    const ended = ferry(["open"], surroundings);
    await expect.poll(() => surroundings.out.length).toBe(1);
    await server.close();
    expect(await ended).toMatchObject({ status: 0, error: "Ferry has ended, and its window has been closed." });
    expect(close).toHaveBeenCalledOnce();
  });

  it("closes the window when it is asked to end", async () => {
    await running();
    const asked = Promise.withResolvers<void>();
    const { openWindow, close } = fakeWindow();
    const surroundings = world({ hasDisplay: true, openWindow, endAsked: () => asked.promise });
    const ended = ferry(["open"], surroundings);
    await expect.poll(() => surroundings.out.length).toBe(1);
    asked.resolve();
    expect((await ended).status).toBe(0);
    expect(close).toHaveBeenCalledOnce();
  });

  it("says why a window that nobody closed is gone, and how to open it again", async () => {
    await running();
    const { openWindow, end } = fakeWindow();
    end("The settings page crashed.");
    const outcome = await ferry(["open"], withWindow(openWindow));
    expect(outcome.status).toBe(1);
    expect(outcome.error).toMatch(/^The settings page crashed\. .*ferry open$/);
  });

  it("says where there is no display, no Ferry or no browser, and opens nothing", async () => {
    expect(codeOf(await ferry(["open", "--json"]))).toBe("no-display");
    const { openWindow } = fakeWindow();
    expect(await ferry(["open"], withWindow(openWindow))).toMatchObject({
      status: 3,
      error: expect.stringContaining("ferry run") as string,
    });
    expect(await ferry(["--data", join(folder(), "none"), "open"], withWindow(openWindow))).toMatchObject({
      status: 3,
    });
    expect(existsSync(join(folder(), "none"))).toBe(false);
    expect(openWindow).not.toHaveBeenCalled();
    await running();
    expect(await ferry(["open"], world({ hasDisplay: true }))).toMatchObject({ status: 1, error: "No browser." });
  });
});

describeOnUnix("ferry start, without Electron", () => {
  it("opens the window, and goes on when it is closed", async () => {
    const asked = Promise.withResolvers<void>();
    const { openWindow, remote, end } = fakeWindow();
    const endAsked = () => asked.promise;
    const surroundings = world({ hasDisplay: true, openWindow, endAsked }, { ended: new Promise(() => undefined) });
    const ended = ferry(["start"], surroundings);
    await expect.poll(() => openWindow.mock.calls.length).toBe(1);
    expect(await remote.status({})).toEqual(fakeStatus());
    end(null);
    await expect.poll(() => surroundings.error.at(-1)).toContain("To open it again, in another terminal: ferry open");
    expect((await ferry(["status"])).status).toBe(0);
    asked.resolve();
    expect((await ended).status).toBe(0);
  });

  it("closes the window when it ends, and goes on where none can be opened", async () => {
    const { openWindow, close } = fakeWindow();
    const first = Promise.withResolvers<void>();
    const ended = ferry(["start"], world({ hasDisplay: true, openWindow }, { ended: first.promise }));
    await expect.poll(() => openWindow.mock.calls.length).toBe(1);
    first.resolve();
    expect((await ended).status).toBe(0);
    expect(close).toHaveBeenCalledOnce();
    const second = Promise.withResolvers<void>();
    const without = world({ hasDisplay: true }, { ended: second.promise });
    const goesOn = ferry(["start"], without);
    await expect.poll(() => without.error.at(-1)).toBe("No browser.");
    expect((await ferry(["status"])).status).toBe(0);
    second.resolve();
    expect((await goesOn).status).toBe(0);
  });

  it("opens no window for ferry run", async () => {
    const { openWindow } = fakeWindow();
    expect((await ferry(["run"], withWindow(openWindow))).status).toBe(0);
    expect(openWindow).not.toHaveBeenCalled();
  });
});

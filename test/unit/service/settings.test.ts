import { describe, expect, onTestFinished, test, vi } from "vitest";
import { settingHandlers, type SystemSettings } from "../../../main/service/settings.ts";
import { temporaryStore } from "../store/store-support.ts";

function create(system: SystemSettings = {}) {
  const store = temporaryStore();
  const [keysFor, logLevel] = [vi.fn(async () => undefined), vi.fn()];
  const handlers = settingHandlers(() => ({ store }), system, { keysFor, logLevel });
  return { store, keysFor, logLevel, handlers };
}

/** A system that starts Ferry with the session, and an installation that replaces itself. */
function desktop(isOn: boolean | null = false) {
  const turned: boolean[] = [];
  let on = isOn;
  const autostart = {
    get: async () => on,
    set: async (next: boolean) => {
      on = next;
    },
  };
  return { turned, system: { autostart, updates: { turn: (next: boolean) => turned.push(next), state: () => null } } };
}

describe("what the system keeps of the settings", () => {
  test("cannot be set where there is nothing to set", async () => {
    const { handlers, store } = create();
    const nothing = {
      startAtLogin: null,
      updates: null,
      notifyProposals: null,
      notifyStopped: null,
      notifyFailed: null,
    };
    expect(await handlers.settings({})).toMatchObject(nothing);
    for (const change of [{ startAtLogin: true }, { updates: true }, { notifyStopped: false }]) {
      await expect(handlers.settingsChange({ ...change, catchUpHours: 7 })).rejects.toMatchObject({
        code: "bad-request",
      });
    }
    expect(store.settings.all).toMatchObject({ catchUpHours: null, updates: false });
    // "As it is" is not a wish.
    await handlers.settingsChange({ ...nothing, catchUpHours: 7 });
    expect(store.settings.all).toMatchObject({ catchUpHours: 7, updates: false, notifyStopped: true });
  });

  test("notifications can be set where they are shown", async () => {
    const { handlers } = create({ showsNotices: true });
    expect(await handlers.settings({})).toMatchObject({ notifyProposals: true, notifyFailed: true });
    const changed = await handlers.settingsChange({ notifyFailed: false });
    expect(changed).toMatchObject({ notifyStopped: true, notifyFailed: false });
  });

  test("is read from the system, not remembered", async () => {
    const { system } = desktop();
    const { handlers } = create(system);
    expect((await handlers.settingsChange({ startAtLogin: true })).startAtLogin).toBe(true);
    await system.autostart.set(false);
    expect((await handlers.settings({})).startAtLogin).toBe(false);
  });

  test("a system that does not say is one where it cannot be arranged", async () => {
    expect((await create(desktop(null).system).handlers.settings({})).startAtLogin).toBe(null);
  });

  test("a system that does not take it over is named", async () => {
    const { system } = desktop();
    system.autostart.get = async () => false;
    await expect(create(system).handlers.settingsChange({ startAtLogin: true })).rejects.toMatchObject({
      code: "autostart-refused",
    });
    expect((await create(system).handlers.settingsChange({ startAtLogin: false })).startAtLogin).toBe(false);
  });

  test("new versions are looked for from the moment that it is turned on until it is turned off", async () => {
    const { system, turned } = desktop();
    const { handlers, store } = create(system);
    expect((await handlers.settings({})).updates).toBe(false);
    await handlers.settingsChange({ catchUpHours: 7 });
    expect(turned).toEqual([]);
    expect((await handlers.settingsChange({ updates: true })).updates).toBe(true);
    expect((await handlers.settingsChange({ updates: false })).updates).toBe(false);
    expect(turned).toEqual([true, false]);
    expect(store.settings.all.updates).toBe(false);
  });

  test("what the system refuses leaves everything as it was", async () => {
    const { system } = desktop();
    system.autostart.set = async () => Promise.reject(new Error("no"));
    const { handlers, store } = create(system);
    await expect(handlers.settingsChange({ startAtLogin: true, updates: true, catchUpHours: 7 })).rejects.toThrow("no");
    expect(store.settings.all).toMatchObject({ catchUpHours: null, updates: false });
  });
});

test("what cannot be written down is not half there, now or after a start", async () => {
  const { system, turned } = desktop();
  const store = temporaryStore();
  const handlers = settingHandlers(() => ({ store }), system, { keysFor: async () => undefined, logLevel: vi.fn() });
  // Stands in for a disk that is full at the last of three writes.
  const changes = { catchUpHours: 7, logLevel: "debug", updates: true } as const;
  const stringify = vi.spyOn(JSON, "stringify");
  onTestFinished(() => stringify.mockRestore());
  stringify.mockImplementationOnce(() => "7").mockImplementationOnce(() => '"debug"');
  stringify.mockImplementationOnce(() => {
    throw new Error("full");
  });
  await expect(handlers.settingsChange(changes)).rejects.toThrow("full");
  stringify.mockRestore();
  expect([store.settings.all.catchUpHours, turned]).toEqual([null, []]);
  await handlers.settingsChange({ acceptUnverified: true });
  expect(store.settings.all).toMatchObject({ acceptUnverified: true, catchUpHours: null, logLevel: "info" });
});

describe("who gets keys", () => {
  test("is told to the engine once it is stored, and only where it was set", async () => {
    const { handlers, store, keysFor } = create();
    await handlers.settingsChange({ catchUpHours: 7 });
    expect(keysFor).not.toHaveBeenCalled();
    keysFor.mockImplementation(async () => void expect(store.settings.all.keysFor).toBe("verified"));
    await handlers.settingsChange({ keysFor: "verified" });
    expect(keysFor).toHaveBeenCalledExactlyOnceWith("verified");
  });
});

test("how much the log says is told to the log at once", async () => {
  const { handlers, logLevel } = create();
  await handlers.settingsChange({ logLevel: "debug" });
  expect(logLevel).toHaveBeenLastCalledWith("debug");
  await handlers.settingsChange({ logLevel: "info" });
  expect(logLevel).toHaveBeenLastCalledWith("info");
});

import { EventEmitter } from "node:events";
import type { App, PowerMonitor } from "electron";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readArguments, refuseSwitches, sandboxPages } from "../../main/desktop/arguments.ts";
import { applicationMenu } from "../../main/desktop/menu.ts";
import { endInOrder, QUIT_LIMIT_MS, stopWithin } from "../../main/desktop/quit.ts";
import { watchPower, watchProcesses } from "../../main/desktop/system-events.ts";

/** What starts, wakes and ends the desktop application. */

const silent = { warn: () => undefined, error: () => undefined };

describe("quitting", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function create(stop: () => Promise<void>) {
    const app = Object.assign(new EventEmitter(), { ended: [] as number[] });
    const exit = (code: number): void => void app.ended.push(code);
    endInOrder(Object.assign(app, { exit }) as unknown as App, stop, silent);
    const quit = (): boolean => {
      let prevented = false;
      app.emit("before-quit", { preventDefault: () => (prevented = true) });
      return prevented;
    };
    return { app, quit };
  }

  test("is put off until everything is closed, however often it is asked for", async () => {
    let stops = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const { app, quit } = create(() => {
      stops += 1;
      return promise;
    });
    expect([quit(), quit()]).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(app.ended).toEqual([]);
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    // Zero is also what lets an update that has been fetched be put in place.
    expect(app.ended).toEqual([0]);
    expect(stops).toBe(1);
  });

  test("does not wait for ever", async () => {
    const { app, quit } = create(() => new Promise(() => undefined));
    quit();
    await vi.advanceTimersByTimeAsync(QUIT_LIMIT_MS);
    expect(app.ended).toEqual([0]);
    // Five seconds are for what is being sent, the rest for closing the crypto store and the database.
    expect(QUIT_LIMIT_MS).toBeGreaterThan(5_000);
  });

  test("says by its code that something was not closed", async () => {
    const { app, quit } = create(() => Promise.reject(new Error("no")));
    quit();
    await vi.advanceTimersByTimeAsync(0);
    expect(app.ended).toEqual([1]);
  });
});

describe("the time limit", () => {
  test("waits for what is being sent", async () => {
    expect(await stopWithin(async () => undefined, 1000)).toBe(true);
  });

  test("does not wait longer than the limit", async () => {
    expect(await stopWithin(() => new Promise(() => undefined), 20)).toBe(false);
  });

  test("passes a failure on", async () => {
    await expect(stopWithin(() => Promise.reject(new Error("no")), 1000)).rejects.toThrow("no");
  });
});

test.each([
  [[], { data: undefined, secrets: undefined, hidden: false }],
  [[".", "--data", "/x", "--hidden"], { data: "/x", secrets: undefined, hidden: true }],
  [["--secrets=plain-file", "--no-sandbox"], { data: undefined, secrets: "plain-file", hidden: false }],
  [["--remote-debugging-port=1", "--data"], { data: undefined, secrets: undefined, hidden: false }],
])("the arguments %j", (values, expected) => {
  expect(readArguments(values)).toEqual(expected);
});

describe("switches that hand Ferry to other programs", () => {
  const refused = ["remote-debugging-port", "remote-debugging-pipe", "inspect", "inspect-brk", "disable-web-security"];
  const others = [
    "no-zygote",
    "single-process",
    "disable-setuid-sandbox",
    "host-rules",
    "ssl-key-log-file",
    "renderer-cmd-prefix",
    "utility-cmd-prefix",
    "gpu-launcher",
  ];
  test.each([...refused, ...others, "ignore-certificate-errors", "load-extension", "js-flags"])("--%s", (name) => {
    const has = (asked: string): boolean => asked === name;
    expect(() => refuseSwitches(has, true)).toThrow(expect.objectContaining({ code: "bad-request" }));
    expect(() => refuseSwitches(has, true)).toThrow(`--${name}`);
    // Tests steer a checkout by them.
    expect(() => refuseSwitches(has, false)).not.toThrow();
  });

  test.each(["no-sandbox", "hidden", "data", "lang", "ozone-platform", "proxy-server", "enable-features"])(
    "--%s is none",
    (name) => {
      expect(() => refuseSwitches((asked) => asked === name, true)).not.toThrow();
    },
  );
});

test.each([
  ["no switch", [], 1],
  ["no sandbox", ["no-sandbox"], 0],
])("the sandbox is switched on, and never after it was switched off: %s", (_name, switches: string[], times) => {
  let enabled = 0;
  sandboxPages({
    enableSandbox: () => void (enabled += 1),
    commandLine: { hasSwitch: (name) => switches.includes(name) },
  });
  expect(enabled).toBe(times);
});

describe("the system", () => {
  function create() {
    const did: string[] = [];
    const monitor = new EventEmitter();
    const actions = { wake: () => void did.push("wake"), quit: () => void did.push("quit") };
    watchPower(monitor as unknown as PowerMonitor, actions);
    return { monitor, did, actions };
  }

  test.each(["resume", "unlock-screen"])("%s wakes Ferry", (event) => {
    const { monitor, did } = create();
    monitor.emit(event);
    expect(did).toEqual(["wake"]);
  });

  test.each(["suspend", "lock-screen", "on-battery"])("%s does not", (event) => {
    const { monitor, did } = create();
    monitor.emit(event);
    expect(did).toEqual([]);
  });

  test("waits with shutting down until Ferry has ended in order", () => {
    const { monitor, did } = create();
    monitor.emit("shutdown", { preventDefault: () => did.push("held off") });
    expect(did).toEqual(["held off", "quit"]);
    monitor.emit("shutdown");
    expect(did).toEqual(["held off", "quit", "quit"]);
  });
});

describe("a process of Chromium that is gone", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function create() {
    const app = new EventEmitter();
    const logged: unknown[] = [];
    let woken = 0;
    watchProcesses(app as unknown as App, () => (woken += 1), { warn: (_event, fields) => logged.push(fields) });
    return { app, logged, woken: () => woken };
  }
  const network = { type: "Utility", reason: "crashed", exitCode: 5, name: "Network Service" };

  test("is said; the network's is asked again at once", () => {
    const { app, logged, woken } = create();
    app.emit("child-process-gone", {}, { type: "GPU", reason: "crashed", exitCode: 133 });
    expect(woken()).toBe(0);
    app.emit("child-process-gone", {}, network);
    expect(woken()).toBe(1);
    app.emit("child-process-gone", {}, { ...network, reason: "clean-exit" });
    expect(woken()).toBe(1);
    expect(logged).toEqual([{ type: "GPU", reason: "crashed", exitCode: 133 }, network]);
  });

  test("again and again makes no storm", () => {
    const { app, woken } = create();
    for (let count = 0; count < 600; count += 1) {
      app.emit("child-process-gone", {}, network);
      vi.advanceTimersByTime(100);
    }
    expect(woken()).toBeLessThanOrEqual(8);
  });
});

describe("the application's menu", () => {
  const keysOf = (platform: NodeJS.Platform): string[] =>
    applicationMenu(platform).flatMap(({ role, submenu }) => [
      ...(role === undefined ? [] : [role]),
      ...(Array.isArray(submenu) ? submenu.flatMap((item) => (item.role === undefined ? [] : [item.role])) : []),
    ]);

  test.each(["linux", "win32", "darwin"] as const)("lets the window be enlarged by the keyboard on %s", (platform) => {
    expect(keysOf(platform)).toEqual(expect.arrayContaining(["zoomIn", "zoomOut", "resetZoom"]));
    // What would open the page to whoever sits at it.
    for (const role of ["toggleDevTools", "reload", "forceReload"]) expect(keysOf(platform)).not.toContain(role);
  });

  test("closes and quits by the keyboard", () => {
    for (const platform of ["linux", "win32"] as const) {
      expect(keysOf(platform)).toEqual(expect.arrayContaining(["close", "quit"]));
    }
    expect(keysOf("darwin")).toEqual(expect.arrayContaining(["appMenu", "editMenu", "windowMenu"]));
  });
});

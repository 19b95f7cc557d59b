import { EventEmitter } from "node:events";
import type { App } from "electron";
import { describe, expect, test } from "vitest";
import { startAnew, watchStarts } from "../../main/desktop/starts.ts";

describe("a second start", () => {
  function watch() {
    const app = new EventEmitter();
    const starts = watchStarts(app as unknown as App, (words) => words.includes("--hidden"));
    const again = (...words: string[]): void => void app.emit("second-instance", {}, ["electron", ...words]);
    return { app, starts, again };
  }

  test("opens the window, but not where it is the system's", () => {
    const { app, starts, again } = watch();
    let opened = 0;
    starts.openBy(() => (opened += 1));
    again();
    again("--hidden");
    app.emit("activate");
    expect(opened).toBe(2);
  });

  test("that comes before there is a window opens it as soon as there can be one, once", () => {
    const { starts, again } = watch();
    let opened = 0;
    again("--hidden");
    again();
    again();
    starts.openBy(() => (opened += 1));
    expect(opened).toBe(1);
  });

  test("of the system's alone opens none", () => {
    const { starts, again } = watch();
    let opened = 0;
    again("--hidden");
    starts.openBy(() => (opened += 1));
    expect(opened).toBe(0);
  });
});

describe("starting anew", () => {
  const anew = (env: NodeJS.ProcessEnv, execPath: string): string[] => {
    const did: string[] = [];
    startAnew(
      { relaunch: () => void did.push("relaunch") },
      { env, execPath, argv: ["x", "--data", "d"] },
      (program, words) => did.push([program, ...words].join(" ")),
    );
    return did;
  };

  test("is Electron's own way", () => {
    expect(anew({}, "/opt/Ferry/matrix-ferry")).toEqual(["relaunch"]);
  });

  test("is the AppImage's file where its mount goes with this process", () => {
    const env = { APPIMAGE: "/home/ana/Ferry.AppImage", APPDIR: "/tmp/.mount_Ferry1" };
    expect(anew(env, "/tmp/.mount_Ferry1/matrix-ferry")).toEqual(["/home/ana/Ferry.AppImage --data d"]);
  });
});

import { beforeEach, expect, test, vi } from "vitest";
import { ConnectionReport } from "../../../renderer/engine/connection.ts";

const told: unknown[] = [];
const onOnline = vi.fn();
let hasNetwork = true;
let report: ConnectionReport;

beforeEach(() => {
  told.length = 0;
  onOnline.mockClear();
  hasNetwork = true;
  const connection = async (state: unknown) => {
    told.push(state);
    return {};
  };
  report = new ConnectionReport({ connection }, onOnline, () => hasNetwork);
});

/** An event of now, by a clock that is so much behind this machine's. */
const eventOf = (behindMs: number) => ({ origin_server_ts: Date.now() - behindMs, unsigned: { age: 0 } });

test("main hears of each change once", () => {
  for (const state of ["online", "online", "offline", "online"] as const) report.set(state);
  expect(told).toEqual([{ state: "online" }, { state: "offline", hasNetwork: true }, { state: "online" }]);
  expect(onOnline).toHaveBeenCalledTimes(2);
});

test.each([true, false])(
  "the end of the login is the last word, and says whether the device is known still (%s)",
  (soft) => {
    report.set("online");
    report.loggedOut(soft);
    report.loggedOut(!soft);
    report.set("online");
    expect(told.at(-1)).toEqual({ state: "logged-out", softLogout: soft });
    expect(told).toHaveLength(2);
  },
);

test("a clock that is off is told of, and again when it is right", () => {
  report.set("online");
  report.noteClock([eventOf(1_000)]);
  expect(told).toHaveLength(1);
  report.noteClock([eventOf(120_000)]);
  report.noteClock([eventOf(121_000)]);
  report.noteClock([{}]);
  report.noteClock([eventOf(0)]);
  expect(told.slice(1)).toMatchObject([{ state: "online" }, { state: "online" }]);
  const offsets = (told.slice(1) as { clockOffsetMs: number }[]).map(({ clockOffsetMs }) =>
    Math.round(clockOffsetMs / 60_000),
  );
  expect(offsets).toEqual([2, 0]);
});

test("main hears whether it is the network that is wanting, and when that changes", () => {
  report.set("online");
  hasNetwork = false;
  report.networkChanged();
  report.set("offline");
  hasNetwork = true;
  report.networkChanged();
  report.set("online");
  report.networkChanged();
  expect(told.slice(1)).toEqual([
    { state: "offline", hasNetwork: false },
    { state: "offline", hasNetwork: true },
    { state: "online" },
  ]);
});

test("a report that main does not take is no failure", async () => {
  const lost = new ConnectionReport({ connection: () => Promise.reject(new Error("gone")) }, onOnline, () => true);
  lost.set("online");
  await new Promise((resolve) => setTimeout(resolve, 0));
});

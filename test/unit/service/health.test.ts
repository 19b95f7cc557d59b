import { describe, expect, test } from "vitest";
import type { Gap } from "../../../main/bridge/link.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { FerryError } from "../../../main/matrix/errors.ts";
import { healthCondition } from "../../../main/protocol/control.ts";
import { healthOf, type Facts } from "../../../main/service/health.ts";

const WELL: Facts = {
  loggedIn: true,
  connection: "online",
  clockOffsetMs: null,
  hasNetwork: true,
  engineFailure: null,
  engineEnds: 0,
  storeFailure: null,
  isDiskFull: false,
  failed: 0,
  undecryptable: 0,
  suspended: [],
  gaps: [],
  verified: true,
  update: null,
  requests: 0,
};

const LINK = { id: "l1" as LinkId, name: "L" };

const GAP: Gap = { code: "approver-lost-power", sentence: "Nobody may speak for it." };

const codesOf = (facts: Partial<Facts>): string[] => healthOf({ ...WELL, ...facts }).map((condition) => condition.code);

describe("healthOf", () => {
  test("nothing to say where all is well", () => {
    expect(codesOf({})).toEqual([]);
    expect(codesOf({ clockOffsetMs: 60_000 })).toEqual([]);
    expect(codesOf({ connection: "starting" })).toEqual([]);
    expect(codesOf({ verified: null })).toEqual([]);
  });

  test.each<[Partial<Facts>, string, string]>([
    [{ loggedIn: false, connection: "logged-out" }, "not-logged-in", "info"],
    [{ connection: "logged-out" }, "logged-out", "error"],
    [{ connection: "offline" }, "homeserver-unreachable", "warning"],
    [{ connection: "offline", hasNetwork: false }, "offline", "warning"],
    [{ clockOffsetMs: 61_000 }, "clock-wrong", "warning"],
    [{ clockOffsetMs: -7_200_000 }, "clock-wrong", "warning"],
    [{ storeFailure: new FerryError("database-damaged", "Broken.") }, "database-damaged", "error"],
    [{ isDiskFull: true, storeFailure: new FerryError("disk-full", "No room.") }, "disk-full", "error"],
    [{ engineFailure: new FerryError("no-browser", "None.") }, "no-browser", "error"],
    [{ engineFailure: new FerryError("no-browser", "None."), engineEnds: 4 }, "no-browser", "error"],
    [{ engineEnds: 1 }, "engine-gone", "warning"],
    [{ engineEnds: 3 }, "engine-gone", "error"],
    [{ failed: 1 }, "delivery-failed", "warning"],
    [{ undecryptable: 3 }, "keys-missing", "info"],
    [{ gaps: [{ link: LINK, isWaiting: true, gap: GAP }] }, "consent-awaited", "info"],
    [{ gaps: [{ link: LINK, isWaiting: false, gap: GAP }] }, "approver-lost-power", "error"],
    [{ update: "failed" }, "update-failed", "info"],
    [{ update: "ready" }, "update-ready", "info"],
    [{ requests: 1 }, "proposal-received", "warning"],
    [{ verified: false }, "device-unverified", "warning"],
    [{ suspended: [{ link: LINK, room: "R", reason: "why" }] }, "link-suspended", "error"],
  ])("%o: %s", (facts, code, severity) => {
    const [condition, ...others] = healthOf({ ...WELL, ...facts });
    expect(others).toEqual([]);
    expect(condition).toMatchObject({ code, severity });
    expect(healthCondition.safeParse(condition).success).toBe(true);
    expect(condition?.text).toMatch(/^[A-Z“0-9].*\.$|why$/);
    expect(condition?.action).not.toBe("");
  });

  test("without a login there is no device to verify", () => {
    expect(codesOf({ verified: false, loggedIn: false, connection: "logged-out" })).toEqual(["not-logged-in"]);
    expect(codesOf({ verified: false, connection: "logged-out" })).toEqual(["logged-out"]);
  });

  test("a room that will be looked at in a moment is not worth a word", () => {
    const gap: Gap = { code: "room-unread", sentence: "Ferry has not looked at this room yet." };
    expect(codesOf({ gaps: [{ link: LINK, isWaiting: false, gap }] })).toEqual([]);
  });

  test("says which way the clock is wrong", () => {
    expect(healthOf({ ...WELL, clockOffsetMs: 7_200_000 })[0]?.text).toContain("120 minutes ahead of");
    expect(healthOf({ ...WELL, clockOffsetMs: -90_000 })[0]?.text).toContain("2 minutes behind");
  });

  test("an engine that does not run explains why nothing is reached", () => {
    expect(codesOf({ connection: "offline", engineFailure: new FerryError("browser-failed", "It ended.") })).toEqual([
      "browser-failed",
    ]);
  });

  test("the gravest comes first", () => {
    const facts = { undecryptable: 1, failed: 1, suspended: [{ link: LINK, room: "R", reason: "why" }] };
    expect(codesOf(facts)).toEqual(["link-suspended", "delivery-failed", "keys-missing"]);
  });
});

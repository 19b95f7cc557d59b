import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger, levelFrom, type LogFields } from "../../main/log.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-log-"));
  file = join(folder, "logs", "ferry.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lines(path = file): LogFields[] {
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LogFields);
}

describe("the log", () => {
  it("writes one JSON object a line, from the chosen level on, for the user alone", () => {
    const logger = createLogger({ file, level: "info" });
    logger.debug("left-out");
    logger.child({ link: "l1" }).warn("copied", { count: 3, ok: true });
    expect(lines()).toEqual([
      { ts: expect.any(String) as string, level: "warn", event: "copied", link: "l1", count: 3, ok: true },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("no longer looks for what is no secret any more", () => {
    const logger = createLogger({ file, level: "info" });
    logger.conceal("a-token");
    logger.info("used", { by: "a-token" });
    logger.reveal("a-token");
    logger.info("used", { by: "a-token" });
    expect(lines().map(({ by }) => by)).toEqual(["[redacted]", "a-token"]);
  });

  it("says more or less from when it is told to, unless the level is fixed", () => {
    const logger = createLogger({ file, ...levelFrom(undefined) });
    const child = logger.child({ link: "l1" });
    logger.setLevel("debug");
    child.debug("seen");
    logger.setLevel("info");
    child.debug("left-out");
    expect(lines().map(({ event }) => event)).toEqual(["seen"]);
    for (const [named, expected] of [
      ["debug", 2],
      ["info", 1],
      ["loud", 1],
    ] as const) {
      const other = join(folder, named);
      const fixed = createLogger({ file: other, ...levelFrom(named) });
      fixed.setLevel(named === "debug" ? "info" : named === "info" ? "debug" : "info");
      fixed.info("one");
      fixed.debug("two");
      expect(lines(other), named).toHaveLength(expected);
    }
  });

  it("writes nothing more once it is closed", () => {
    const logger = createLogger({ file, level: "info" });
    logger.info("one");
    logger.close();
    rmSync(folder, { recursive: true });
    logger.error("two");
    logger.close();
    expect(existsSync(folder)).toBe(false);
  });

  it("does not let a field pose as the line's own", () => {
    createLogger({ file, level: "info" }).info("real", { level: "error", event: "forged" });
    expect(lines()[0]).toMatchObject({ level: "info", event: "real", field_level: "error", field_event: "forged" });
  });

  it("writes nothing of a field that is named for a secret or for somebody's words", () => {
    const names = ["token", "accessToken", "refresh_token", "password", "passphrase", "key", "storageKey"];
    const fields = Object.fromEntries(
      [...names, "body", "formatted_body", "content", "text"].map((name) => [name, "x1"]),
    );
    createLogger({ file, level: "info" }).info("event", fields);
    expect(readFileSync(file, "utf8")).not.toContain("x1");
    expect(lines()[0]).toMatchObject(Object.fromEntries(Object.keys(fields).map((name) => [name, "[redacted]"])));
  });

  it.each([
    "syt_YW5h_abcdefGHIJ_1a2B3c",
    "mct_abcDEF123_xyz",
    "mat_abcDEF123_xyz",
    "mcr_abcDEF123_xyz",
    "syr_abcDEF123",
  ])("conceals what looks like an access token: %s", (token) => {
    const logger = createLogger({ file, level: "info" });
    logger.info("failed", { reason: `GET /sync?access_token=${token} failed`, header: `Bearer ${token}` });
    logger.info(token);
    logger.info("failed", { reason: `the homeserver does not know ${token} any more` });
    expect(readFileSync(file, "utf8")).not.toContain(token);
  });

  it("conceals registered secrets in every form, for parents and children", () => {
    const logger = createLogger({ file, level: "info", secrets: ["first secret"] });
    logger.child({}).conceal("hunter2/&");
    const encoded = `${encodeURIComponent("hunter2/&")} ${Buffer.from("hunter2/&").toString("base64")}`;
    logger.info("event", { reason: `a hunter2/& b ${encoded} c first secret` });
    expect(lines()[0]?.["reason"]).toBe("a [redacted] b [redacted] [redacted] c [redacted]");
  });

  it("cuts long text, after concealing: no half of a secret stays at the cut", () => {
    const logger = createLogger({ file, level: "info", secrets: ["s".repeat(30)] });
    logger.info("event", { reason: "x".repeat(490) + "s".repeat(30) + "y".repeat(100) });
    const reason = String(lines()[0]?.["reason"]);
    expect(reason).toHaveLength(501);
    expect(reason).not.toContain("s");
  });

  it("puts a large file aside, and keeps two", () => {
    const logger = createLogger({ file, level: "info", rotateBytes: 200 });
    for (let number = 0; number < 20; number += 1) logger.info("event", { number });
    const kept = [`${file}.2`, `${file}.1`, file].flatMap((path) => lines(path).map((line) => line["number"]));
    expect(kept.at(-1)).toBe(19);
    expect(kept).toEqual(kept.map((_, index) => 20 - kept.length + index));
    expect(existsSync(`${file}.3`)).toBe(false);
    expect(statSync(`${file}.1`).mode & 0o777).toBe(0o600);
  });

  it("does not fail where nothing can be written, and says how much was lost as soon as it can", () => {
    const blocked = join(folder, "logs");
    writeFileSync(blocked, "a file where the folder belongs");
    const logger = createLogger({ file, level: "info" });
    logger.info("first");
    logger.info("second");
    rmSync(blocked);
    logger.info("third");
    expect(lines()).toMatchObject([{ event: "third", lost: 2 }]);
  });

  it.skipIf(!existsSync("/dev/full"))("survives a full disk", () => {
    const logger = createLogger({ file: "/dev/full", level: "info" });
    expect(() => logger.error("event")).not.toThrow();
  });

  it("appends to what a killed Ferry has left", () => {
    createLogger({ file, level: "info" }).info("before");
    createLogger({ file, level: "info" }).info("after");
    expect(lines().map(({ event }) => event)).toEqual(["before", "after"]);
  });
});

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { findChromium } from "../../../main/host/find-chromium.ts";

/** A platform without usual places, so that only what the test has made can be found. */
const NOWHERE = "freebsd";

function folderWith(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "ferry-chromium-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe("findChromium", () => {
  test("takes what FERRY_CHROMIUM names, before anything else", () => {
    const folder = folderWith("mine", "chromium");
    const environment = { FERRY_CHROMIUM: join(folder, "mine"), PATH: folder };
    expect(findChromium(environment, NOWHERE)).toBe(join(folder, "mine"));
  });

  test("does not go on searching where FERRY_CHROMIUM is wrong", () => {
    const folder = folderWith("chromium");
    const environment = { FERRY_CHROMIUM: join(folder, "missing"), PATH: folder };
    expect(() => findChromium(environment, NOWHERE)).toThrow(/FERRY_CHROMIUM names .*missing/);
  });

  test("searches the path in its order, past what is no program", () => {
    const folders = [folderWith(), folderWith(), folderWith("google-chrome"), folderWith("chromium")];
    mkdirSync(join(folders[0] ?? "", "chromium"));
    writeFileSync(join(folders[1] ?? "", "chromium"), "not executable", { mode: 0o644 });
    const environment = { FERRY_CHROMIUM: "", PATH: ["", ...folders].join(delimiter) };
    expect(findChromium(environment, NOWHERE)).toBe(join(folders[2] ?? "", "google-chrome"));
  });

  test("prefers Chromium to others in the same folder", () => {
    const folder = folderWith("google-chrome", "chromium", "microsoft-edge-stable");
    expect(findChromium({ PATH: folder }, NOWHERE)).toBe(join(folder, "chromium"));
  });

  test.each([
    ["darwin", /google\.com\/chrome.*FERRY_CHROMIUM/],
    [NOWHERE, /FERRY_CHROMIUM/],
  ] as const)("says what to do where there is none (%s)", (platform, sentence) => {
    const search = (): string => findChromium({ PATH: folderWith() }, platform);
    expect(search).toThrow(sentence);
    expect(search).toThrow(expect.objectContaining({ code: "no-browser" }) as Error);
  });
});

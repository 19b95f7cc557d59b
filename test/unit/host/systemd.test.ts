import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callSystemd, unitPath, unitText } from "../../../main/host/systemd.ts";
import { removeFolder, temporaryFolder } from "../../support/cleanup.ts";

let folder: string;
beforeEach(() => (folder = temporaryFolder("ferry-systemd-")));
afterEach(() => removeFolder(folder));

const NAMES = ["/home/ana/Ferry", "/home/ana/100% $HOME", String.raw`/home/ana/"a\b"`, "/home/ana/ä ; rm"];
const verifier = spawnSync("systemd-analyze", ["--version"]).status === 0;
if (!verifier) console.log("The unit is not verified: there is no systemd-analyze here.");

/** What systemd has to say of a unit. */
function verified(text: string): { status: number | null; said: string[] } {
  const file = join(folder, "ferry.service");
  writeFileSync(file, text);
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--user", file], { encoding: "utf8", env });
  return { status, said: stderr.split("\n").filter((line) => line.includes(file)) };
}

test.runIf(verifier).each(NAMES)("systemd takes the unit for a data folder called %s", (name) => {
  const command = [process.execPath, "/ferry.mjs", "run", "--data", name];
  const text = unitText({ command, passphraseFile: "/home/ana/pass phrase" });
  expect(verified(text)).toEqual({ status: 0, said: [] });
  // It looks at each line.
  expect(verified(text.replace("TimeoutStopSec=30", "TimeoutStopSec=soon")).said).not.toEqual([]);
});

test("each word of the command is one word for systemd, whatever is in it", () => {
  const text = unitText({ command: ["/bin/a", String.raw`b "c" \d`, "100% $HOME"], passphraseFile: null });
  expect(text).toContain(String.raw`ExecStart="/bin/a" "b \"c\" \\d" "100%% $$HOME"`);
});

test("the unit is where the user's own units are", () => {
  expect(unitPath({}, "/home/ana")).toBe("/home/ana/.config/systemd/user/ferry.service");
  expect(unitPath({ XDG_CONFIG_HOME: "/etc/ana" }, "/home/ana")).toBe("/etc/ana/systemd/user/ferry.service");
  expect(unitPath({ XDG_CONFIG_HOME: "relative" }, "/home/ana")).toBe("/home/ana/.config/systemd/user/ferry.service");
});

test("a program of systemd that is not there, or says no, is no error of Ferry's", async () => {
  const path = process.env["PATH"];
  try {
    process.env["PATH"] = folder;
    expect(await callSystemd("systemctl", ["--version"])).toEqual({ status: null, output: "" });
    writeFileSync(join(folder, "systemctl"), "#!/bin/sh\necho no >&2\nexit 4\n", { mode: 0o755 });
    expect(await callSystemd("systemctl", ["--version"])).toEqual({ status: 4, output: "no" });
  } finally {
    process.env["PATH"] = path;
  }
});

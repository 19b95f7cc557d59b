import { expect, test } from "vitest";
import { openOutside } from "../../../main/host/open-outside.ts";

const ADDRESS = "https://matrix.example.org/login?redirectUrl=http%3A%2F%2F127.0.0.1&a=1";

function opened(address: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv = { DISPLAY: ":0" }): string[] {
  const started: string[] = [];
  openOutside(address, { platform, env, start: (program, words) => started.push(program, ...words) });
  return started;
}

test.each<[NodeJS.Platform, string[]]>([
  ["linux", ["xdg-open", ADDRESS]],
  ["darwin", ["open", ADDRESS]],
  ["win32", ["rundll32", "url.dll,FileProtocolHandler", ADDRESS]],
])("on %s the system's browser gets the whole address as one word", (platform, words) => {
  expect(opened(ADDRESS, platform)).toEqual(words);
});

test.each(["file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.c", "--help", "", "https:// no"])(
  "%s is not opened",
  (address) => {
    expect(opened(address, "linux")).toEqual([]);
  },
);

test("without a display nothing is started in the terminal", () => {
  expect(opened(ADDRESS, "linux", {})).toEqual([]);
  expect(opened(ADDRESS, "linux", { WAYLAND_DISPLAY: "wayland-0" })).not.toEqual([]);
});

test("that there is no such program is no failure", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    openOutside(ADDRESS);
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    process.env["PATH"] = path;
  }
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/** What may go wrong in a workflow long before anybody looks: rights, other people's code, text that becomes a command. */

const folder = join(import.meta.dirname, "..", "..", ".github", "workflows");
const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);

test("there is one for every change, and one for releases", () => {
  expect(files.map(([name]) => name).sort()).toEqual(["check.yml", "release.yml"]);
});

describe.each(files)("%s", (_name, text) => {
  test("may read the sources and nothing else", () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
    expect(text.match(/permissions:/g)).toHaveLength(1);
    expect(text).not.toMatch(/: write|write-all|secrets\.|pull_request_target/);
    expect(text.match(/persist-credentials: false/g)?.length).toBe(text.match(/actions\/checkout/g)?.length);
  });

  test("uses actions of GitHub's own, each in a version", () => {
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(name).toMatch(/^actions\/[a-z-]+@(v\d+|[0-9a-f]{40})$/);
  });

  test("puts nobody's text into a command", () => {
    const commands = [...text.matchAll(/^( *)(?:- )?run: (?:\|((?:\n\1 {2,}.*)+)|(.*))$/gm)];
    expect(commands.length).toBe(text.match(/\brun: /g)?.length);
    for (const [command] of commands) expect(command).not.toContain("${{");
  });

  test("fetches Electron before anything is packaged or tried in it", () => {
    const fetched = text.indexOf("install-electron");
    expect(fetched).toBeGreaterThan(0);
    for (const later of ["npx electron-builder", "vitest run"]) {
      if (text.includes(later)) expect(text.indexOf(later)).toBeGreaterThan(fetched);
    }
  });
});

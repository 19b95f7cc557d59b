import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { eachNode } from "../support/source.ts";

/**
 * What Ferry says is said in the window as well as at a command line: what to type there is added by main/cli alone
 * (main/cli/hints.ts).
 */

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDERS = [
  ...["main/matrix", "main/bridge", "main/protocol", "main/store", "main/service", "main/host", "main/desktop"],
  "renderer",
];

/** Files whose sentences are said only where somebody sits at a command line, each with the reason. */
const EXCEPTIONS: Record<string, string> = {
  "main/host/find-chromium.ts": "without a browser there is no window: it is looked for where the command runs Ferry",
};

const commands = [...readFileSync(join(ROOT, "docs/command.md"), "utf8").matchAll(/^### `ferry ([a-z]+)/gm)];
const names = [...new Set(commands.map((match) => match[1] ?? ""))];
/** What is typed into rooms (`!ferry stop`) is the same for everybody. */
const COMMAND = new RegExp(`(?<![!\\w])ferry (?:${names.join("|")})\\b`);
const OPTION = /(?:^|\s)--[a-z][a-z-]*(?![\w=-])/;
const VARIABLE = /\bFERRY_[A-Z]/;

/** A literal without a space in it is a word that is passed on, not one of a sentence. */
function isForCommandLine(literal: string): boolean {
  return COMMAND.test(literal) || (/\s/.test(literal) && (OPTION.test(literal) || VARIABLE.test(literal)));
}

function literalsOf(path: string): string[] {
  if (path.endsWith(".svelte")) {
    return [readFileSync(join(ROOT, path), "utf8").replace(/<style>[^]*?<\/style>/g, "")];
  }
  const found: string[] = [];
  eachNode(path, (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found.push(node.text);
    }
  });
  return found;
}

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((path) => /\.(ts|svelte)$/.test(path));
}

test("the commands are known", () => {
  expect(names).toEqual(expect.arrayContaining(["login", "link", "outbox", "status"]));
});

describe("no sentence outside the command line tells what to type there", () => {
  test.each(FOLDERS)("%s", (folder) => {
    const files = filesOf(folder);
    expect(files.length).toBeGreaterThan(1);
    const found = files
      .filter((path) => !(path in EXCEPTIONS))
      .flatMap((path) => literalsOf(path).map((literal) => ({ path, literal })))
      .filter(({ literal }) => isForCommandLine(literal));
    expect(found).toEqual([]);
  });

  test.each(Object.keys(EXCEPTIONS))("the exception %s is needed", (path) => {
    expect(literalsOf(path).some(isForCommandLine)).toBe(true);
  });

  test.each([
    ["Log in first: ferry login", true],
    ["choose another folder with --data.", true],
    ["--secrets passphrase keeps them", true],
    ["Set FERRY_PASSPHRASE to it.", true],
    ["An admin of this room can end it by “!ferry stop”.", false],
    ["--no-sandbox", false],
    ["--host-rules=MAP * NOWHERE", false],
    ["FERRY_PASSPHRASE", false],
    ["Ferry stops here.", false],
  ])("%s", (literal, expected) => {
    expect(isForCommandLine(literal)).toBe(expected);
  });
});

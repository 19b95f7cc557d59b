import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { actionText, CommandFailure, failureText, gapHint, suspensionHint } from "../../main/cli/hints.ts";
import { FerryError, type FailureCode } from "../../main/matrix/errors.ts";
import type { LinkId } from "../../main/matrix/ids.ts";
import type { HealthCondition } from "../../main/protocol/control.ts";
import { setUpCli } from "../support/cli-world.ts";
import { fakeDetail, fakeLink, fakeStatus } from "../support/fake-control.ts";
import { namesOfUnion } from "../support/source.ts";

const LINK = "l1" as LinkId;
const CODES = "main/matrix/codes.ts";
const failures = namesOfUnion("main/matrix/errors.ts", "FailureCode") as FailureCode[];
const gaps = namesOfUnion(CODES, "GapCode");
const conditions = [...namesOfUnion(CODES, "OwnConditionCode"), ...gaps, ...failures];

const headings = readFileSync(join(import.meta.dirname, "..", "..", "docs", "command.md"), "utf8").match(/^### .*$/gm);

function condition(
  code: string,
  link: LinkId | null,
  severity: HealthCondition["severity"] = "warning",
): HealthCondition {
  return { code, severity, text: "It is so.", action: "Do it.", link };
}

/** What is said to be typed, without what stands in for names. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/ferry ((?:link )?[a-z]+)/g)].map((match) => match[1] ?? "");
}

test("every command that is named exists", () => {
  const all = [
    ...failures.map((code) => failureText(new FerryError(code, "So."))),
    ...gaps.map((code) => gapHint(code, LINK) ?? ""),
    suspensionHint(LINK),
    ...conditions.flatMap((code) => [null, LINK].map((link) => actionText(condition(code, link, "error")))),
  ];
  const commands = [...new Set(all.flatMap(commandsIn))];
  expect(commands).toEqual(expect.arrayContaining(["login", "doctor", "link change", "link resume", "outbox"]));
  const missing = commands.filter((name) => !headings?.some((heading) => heading.includes(`\`ferry ${name}`)));
  expect(missing).toEqual([]);
});

describe("a failure", () => {
  test("is followed by what to type, where something helps", () => {
    expect(failureText(new FerryError("not-logged-in", "Ferry is not logged in."))).toBe(
      "Ferry is not logged in. Log in first: ferry login",
    );
    expect(failureText(new FerryError("offline", "No network."))).toBe("No network.");
  });

  test("of the keychain is followed by the other places for secrets", () => {
    const text = failureText(new FerryError("keychain-unavailable", "There is none."));
    expect(text).toMatch(/^There is none\. .*--secrets passphrase.*--secrets plain-file/);
  });

  test("of the command itself says so already", () => {
    expect(failureText(new CommandFailure("link-needs-consent", "Write this."))).toBe("Write this.");
  });
});

describe("a condition", () => {
  test.each([
    ["logged-out", null, "Do it: ferry login"],
    ["link-suspended", LINK, "Do it: ferry link resume l1"],
    ["consent-revoked", LINK, "Do it: ferry link show l1"],
    ["clock-wrong", null, "Do it."],
    ["from-the-future", null, "Do it."],
    ["constructor", null, "Do it."],
  ])("%s of %s", (code, link, expected) => {
    expect(actionText(condition(code, link))).toBe(expected);
  });

  test("that may pass by itself needs no looking into", () => {
    expect(actionText(condition("crypto-store", null, "warning"))).toBe("Do it.");
    expect(actionText(condition("crypto-store", null, "error"))).toBe("Do it: ferry doctor");
  });
});

describe("the command", () => {
  const { ferry, running } = setUpCli();

  it("says of a link what to type for each of its rooms", async () => {
    const [one, two] = fakeLink().rooms;
    if (one === undefined || two === undefined) throw new Error("a link has rooms");
    const gap = { code: "consent-declined", sentence: "They have declined." };
    const rooms = [
      { ...one, gap },
      { ...two, suspended: "You may not write there." },
    ];
    await running({ linkShow: async () => fakeDetail({ state: "suspended", rooms }) });
    const { out } = await ferry(["link", "show", "Family"]);
    expect(out).toContain("They have declined. To ask once more: ferry link propose l1");
    expect(out).toContain("You may not write there. When that is resolved: ferry link resume l1");
  });

  it("says with the status what to type", async () => {
    const health = [condition("delivery-failed", null)];
    await running({ status: async () => fakeStatus({ health }) });
    expect((await ferry(["status"])).out).toContain("warning: It is so. Do it: ferry outbox");
    expect((await ferry(["status", "--json"])).out).toContain('"action": "Do it."');
  });
});

import { describe, expect, test } from "vitest";
import type { LinkId } from "../../../main/matrix/ids.ts";
import type { HealthCondition, StatusView } from "../../../main/protocol/control.ts";
import { attentionFor, createAttention } from "../../../main/service/attention.ts";
import { fakeStatus } from "../../support/fake-control.ts";

const ALL = { notifyProposals: true, notifyStopped: true, notifyFailed: true };
const WELL = fakeStatus();

function stopped(link: string, changes: Partial<HealthCondition> = {}): HealthCondition {
  const text = `“${link}” is stopped: why.`;
  return { code: "consent-revoked", severity: "error", text, action: "Do.", link: link as LinkId, ...changes };
}

const between = (previous: Partial<StatusView>, next: Partial<StatusView>, settings = ALL) =>
  attentionFor({ ...WELL, ...previous }, { ...WELL, ...next }, settings);

describe("what comes up", () => {
  test("a link that stops, once, by its own sentence", () => {
    const a = stopped("A");
    const expected = { title: "A link has stopped", body: a.text, target: { page: "link", link: "A" } };
    expect(between({}, { health: [a] })).toEqual([expected]);
    expect(between({ health: [a] }, { health: [a] })).toEqual([]);
    // Another reason for the same link is not another stop.
    expect(between({ health: [a] }, { health: [stopped("A", { code: "link-suspended", text: "x" })] })).toEqual([]);
    expect(between({ health: [a] }, {})).toEqual([]);
    const b = { ...expected, body: stopped("B").text, target: { page: "link", link: "B" } };
    expect(between({ health: [a] }, { health: [a, stopped("B")] })).toEqual([b]);
  });

  test("several links that stop at once are one notification", () => {
    const found = between({}, { health: ["A", "B", "C"].map((link) => stopped(link)) });
    expect(found.map(({ title, target }) => ({ title, target }))).toEqual([
      { title: "3 links have stopped", target: { page: "links" } },
    ]);
  });

  test("a link that waits for consent has not stopped, and the disk is no link", () => {
    expect(between({}, { health: [stopped("A", { severity: "info", code: "consent-awaited" })] })).toEqual([]);
    expect(between({}, { health: [stopped("A", { link: null })] })).toEqual([]);
  });

  test("a proposal, and each further one", () => {
    expect(between({}, { proposals: 1 })).toMatchObject([{ target: { page: "proposals" } }]);
    expect(between({ proposals: 1 }, { proposals: 2 })).toMatchObject([{ body: "2 questions wait for your answer." }]);
    expect(between({ proposals: 2 }, { proposals: 2 })).toEqual([]);
    expect(between({ proposals: 2 }, { proposals: 1 })).toEqual([]);
  });

  test("failures once, and again only after there were none", () => {
    expect(between({}, { failed: 1 })).toMatchObject([{ title: "Not delivered", target: { page: "links" } }]);
    expect(between({ failed: 1 }, { failed: 500 })).toEqual([]);
    expect(between({ failed: 500 }, { failed: 0 })).toEqual([]);
  });

  test("a login that the homeserver ended", () => {
    const out = stopped("A", { code: "logged-out", link: null });
    expect(between({}, { health: [out] })).toMatchObject([{ target: { page: "account" } }]);
    expect(between({ health: [out] }, { health: [out] })).toEqual([]);
  });

  test("nothing that the user does not want", () => {
    const next = { proposals: 1, failed: 1, health: [stopped("A"), stopped("B", { code: "logged-out", link: null })] };
    expect(between({}, next).map(({ title }) => title)).toEqual([
      "Ferry has been logged out",
      "A link has stopped",
      "A question about a room of yours",
      "Not delivered",
    ]);
    expect(between({}, next, { ...ALL, notifyStopped: false })).toHaveLength(2);
    expect(between({}, next, { ...ALL, notifyProposals: false })).toHaveLength(3);
    expect(between({}, next, { ...ALL, notifyFailed: false })).toHaveLength(3);
  });

  test("a body is one short line that turns nothing round", () => {
    const text = `\u202e\u2067evil\u0000\n\r\u001b[31m ${"long ".repeat(100)}`;
    const [found] = between({}, { health: [stopped("A", { text })] });
    expect(Array.from(found?.body ?? "")).toHaveLength(200);
    expect(found?.body).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });
});

test("what the first status shows is not told, and settings count when it comes up", () => {
  const settings = { ...ALL };
  const take = createAttention(() => settings);
  expect(take(fakeStatus({ failed: 2, proposals: 1, health: [stopped("A")] }))).toEqual([]);
  expect(take(fakeStatus({ failed: 0, proposals: 1, health: [stopped("A")] }))).toEqual([]);
  settings.notifyFailed = false;
  expect(take(fakeStatus({ failed: 1 }))).toEqual([]);
  settings.notifyFailed = true;
  // Known by now, though it was not told.
  expect(take(fakeStatus({ failed: 2 }))).toEqual([]);
  expect(take(fakeStatus())).toEqual([]);
  expect(take(fakeStatus({ failed: 1, proposals: 0 }))).toHaveLength(1);
});

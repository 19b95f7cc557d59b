import { describe, expect, test } from "vitest";
import { captionFor } from "../../../renderer/settings/words/audience.ts";
import type { Advice } from "../../../renderer/settings/words/advice.ts";
import { conditionWords } from "../../../renderer/settings/words/conditions.ts";
import { sentenceFor } from "../../../renderer/settings/words/failures.ts";
import { gapWords } from "../../../renderer/settings/words/gaps.ts";
import { isOrdinary, skipWords } from "../../../renderer/settings/words/skips.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { namesOfUnion } from "../../support/source.ts";

/** Everything that main can name has words on the page, and a relative understands them. */

const CODES = "main/matrix/codes.ts";
const failures = namesOfUnion("main/matrix/errors.ts", "FailureCode");
const own = namesOfUnion(CODES, "OwnConditionCode");
const gaps = namesOfUnion(CODES, "GapCode");
const skips = namesOfUnion(CODES, "SkipReason");
const gains = namesOfUnion(CODES, "GainCode");
const TOLD = "This is what was told.";

/** What only those know who have read the specification, the source, or the manual of a command line. */
const JARGON = [
  ...["bridge", "sync", "token", "megolm", "UTD", "M_[A-Z]", "homeserver", "outbox", "ledger", "transaction"],
  ...["power level", "state event", "tombstone", "timeline", "megabyte", "database", "socket", "process", "daemon"],
  ...["engine", "host", "terms", "hash", "JSON", "SQLite", "IndexedDB", "OAuth", "SSO", "API", "federat"],
  ...["redact", "cross-sign", "crypto", "ferry (?:link|login|run|outbox|status|stop|settings|proposals)\\b", "--\\w"],
  ...["undecryptable", "consent", "disclos", "audience", "error", "invalid", "fail", "exception", "timeout"],
].map((word) => new RegExp(`(?<![a-z])${word}`, "i"));

function expectPlain(text: string): void {
  expect(JARGON.filter((word) => word.test(text))).toEqual([]);
  expect(text).not.toMatch(/!(?!ferry optin)|\s$|^\s| {2}/);
}

function expectSentence(text: string): void {
  expectPlain(text);
  expect(text).toMatch(/^[A-Z].*\.$/);
}

function expectAdvice({ action, page }: Advice): void {
  if (action === null) return expect(page).toBeNull();
  // A button's label is short and has no full stop; advice without one is a sentence.
  if (page === null) return expectSentence(action);
  expectPlain(action);
  expect(action).toMatch(/^[A-Z][^.]*$/);
  expect(action.length).toBeLessThanOrEqual(32);
}

test("the unions are found", () => {
  expect(failures).toContain("offline");
  expect([own, gaps, skips, gains].map(({ length }) => length > 5)).toEqual([true, true, true, true]);
});

describe("failures", () => {
  test.each(failures)("%s", (code) => {
    const { text, ...advice } = sentenceFor({ code, message: TOLD });
    expectSentence(text);
    expectAdvice(advice);
  });

  test("where main's sentence names what it is about, that is shown", () => {
    expect(sentenceFor({ code: "unknown-room", message: "No room #attic." }).text).toBe("No room #attic.");
    expect(sentenceFor({ code: "internal", message: "TypeError: x" }).text).not.toContain("TypeError");
  });

  test.each(["from-the-future", "constructor", "__proto__"])("an unknown code, %s, shows what main says", (code) => {
    expect(sentenceFor({ code, message: TOLD })).toEqual({ text: TOLD, action: null, page: null });
  });
});

describe("conditions", () => {
  const severity = "warning";

  test.each([...own, ...gaps, ...failures, "from-the-future"])("%s", (code) => {
    const { title, sentence, ...advice } = conditionWords({ code, severity, text: TOLD, link: null });
    expectPlain(title);
    expect(title).toMatch(/^[A-Z][^.]*$/);
    expect(title.length).toBeLessThanOrEqual(40);
    expectSentence(sentence);
    expectAdvice(advice);
  });

  test("what stops again and again is no passing thing", () => {
    const words = conditionWords({ code: "engine-gone", severity: "error", text: TOLD, link: null });
    expectSentence(words.sentence);
    expectAdvice(words);
    expect(words.page).toBe("settings");
  });

  test("what is about a link leads to it, whatever it is", () => {
    for (const code of ["consent-revoked", "link-suspended", "not-joined"]) {
      expect(conditionWords({ code, severity, text: TOLD, link: "abc" as LinkId }).page).toBe("links");
    }
  });
});

describe("what is left out", () => {
  test.each([...skips, "from-the-future"])("%s", (reason) => {
    const { why, action } = skipWords(reason);
    expectSentence(why);
    if (action !== null) expectSentence(action);
  });

  test("what somebody may miss is not called ordinary", () => {
    const missed = ["no-consent", "opted-out", "unsupported-message", "key-awaited", "not-encrypted", "link-starting"];
    expect(missed.filter(isOrdinary)).toEqual([]);
    expect(["own-copy", "before-link"].filter(isOrdinary)).toHaveLength(2);
    expect(isOrdinary("from-the-future")).toBe(false);
  });
});

describe("what is wanting for consent", () => {
  test.each(gaps)("%s", (code) => {
    const words = gapWords(code);
    if (words === null) throw new Error(`${code} has no words`);
    expectPlain(words.title);
    expectSentence(words.sentence);
    if (words.action !== null) expectSentence(words.action);
  });

  test("an unknown code has none", () => {
    expect(gapWords("toString")).toBeNull();
  });
});

describe("who gains access", () => {
  test.each([...gains, "from-the-future"])("%s", (code) => {
    const caption = captionFor(code);
    expectPlain(caption);
    expect(caption).toMatch(/^[A-Z][^.]*$/);
    expect(caption.length).toBeLessThanOrEqual(56);
  });

  test("no two kinds have the same caption", () => {
    expect(new Set(gains.map(captionFor)).size).toBe(gains.length);
  });
});

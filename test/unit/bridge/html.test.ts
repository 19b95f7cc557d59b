import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanHtml, showsSomething } from "../../../main/bridge/html.ts";
import { readPermalink, userLink } from "../../../main/bridge/permalink.ts";
import { isUserId, type UserId } from "../../../main/matrix/ids.ts";

const rules = { keepUser: () => false, allowRoomMention: false, dropProfileFallback: false };
const BEA = "@bea:two.test" as UserId;

describe("cleanHtml", () => {
  test("leaves clean HTML as it is, however often it cleans", () => {
    const html = '<p>a <a href="https://a.test/">b</a><br />c</p><ol start="2"><li>d &amp; e</li></ol>';
    expect(cleanHtml(html, rules)).toBe(html);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const once = cleanHtml(text, rules);
        expect(cleanHtml(once, rules)).toBe(once);
      }),
    );
  });

  test("closes tags rightly after one whose tag went and whose text stayed", () => {
    expect(cleanHtml(`<a href="${userLink(BEA)}">Bea</a><b>bold</b><i>x</i>`, rules)).toBe("Bea<b>bold</b><i>x</i>");
    expect(cleanHtml("<blink>x</blink><b>bold</b>", rules)).toBe("x<b>bold</b>");
  });

  test("takes names of attributes from nobody's prototype", () => {
    expect(cleanHtml("<b constructor=1 tostring=2 __proto__=3 hasownproperty>x</b>", rules)).toBe("<b>x</b>");
  });

  test("drops a fallback only where the event says that it has one", () => {
    const html = "<p><strong data-mx-profile-fallback>Ana: </strong>x</p>";
    expect(cleanHtml(html, { ...rules, dropProfileFallback: true })).toBe("<p>x</p>");
    expect(cleanHtml(html, rules)).toBe("<p><strong>Ana: </strong>x</p>");
  });

  test.each([
    ["tags", "<b>"],
    ["links", "<a href=x>a</a>"],
    ["broken tags", "<a <"],
    ["comments", "<!--"],
    ["at signs", "@room"],
    ["mx-reply", "<mx-reply>"],
    ["quotes", '<b a="'],
    ["entities", "&#64;"],
  ])("copes with a whole event of %s", (_, piece) => {
    const started = performance.now();
    showsSomething(cleanHtml(piece.repeat(60_000 / piece.length), rules));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test("showsSomething sees text, images, rules and formulas, but no empty tags", () => {
  expect(showsSomething("<p> </p><br />")).toBe(false);
  for (const html of ["<p>x</p>", '<img src="mxc://a/b" />', "<hr />", '<span data-mx-maths="x"></span>']) {
    expect(showsSomething(html)).toBe(true);
  }
});

describe("readPermalink", () => {
  test.each([
    ["https://matrix.to/#/@bea:two.test", BEA],
    ["https://matrix.to/#/%40bea%3Atwo.test?via=x", BEA],
    ["HTTP://WWW.MATRIX.TO:443/#/@bea:two.test", BEA],
    ["https://matrix.to/#/@bea:two.test/anything", BEA],
    ["matrix:u/bea:two.test", BEA],
    ["matrix:user/bea%3Atwo.test?action=chat", BEA],
    ["matrix://some.test/u/bea:two.test", BEA],
    ["https://matrix.to/#/@bea", null],
    ["matrix:u/bea", null],
  ])("sees the user in %s", (href, user) => {
    expect(readPermalink(href)).toEqual({ kind: "user", user });
  });

  test.each([
    ["matrix:r/room:one.test", "https://matrix.to/#/%23room:one.test"],
    ["matrix:roomid/abc?via=one.test&action=join", "https://matrix.to/#/!abc?via=one.test"],
    ["matrix:roomid/abc:one.test/e/ev", "https://matrix.to/#/!abc:one.test/$ev"],
  ])("turns %s into a link that formatted bodies may have", (uri, href) => {
    expect(readPermalink(uri)).toEqual({ kind: "other", href });
  });

  test.each([
    "https://example.org/#/@bea:two.test",
    "matrix:",
    "matrix:x/y",
    "matrix:r/a/b/c",
    "matrix:u/%ff",
    "",
    "x",
  ])("leaves %s alone", (href) => {
    expect(readPermalink(href)).toBeNull();
  });

  test("reads back every user link that it writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), (name) => {
        const user = `@${name.replaceAll(":", "")}:one.test`.toWellFormed();
        fc.pre(isUserId(user));
        expect(readPermalink(userLink(user))).toEqual({ kind: "user", user });
      }),
    );
  });
});

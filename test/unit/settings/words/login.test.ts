import { describe, expect, test } from "vitest";
import { browserWays, entryProblem, mayBeOpened, serverName } from "../../../../renderer/settings/words/login.ts";

describe("what is entered as a Matrix ID or a server", () => {
  test.each(["@kim:example.org", " @kim:example.org ", "example.org", "https://matrix.example.org", "localhost:8008"])(
    "%s can be asked for",
    (entered) => expect(entryProblem(entered)).toBe(null),
  );

  test.each([
    ["", /Enter your Matrix ID/],
    ["  ", /Enter your Matrix ID/],
    ["kim example.org", /space/],
    ["kim@example.org", /e-mail address/],
    ["@kim", /server is missing/],
    ["@:example.org", /name is missing/],
    ["#kitchen:example.org", /room/],
    ["!abc:example.org", /room/],
    [`@kim:${"a".repeat(600)}`, /too long/],
  ])("“%s” is said to be wrong", (entered, sentence) => expect(entryProblem(entered)).toMatch(sentence));
});

test("a server is shown without what an address has around its name", () => {
  expect(serverName("https://matrix.example.org/")).toBe("matrix.example.org");
  expect(serverName("http://127.0.0.1:8008")).toBe("127.0.0.1:8008");
  expect(serverName("example.org")).toBe("example.org");
});

describe("ways to log in through the browser", () => {
  const google = { id: "g", name: "Google" };

  test("OAuth 2.0 stands for all others", () => {
    expect(browserWays({ oauth: true, sso: [google] })).toEqual([{ method: "oauth", provider: null, name: null }]);
  });

  test("providers are named, a single sign-on without one is not", () => {
    expect(browserWays({ oauth: false, sso: [google] })).toEqual([{ method: "sso", provider: "g", name: "Google" }]);
    expect(browserWays({ oauth: false, sso: [{ id: null, name: "example.org" }] })).toEqual([
      { method: "sso", provider: null, name: null },
    ]);
    expect(browserWays({ oauth: false, sso: [] })).toEqual([]);
  });
});

test.each([
  ["https://example.org/login", true],
  ["http://example.org/login", false],
  ["javascript:alert(1)", false],
  ["file:///etc/passwd", false],
  ["no address", false],
])("whether %s may be a link: %s", (address, may) => expect(mayBeOpened(address)).toBe(may));

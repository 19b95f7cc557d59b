import { describe, expect, test } from "vitest";
import { missingLinks, readLinksFile } from "../../../../renderer/settings/state/links-file.ts";
import { fakeLink } from "../../../support/fake-control.ts";

const family = {
  name: "Family",
  direction: "two-way",
  rooms: [
    { roomId: "!one:example.org", name: "One" },
    { roomId: "!two:example.org", name: "Two", alias: "#two:example.org" },
  ],
};
const read = (content: unknown) => readLinksFile(new Blob([JSON.stringify(content)]));

describe("a file with links", () => {
  test("is read", async () => {
    expect(await read({ version: 1, links: [family] })).toEqual({
      file: { version: 1, links: [family] },
      problem: null,
    });
    expect(await read({ version: 1, links: [] })).toMatchObject({ problem: null });
  });

  test.each([
    ["no object", 7],
    ["another program's", { links: "many" }],
    ["a link without rooms", { version: 1, links: [{ ...family, rooms: [] }] }],
    ["a link with one room", { version: 1, links: [{ ...family, rooms: family.rooms.slice(1) }] }],
    [
      "a room that is none",
      { version: 1, links: [{ ...family, rooms: [{ roomId: "x", name: "" }, family.rooms[1]] }] },
    ],
    ["a direction that is none", { version: 1, links: [{ ...family, direction: "up" }] }],
    ["more links than anybody has", { version: 1, links: Array.from({ length: 1001 }, () => family) }],
  ])("is refused: %s", async (_what, content) => {
    expect(await read(content)).toEqual({ file: null, problem: expect.stringContaining("does not hold") as string });
  });

  test("is refused where it is no JSON", async () => {
    const { problem } = await readLinksFile(new Blob(["{"]));
    expect(problem).toMatch(/cannot be read/);
  });

  test("is refused where it is too large, without being read", async () => {
    const text = (): Promise<string> => Promise.reject(new Error("It was read."));
    const { problem } = await readLinksFile({ size: 1_000_001, text });
    expect(problem).toMatch(/too large/);
  });

  test("of a newer Ferry is called that", async () => {
    const { problem } = await read({ version: 2, links: [family] });
    expect(problem).toMatch(/newer version/);
  });
});

describe("links that there are not yet", () => {
  test("are told from those that there are by their rooms, in either order, and not by their names", async () => {
    const there = { ...family, name: "Called otherwise", rooms: family.rooms.toReversed() };
    const other = { ...family, rooms: [family.rooms[0], { roomId: "!three:example.org", name: "Three" }] };
    const { file } = await read({ version: 1, links: [there, other] });
    expect(missingLinks(file?.links ?? [], [fakeLink()])).toEqual([other]);
  });

  test("are those that go one way where there is one that goes both, or the other one", async () => {
    const oneWay = { ...family, direction: "one-way" };
    const back = { ...oneWay, rooms: family.rooms.toReversed() };
    const { file } = await read({ version: 1, links: [oneWay, back] });
    expect(missingLinks(file?.links ?? [], [fakeLink()])).toEqual([oneWay, back]);
    expect(missingLinks(file?.links ?? [], [fakeLink({ direction: "one-way" })])).toEqual([back]);
  });
});

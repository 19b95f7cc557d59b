import { describe, expect, it, vi } from "vitest";
import { settingsText } from "../../main/cli/link-set.ts";
import type { RoomId, UserId } from "../../main/matrix/ids.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../main/matrix/link-settings.ts";
import { codeOf, parse, setUpCli } from "../support/cli-world.ts";
import { fakeDetail, fakeHandlers, fakeLink } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();

const ONE = "!one:example.org" as RoomId;
const BOT = "@bot:example.org" as UserId;
const FILTER = { ...NO_FILTER, withoutSenders: [BOT], threadsOnly: true };
const SET = { ...NO_LINK_SETTINGS, filter: FILTER };

describe("ferry link set", () => {
  it("says how a link is set, and changes nothing", async () => {
    const linkSet = vi.fn(fakeHandlers().linkSet);
    await running({ linkSet, linkShow: async () => fakeDetail({ settings: SET }) });
    const { status, out } = await ferry(["link", "set", "Family"]);
    expect([status, linkSet.mock.calls]).toEqual([0, []]);
    expect(out).toMatch(/^Copied +threads only; nothing from @bot:example.org$/m);
    expect(parse((await ferry(["link", "set", "Family", "--json"])).out)).toHaveProperty(
      "settings.filter.threads_only",
      true,
    );
  });

  it.each([
    [["--without", "media", "--without", "polls"], { filter: { ...FILTER, withoutKinds: ["media", "polls"] } }],
    [["--not-from", "none"], { filter: { ...FILTER, withoutSenders: [] } }],
    [["--only-from", "@ana:example.org"], { filter: { ...FILTER, onlySenders: ["@ana:example.org"] } }],
    [
      ["--never", "birthday present", "--never", "none"],
      { filter: { ...FILTER, withoutWords: ["birthday present", "none"] } },
    ],
    [["--bots", "off", "--threads-only", "off"], { filter: { ...FILTER, withoutNotices: true, threadsOnly: false } }],
    [["--reads", "off"], { reads: false }],
    [["--names", "name-room", "--room-mentions", "on"], { attribution: "name-room", allowRoomMention: true }],
    [["--room", ONE, "--bots", "off"], { roomFilters: [{ roomId: ONE, filter: { ...FILTER, withoutNotices: true } }] }],
    [["--room", ONE, "--like-others"], { roomFilters: [] }],
  ])("changes by %j exactly that", async (words, settings) => {
    const linkSet = vi.fn(fakeHandlers().linkSet);
    await running({ linkSet, linkShow: async () => fakeDetail({ settings: SET }) });
    const { status } = await ferry(["link", "set", "Family", ...words, "--json"]);
    expect([status, linkSet.mock.calls]).toEqual([0, [[{ link: "l1", settings }]]]);
  });

  it.each([
    [["--without", "everything"]],
    [["--without", "media", "--without", "none"]],
    [["--only-from", "ana"]],
    [["--never", ""]],
    [["--never", "x".repeat(101)]],
    [["--bots", "maybe"]],
    [["--names", "initials"]],
    [["--room", "!stranger:example.org", "--bots", "off"]],
    [["--like-others"]],
    [["--room", ONE, "--like-others", "--bots", "off"]],
  ])("refuses %j", async (words) => {
    await running({ linkSet: () => expect.fail("nothing may be changed"), linkShow: async () => fakeDetail() });
    const refused = await ferry(["link", "set", "Family", ...words, "--json"]);
    expect([refused.status, codeOf(refused)]).toEqual([2, "bad-request"]);
  });
});

it("says every setting, with what comes from others made safe", () => {
  const filter = {
    ...{
      withoutKinds: ["media", "polls"] as const,
      onlySenders: ["@ana:example.org" as UserId],
      withoutSenders: [BOT],
    },
    ...{ withoutNotices: true, threadsOnly: false, withoutWords: ["a\u001b[2Jb"] },
  };
  const roomFilters = [{ roomId: ONE, filter: NO_FILTER }];
  const settings = { filter, roomFilters, attribution: "name-id", allowRoomMention: true, reads: false } as const;
  const text = settingsText(fakeLink({ settings }));
  expect(text).toMatch(
    /only from @ana:example.org; nothing from @bot:example.org; no media and polls; no notices of bots; nothing with “a \[2Jb”/,
  );
  expect(text).toMatch(/^from “One” +everything$/m);
  expect(text).toMatch(/^Names +name-id, as in “Ana \(@ana:example.org\)”$/m);
  expect(text).toMatch(/rings in the other rooms, too/);
  expect(text).toMatch(/^Read +in each room for itself$/m);
});

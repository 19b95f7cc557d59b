import { describe, expect, it, vi } from "vitest";
import { settingsText } from "../../main/cli/settings.ts";
import { settingsView } from "../../main/protocol/control.ts";
import { codeOf, parse, setUpCli } from "../support/cli-world.ts";
import { fakeHandlers, fakeSettings } from "../support/fake-control.ts";

const { ferry, running } = setUpCli();

describe("ferry settings", () => {
  it("shows them all, and changes nothing", async () => {
    const settingsChange = vi.fn(fakeHandlers().settingsChange);
    await running({ settingsChange });
    const { out } = await ferry(["settings"]);
    expect(out).toMatch(/^accept-unverified +off +Approvals count only/);
    const shown = settingsText(fakeSettings({ startAtLogin: null, catchUpHours: 24 }));
    expect(shown.split("\n")).toHaveLength(Object.keys(settingsView.shape).length);
    expect(shown).toMatch(/^catch-up-hours +24 +What is older than 24 hours/m);
    expect(shown).toMatch(/^start-at-login +not here/m);
    expect(parse((await ferry(["settings", "--json"])).out)).toMatchObject({
      accept_unverified: false,
      catch_up_hours: null,
      keys_for: "all",
    });
    expect(settingsChange).not.toHaveBeenCalled();
  });

  it.each([
    [["--catch-up-hours", "24"], { catchUpHours: 24 }],
    [["--catch-up-hours", "none"], { catchUpHours: null }],
    [["--keys-for", "verified", "--notices", "de"], { keysFor: "verified", noticeLanguage: "de" }],
    [["--notify-proposals", "off", "--notify-stopped", "on"], { notifyProposals: false, notifyStopped: true }],
    [["--notify-failed", "off", "--log-level", "debug"], { notifyFailed: false, logLevel: "debug" }],
    [["--start-at-login", "on", "--updates", "off"], { startAtLogin: true, updates: false }],
    [["--accept-unverified", "on"], { acceptUnverified: true }],
    [["accept-unverified", "on"], { acceptUnverified: true }],
  ])("changes by %j exactly %j", async (words, changes) => {
    const settingsChange = vi.fn(fakeHandlers().settingsChange);
    await running({ settingsChange });
    const { status, out } = await ferry(["settings", ...words, "--json"]);
    expect([status, settingsChange.mock.calls]).toEqual([0, [[changes]]]);
    expect(parse(out)).toHaveProperty("keys_for");
  });

  it.each([
    [["accept-unverified", "maybe"]],
    [["everything"]],
    [["--catch-up-hours", "0"]],
    [["--catch-up-hours", "9000"]],
    [["--catch-up-hours", "-1"]],
    [["--keys-for", "nobody"]],
    [["--notices", "fr"]],
    [["--notify-failed", "perhaps"]],
    [["--log-level", "silent"]],
  ])("refuses %j", async (words) => {
    await running({ settingsChange: () => expect.fail("nothing may be changed") });
    const refused = await ferry(["settings", ...words, "--json"]);
    expect([refused.status, codeOf(refused)]).toEqual([2, "bad-request"]);
  });
});

it.each([
  [["diagnostics"], "diagnosticsSave"],
  [["link", "export"], "linksExport"],
] as const)("ferry %j says where the file is", async (words, method) => {
  await running({ [method]: async () => ({ path: "/home/ana/\u001b[31mfile.json" }) });
  const { out } = await ferry([...words]);
  expect(out).toMatch(/^Saved as \/home\/ana\/.*file\.json$/);
  expect(out).not.toContain("\u001b");
  expect(parse((await ferry([...words, "--json"])).out)).toEqual({ path: "/home/ana/\u001b[31mfile.json" });
});

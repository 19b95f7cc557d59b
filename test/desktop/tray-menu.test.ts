import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, test } from "vitest";
import { placeOf, trayMenu, type TrayView } from "../../main/desktop/tray-menu.ts";
import type { LinkId } from "../../main/matrix/ids.ts";
import type { HealthCondition, LinkView } from "../../main/protocol/control.ts";
import { fakeLink, fakeStatus } from "../support/fake-control.ts";

const need = (changes: Partial<HealthCondition> = {}): HealthCondition => ({
  ...{ code: "disk-full", severity: "error", text: "The disk is full.", action: "Make room.", link: null },
  ...changes,
});

function menuOf(status: Partial<TrayView["status"]> = {}, links: Partial<LinkView>[] = []) {
  const done: unknown[][] = [];
  const items = trayMenu(
    { status: fakeStatus(status), links: links.map((link) => fakeLink(link)) },
    {
      open: (place) => done.push(place === undefined ? ["open"] : ["open", place]),
      runLink: (link, run) => done.push(["link", link, run]),
      runAll: (run) => done.push(["all", run]),
      quit: () => done.push(["quit"]),
    },
  );
  const click = (label: RegExp): void => {
    const item = items.find((each) => label.test(each.label ?? ""));
    if (item?.click === undefined) throw new Error(`There is nothing to click on called ${label}.`);
    (item.click as () => void)();
  };
  return { items, done, click, labels: items.map(({ label, type }) => label ?? type) };
}

const linksOf = (items: MenuItemConstructorOptions[]) => items.filter(({ id }) => id?.startsWith("link ") === true);

describe("the tray's menu", () => {
  test("is short where nothing is linked", () => {
    const { labels, items } = menuOf({ summary: "Ready, no links yet", links: 0 });
    expect(labels).toEqual([
      "Ready, no links yet",
      "separator",
      "Open Ferry",
      "Pause everything",
      "separator",
      "Quit Ferry",
    ]);
    expect(items[0]?.enabled).toBe(false);
    expect(items.find(({ id }) => id === "pause")?.enabled).toBe(false);
  });

  test("opens, stops everything, goes on, and quits", () => {
    const running = menuOf();
    running.click(/^Open/);
    running.click(/^Pause/);
    running.click(/^Quit/);
    expect(running.done).toEqual([["open"], ["all", false], ["quit"]]);
    const paused = menuOf({ paused: true, everythingPaused: true, summary: "Paused" });
    paused.click(/^Go on$/);
    expect(paused.done).toEqual([["all", true]]);
  });

  test("names what waits for the user, and opens what it is about", () => {
    const link = "l1" as LinkId;
    const { labels, click, done } = menuOf({
      health: [
        need({ text: "“Family” is stopped: Nobody may speak for it.", code: "approver-lost-power", link }),
        need(),
        need({ code: "proposal-received", severity: "warning", text: "Somebody asks to link a room of yours." }),
        need({ code: "clock-wrong", severity: "warning", text: "The clock is wrong." }),
        need({ code: "homeserver-unreachable", text: "Offline." }),
      ],
    });
    expect(labels.slice(1, 5)).toEqual([
      "“Family” is stopped: Nobody may speak for it.",
      "The disk is full.",
      "Somebody asks to link a room of yours.",
      "separator",
    ]);
    click(/Family/);
    click(/Somebody/);
    expect(done).toEqual([
      ["open", { page: "link", link }],
      ["open", { page: "proposals" }],
    ]);
  });

  test.each([
    ["not-logged-in", "account"],
    ["logged-out", "account"],
    ["keychain-locked", "account"],
    ["crypto-store-lost", "account"],
    ["proposal-received", "proposals"],
    ["delivery-failed", "links"],
    ["engine-gone", "links"],
  ])("%s opens the page %s", (code, page) => {
    expect(placeOf({ code, link: null })).toEqual({ page });
  });

  test("names five things, and how many more there are", () => {
    const health = Array.from({ length: 9 }, (_, index) => need({ text: `Thing ${index + 1}.`, code: `c${index}` }));
    const { labels, click, done } = menuOf({ health });
    expect(labels.slice(1, 7)).toEqual(["Thing 1.", "Thing 2.", "Thing 3.", "Thing 4.", "Thing 5.", "4 more…"]);
    click(/4 more/);
    expect(done).toEqual([["open"]]);
  });
});

describe("a link in the tray's menu", () => {
  const states: [LinkView["state"], string, boolean, boolean][] = [
    ["mirroring", "Family", true, true],
    ["catching-up", "Family – catching up", true, true],
    ["suspended", "Family – stopped", true, true],
    ["paused", "Family", false, true],
    ["starting", "Family – starting", true, false],
    ["waiting", "Family – waits for an answer", true, false],
  ];
  test.each(states)("that is %s", (state, label, checked, enabled) => {
    const [item] = linksOf(menuOf({}, [{ state }]).items);
    expect(item).toMatchObject({ type: "checkbox", label, checked, enabled });
  });

  test("is paused, and goes on", () => {
    const { click, done } = menuOf({}, [
      { id: "a" as LinkId, name: "A" },
      { id: "b" as LinkId, name: "B", state: "paused" },
    ]);
    click(/^A$/);
    click(/^B$/);
    expect(done).toEqual([
      ["link", "a", false],
      ["link", "b", true],
    ]);
  });

  test("is not to be changed while everything is stopped", () => {
    const [item] = linksOf(menuOf({ paused: true, everythingPaused: true }, [{}]).items);
    expect(item).toMatchObject({ checked: true, enabled: false });
  });

  test("is one of fifteen at most; the window has the others", () => {
    const links = Array.from({ length: 50 }, (_, index) => ({ id: `l${index}` as LinkId, name: `Link ${index}` }));
    const { items, click, done } = menuOf({ links: 50 }, links);
    expect(linksOf(items)).toHaveLength(15);
    click(/^More…$/);
    expect(done).toEqual([["open", { page: "links" }]]);
    expect(menuOf({ links: 15 }, links.slice(0, 15)).labels).not.toContain("More…");
  });
});

describe("hostile names in the tray's menu", () => {
  const isolated = (text: string): string => `\u2068${text}\u2069`;
  const names: [string, string, string][] = [
    ["an ampersand", "Salt & Pepper", "Salt && Pepper"],
    ["a line break", "one\ntwo\r\n\u2028three", "one two three"],
    ["a turn of the direction", "\u202egnihtemos\u202c", "gnihtemos"],
    ["an isolate that is not closed", "\u2067evil", "evil"],
    ["control characters", "a\u0000b\u001b[31mc", "a b [31mc"],
    ["letters from the right", "משפחה", isolated("משפחה")],
    ["emoji", "👩‍👩‍👧‍👦".repeat(3), isolated("👩‍👩‍👧‍👦".repeat(3).replaceAll("\u200d", " "))],
    ["length", "x".repeat(10_000), `${"x".repeat(39)}…`],
    ["a tab, which Windows takes for a shortcut", "Quit\tCtrl+Q", "Quit Ctrl+Q"],
  ];
  test.each(names)("%s", (_name, name, label) => {
    expect(linksOf(menuOf({}, [{ name }]).items)[0]?.label).toBe(label);
    const { labels } = menuOf({ health: [need({ text: `“${name}” is stopped.` })], summary: name });
    for (const text of labels.slice(0, 2)) {
      expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066\u2067]/u);
      expect(text).not.toMatch(/(^|[^&])&([^&]|$)/);
    }
    expect(labels[1]?.length).toBeLessThan(200);
  });
});

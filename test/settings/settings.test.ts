import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { fakeLink, fakeSettings } from "../support/fake-control.ts";
import { NO_LINK_SETTINGS } from "../../main/matrix/link-settings.ts";
import { KITCHEN, roomNamed } from "../support/fake-plans.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { roomHandlers } from "./new-link-scenes.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** The settings' page: everything is saved at once, and what cannot be saved goes back. */

let ferry: RememberingFerry;

async function open(changes?: Changes): Promise<void> {
  await openOn(ferry, changes);
  await acting.button("Settings").click();
  await acting.arrive("Settings");
}

const turned = (name: string): Locator => page.getByRole("switch", { name });
const saved = (): Locator => page.getByRole("status").filter({ hasText: /^Saved$/ });

describe("what is set", () => {
  test.each([
    ["Start with this computer", { startAtLogin: true }],
    ["Look for new versions", { updates: true }],
    ["Somebody asks me to approve a link", { notifyProposals: false }],
    ["A link stops", { notifyStopped: false }],
    ["Messages cannot be delivered", { notifyFailed: false }],
    ["Accept approvals from devices that are not verified", { acceptUnverified: true }],
    ["Write a more detailed log", { logLevel: "debug" }],
  ])("%s is saved at once", async (name, change) => {
    ferry = new RememberingFerry();
    await open();
    const before = await turned(name).isChecked();
    await turned(name).focus();
    await page.keyboard.press("Space");
    await saved().waitFor();
    expect(await turned(name).isChecked()).toBe(!before);
    expect(ferry.askedOf("settingsChange")).toEqual([change]);
  });

  test("with a choice is saved at once, by the keyboard alone", async () => {
    ferry = new RememberingFerry();
    await open();
    await page.getByLabel("go back at most").selectOption("1 week");
    await saved().waitFor();
    await page.getByLabel("Language of Ferry's notices").selectOption("Deutsch");
    await acting.tabTo(page.getByRole("radio", { name: "Every device" }));
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.getByRole("radio", { name: "Only verified devices" }).isChecked()).toBe(true);
    await page.getByLabel("go back at most").selectOption("No limit");
    await expect
      .poll(() => ferry.askedOf("settingsChange"))
      .toEqual([{ catchUpHours: 168 }, { noticeLanguage: "de" }, { keysFor: "verified" }, { catchUpHours: null }]);
  });

  test("elsewhere is shown as it is", async () => {
    ferry = new RememberingFerry();
    ferry.settings = fakeSettings({ catchUpHours: 48, keysFor: "verified", noticeLanguage: "de", logLevel: "debug" });
    await open();
    await expect.poll(() => page.getByLabel("go back at most").inputValue()).toBe("48");
    expect(await page.getByRole("radio", { name: "Only verified devices" }).isChecked()).toBe(true);
    expect(await page.getByLabel("Language of Ferry's notices").inputValue()).toBe("de");
    expect(await turned("Write a more detailed log").isChecked()).toBe(true);
  });

  test("and cannot be here is not offered, with the reason where it would be missed", async () => {
    ferry = new RememberingFerry();
    const none = { notifyProposals: null, notifyStopped: null, notifyFailed: null };
    ferry.settings = fakeSettings({ startAtLogin: null, updates: null, ...none });
    await open();
    await page.getByText("Ferry cannot arrange that here").waitFor();
    expect(await turned("Start with this computer").count()).toBe(0);
    expect(await turned("Look for new versions").count()).toBe(0);
    await page.getByText("Ferry cannot show notifications here").waitFor();
    expect(await turned("A link stops").count()).toBe(0);
  });
});

describe("what cannot be saved", () => {
  test("is shown as wanted until it is known, goes back, and says why", async () => {
    ferry = new RememberingFerry();
    const { promise, reject } = Promise.withResolvers<never>();
    await open({ settingsChange: () => promise });
    await turned("Start with this computer").click();
    await expect.poll(() => turned("Start with this computer").isChecked()).toBe(true);
    reject(new FerryError("disk-full", "The disk is full."));
    await page.getByRole("alert").getByText("The disk is full").first().waitFor();
    expect(await turned("Start with this computer").isChecked()).toBe(false);
    expect(await saved().count()).toBe(0);
  });

  test("goes back in lists and choices, too", async () => {
    ferry = new RememberingFerry();
    await open({ settingsChange: () => Promise.reject(new FerryError("disk-full", "The disk is full.")) });
    await page.getByRole("radio", { name: "Only verified devices" }).click();
    await page.getByRole("alert").first().waitFor();
    await expect.poll(() => page.getByRole("radio", { name: "Every device" }).isChecked()).toBe(true);
    await page.getByLabel("go back at most").selectOption("1 day");
    await expect.poll(() => page.getByLabel("go back at most").inputValue()).toBe("none");
  });

  test("can be tried again, which takes the failure away", async () => {
    ferry = new RememberingFerry();
    const failures = [new FerryError("disk-full", "The disk is full.")];
    await open({
      settingsChange: async (changes) => {
        const failure = failures.pop();
        if (failure) throw failure;
        return fakeSettings(changes as Partial<typeof ferry.settings>);
      },
    });
    await turned("A link stops").click();
    await page.getByRole("alert").waitFor();
    await turned("A link stops").click();
    await saved().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});

test("says why the settings cannot be read, and asks again", async () => {
  ferry = new RememberingFerry();
  const failures = [new FerryError("database-damaged", "ferry.db is damaged.")];
  await open({
    settings: async () => {
      const failure = failures.pop();
      if (failure) throw failure;
      return ferry.settings;
    },
  });
  await page.getByText("ferry.db is damaged.").first().waitFor();
  await acting.button("Try again").click();
  await turned("A link stops").waitFor();
});

describe("files", () => {
  test("that Ferry writes are said to be where they are", async () => {
    ferry = new RememberingFerry();
    await open();
    await acting.button("Save links").click();
    await expect.poll(() => page.getByLabel("Saved as").inputValue()).toBe("/tmp/ferry-links.json");
    await acting.button("Save a report").click();
    await expect.poll(() => page.getByLabel("Saved as").last().inputValue()).toBe("/tmp/ferry-diagnostics.json");
  });

  test("that cannot be written say why", async () => {
    ferry = new RememberingFerry();
    await open({ diagnosticsSave: () => Promise.reject(new FerryError("disk-full", "The disk is full.")) });
    await acting.button("Save a report").click();
    await page.getByRole("alert").getByText("The disk is full").first().waitFor();
  });

  const room = (id: string, name = id) => ({ roomId: `!${id}:example.org`, name });
  const choose = (content: string) =>
    page.setInputFiles("input[type=file]", {
      ...{ name: "links.json", mimeType: "application/json", buffer: Buffer.from(content) },
    });

  test("with links offer those that there are not yet, one by one", async () => {
    ferry = new RememberingFerry();
    await open({ linkList: async () => [fakeLink()] });
    const links = [
      { name: "There already", direction: "two-way", rooms: [room("two"), room("one")] },
      { name: "<b>Choir</b>", direction: "one-way", rooms: [room("a", "<script>A</script>"), room("b", "\u202eB")] },
    ];
    await choose(JSON.stringify({ version: 1, links }));
    await page.getByRole("status").getByText("1 link to set up, 1 other there already.").waitFor();
    await page.getByText("<b>Choir</b>").waitFor();
    await page.getByText("<script>A</script>").waitFor();
    await acting.button("Set up <b>Choir</b>").click();
    await acting.heading("New link").waitFor();
    expect(ferry.askedOf("linkAdd")).toEqual([]);
    // The rest of the file is still open for who comes back.
    await acting.button("Settings").click();
    await page.getByText("<b>Choir</b>").waitFor();
    await acting.button("Close this file").click();
    await page.getByText("<b>Choir</b>").waitFor({ state: "detached" });
  });

  test("with a link and its settings make it with them", async () => {
    ferry = new RememberingFerry();
    const attic = roomNamed("Attic");
    await open({ ...roomHandlers([KITCHEN, attic]), linkList: async () => [] });
    const settings = { ...NO_LINK_SETTINGS, attribution: "name-room" };
    const rooms = [KITCHEN, attic].map(({ roomId, name }) => ({ roomId, name }));
    await choose(JSON.stringify({ version: 1, links: [{ name: "Home", direction: "two-way", rooms, settings }] }));
    await acting.button("Set up Home").click();
    await acting.heading("New link").waitFor();
    await page
      .getByRole("heading", { name: /^What is said in / })
      .first()
      .waitFor();
    await acting.button("Continue").click();
    await acting.arrive("Who gains access");
    await acting.button("Continue").click();
    await acting.arrive("Confirm the link");
    await acting.button("Link and tell both rooms").click();
    await expect.poll(() => ferry.askedOf("linkAdd")).toMatchObject([{ name: "Home", settings }]);
  });

  test.each([
    ["nothing of Ferry's", `{"secrets": true}`, "does not hold links"],
    ["no JSON", "%PDF-1.7 \u0000", "cannot be read"],
    ["too much", "x".repeat(1_100_000), "too large"],
  ])("with %s are refused", async (_what, content, sentence) => {
    ferry = new RememberingFerry();
    await open();
    await choose(content);
    await page.getByRole("alert").getByText(sentence).waitFor();
    expect(await page.getByText("Set up…").count()).toBe(0);
  });
});

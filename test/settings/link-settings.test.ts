import { beforeEach, describe, expect, test } from "vitest";
import type { UserId } from "../../main/matrix/ids.ts";
import { changedSettings, NO_FILTER, NO_LINK_SETTINGS } from "../../main/matrix/link-settings.ts";
import { familyLink, listView } from "../support/fake-link.ts";
import { KITCHEN, WORKSHOP } from "../support/fake-plans.ts";
import { failing, LinkVisit } from "./link-visit.ts";
import { acting, page, type Changes } from "./opened.ts";

/** What a link leaves out and how it names people, on its page: saved at once, by mouse and by keyboard. */

let visit: LinkVisit;

beforeEach(() => {
  visit = new LinkVisit(familyLink());
});

async function open(changes: Changes = {}): Promise<void> {
  await visit.open({
    linkSet: async ({ settings }) => {
      const before = visit.link?.settings ?? NO_LINK_SETTINGS;
      return listView(visit.becomes({ settings: changedSettings(before, settings) }));
    },
    ...changes,
  });
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "What is copied" }).waitFor();
}

const turned = (name: string) => page.getByRole("switch", { name });
const saved = () => page.getByRole("status").filter({ hasText: /^Saved$/ });
const asked = () => visit.ferry.askedOf("linkSet").map((each) => (each as { settings: unknown }).settings);

describe("what is copied", () => {
  test.each([
    ["Pictures, videos, sounds and other files", { withoutKinds: ["media"] }],
    ["Reactions", { withoutKinds: ["reactions"] }],
    ["What bots say", { withoutNotices: true }],
    ["Only what is written in threads", { threadsOnly: true }],
  ])("%s: is saved at once, by the keyboard alone", async (name, change) => {
    await open();
    const before = await turned(name).isChecked();
    await turned(name).focus();
    await page.keyboard.press("Space");
    await saved().waitFor();
    expect(await turned(name).isChecked()).toBe(!before);
    expect(asked()).toEqual([{ filter: { ...NO_FILTER, ...change } }]);
  });

  test("is as it was where it cannot be saved, and says why", async () => {
    await open({ linkSet: failing("disk-full", "The disk is full.") });
    await turned("Polls").click();
    await page.getByRole("alert").getByText("The disk is full").first().waitFor();
    expect(await turned("Polls").isChecked()).toBe(true);
  });

  test("two changes, one right after the other, are both saved", async () => {
    await open();
    await turned("Polls").click();
    await turned("Places").click();
    const filter = { ...NO_FILTER, withoutKinds: ["polls", "locations"] };
    await expect.poll(() => asked().at(-1)).toEqual({ filter });
    await expect.poll(() => turned("Places").isChecked()).toBe(false);
    expect(await turned("Polls").isChecked()).toBe(false);
  });

  test("of one room is set apart from the others, and like them again", async () => {
    await open();
    await turned("Polls").click();
    await saved().waitFor();
    await page.getByLabel("From").selectOption("Workshop");
    await page.getByText("set like the others").waitFor();
    expect(await turned("Polls").isChecked()).toBe(false);
    await turned("Places").click();
    await page.getByText("set apart from the others").waitFor();
    const own = { roomId: WORKSHOP.roomId, filter: { ...NO_FILTER, withoutKinds: ["polls", "locations"] } };
    expect(asked().at(-1)).toEqual({ roomFilters: [own] });
    await page.getByLabel("From").selectOption("Kitchen");
    expect(await turned("Places").isChecked()).toBe(true);
    await page.getByLabel("From").selectOption("Workshop");
    await acting.button("Set it like the others").click();
    await expect.poll(() => turned("Places").isChecked()).toBe(true);
    expect(asked().at(-1)).toEqual({ roomFilters: [] });
  });

  test("of a link with one source there is nothing to choose", async () => {
    const [from, to] = visit.link?.rooms ?? [];
    if (!from || !to) throw new Error("The link has two rooms.");
    visit.becomes({
      direction: "one-way",
      rooms: [
        { ...from, role: "source" },
        { ...to, role: "destination" },
      ],
    });
    await open();
    expect(await page.getByLabel("From").count()).toBe(0);
  });
});

describe("people and words", () => {
  const save = () => acting.button("Save people and words");

  test("are entered one on each line, and saved together", async () => {
    await open();
    await acting.field("Nothing that these people write").fill(" @bot:example.org \n\n@tim:example.org");
    await acting.field("Nothing with these words").fill("birthday present\nsurprise\n");
    await save().click();
    await saved().waitFor();
    expect(asked()).toEqual([
      {
        filter: {
          ...NO_FILTER,
          withoutSenders: ["@bot:example.org", "@tim:example.org"],
          withoutWords: ["birthday present", "surprise"],
        },
      },
    ]);
  });

  test("that are set are shown", async () => {
    const filter = { ...NO_FILTER, onlySenders: ["@ana:example.org" as UserId], withoutWords: ["surprise"] };
    visit.becomes({ settings: { ...NO_LINK_SETTINGS, filter } });
    await open();
    expect(await acting.field("Only what these people write").inputValue()).toBe("@ana:example.org");
    expect(await acting.field("Nothing with these words").inputValue()).toBe("surprise");
  });

  test("what is no Matrix ID is refused at the field, without asking", async () => {
    await open();
    await acting.field("Only what these people write").fill("@ana:example.org\nJo");
    await save().click();
    expect(await acting.problemAt("Only what these people write")).toContain("“Jo” is not a Matrix ID");
    expect(asked()).toEqual([]);
    await acting.field("Only what these people write").fill("@ana:example.org");
    await save().click();
    await saved().waitFor();
    expect(asked()).toHaveLength(1);
  });

  test("a word that is too long is refused as well; and what cannot be saved stays in the field", async () => {
    await open({ linkSet: failing("disk-full", "The disk is full.") });
    await acting.field("Nothing with these words").fill("x".repeat(101));
    await save().click();
    expect(await acting.problemAt("Nothing with these words")).toContain("is too long");
    await acting.field("Nothing with these words").fill("surprise");
    await save().click();
    await page.getByRole("alert").getByText("The disk is full").first().waitFor();
    expect(await acting.field("Nothing with these words").inputValue()).toBe("surprise");
  });
});

describe("names in the copies", () => {
  test("are chosen by how they will stand there", async () => {
    await open();
    const choice = (name: string) => page.getByRole("radio", { name, exact: true });
    expect(await choice("Name").isChecked()).toBe(true);
    await page.getByText(`“Ana (${KITCHEN.name}): Dinner is ready”`).waitFor();
    await page.getByText("“Ana (@ana:example.org): Dinner is ready”").waitFor();
    await choice("Name").focus();
    await page.keyboard.press("ArrowDown");
    await saved().waitFor();
    expect(await choice("Name and room").isChecked()).toBe(true);
    expect(asked()).toEqual([{ attribution: "name-room" }]);
  });

  test("and each room's reads are its own only where that is wanted", async () => {
    await open();
    expect(await turned("Read in one room").isChecked()).toBe(true);
    await turned("Read in one room").focus();
    await page.keyboard.press("Space");
    await saved().waitFor();
    expect(asked()).toEqual([{ reads: false }]);
  });

  test("and “@room” rings elsewhere only where that is turned on", async () => {
    await open();
    expect(await turned("“@room” rings").isChecked()).toBe(false);
    await turned("“@room” rings").click();
    await saved().waitFor();
    expect(asked()).toEqual([{ allowRoomMention: true }]);
  });
});

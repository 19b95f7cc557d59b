import { describe, expect, test } from "vitest";
import type { LinkId } from "../../main/matrix/ids.ts";
import { asked, CARRYING, DAY, familyLink, listView, side } from "../support/fake-link.ts";
import { GARDEN, KITCHEN, WORKSHOP } from "../support/fake-plans.ts";
import { openLink } from "./link-scenes.ts";
import { failing, LinkVisit } from "./link-visit.ts";
import { acting, page } from "./opened.ts";

/** One link's page: its switch, its name, its end, and a change of it that waits. */

const tab = (name: string) => page.getByRole("tab", { name });
const alert = () => page.getByRole("alert");

test("a large file's way is told on the page and in the list, as it goes on", async () => {
  const visit = new LinkVisit(familyLink({ carrying: CARRYING }));
  await visit.openList();
  await page.getByText(CARRYING).waitFor();
  await openLink(page);
  await page.getByText(CARRYING).waitFor();
  visit.becomes({ carrying: null });
  visit.tell();
  await expect.poll(() => page.getByText(CARRYING).count()).toBe(0);
});

describe("pausing", () => {
  const mirror = () => page.getByRole("switch", { name: "Mirror Family" });
  const hasFocus = () => mirror().evaluate((element) => element === document.activeElement);

  test("stops the link at once and says so, by mouse and by keyboard", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open({
      linkPause: async () => listView(visit.becomes({ state: "paused", isPaused: true })),
      linkResume: async () => listView(visit.becomes({ state: "mirroring", isPaused: false })),
    });
    await mirror().click();
    await page.getByText("You have paused this link").waitFor();
    expect(await mirror().isChecked()).toBe(false);
    await acting.tabTo(mirror());
    await page.keyboard.press("Space");
    await expect.poll(() => mirror().isChecked()).toBe(true);
    expect(await page.getByText("You have paused this link").count()).toBe(0);
    expect(await hasFocus()).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(() => mirror().isChecked()).toBe(false);
    expect(visit.ferry.askedOf("linkPause")).toEqual([{ link: "family" }, { link: "family" }]);
    expect(visit.ferry.askedOf("linkResume")).toEqual([{ link: "family" }]);
  });

  test("is asked for once, however often it is pressed meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const visit = new LinkVisit(familyLink());
    await visit.open({
      linkPause: async () => {
        await promise;
        return listView(visit.becomes({ state: "paused", isPaused: true }));
      },
    });
    for (let times = 0; times < 3; times++) await mirror().click({ force: true });
    await expect.poll(() => visit.ferry.askedOf("linkPause").length).toBe(1);
    resolve();
    await page.getByText("You have paused this link").waitFor();
    expect(visit.ferry.askedOf("linkPause").length).toBe(1);
    expect(visit.ferry.askedOf("linkResume")).toEqual([]);
  });

  test("that fails says why, and the switch stands where it stood", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open({ linkPause: failing("disk-full", "The disk is full.") });
    await mirror().click();
    await alert().getByText("The disk is full").first().waitFor();
    expect(await mirror().isChecked()).toBe(true);
    expect(await mirror().isEnabled()).toBe(true);
  });

  test("in the list of links, too, leaves the focus on the switch while it lasts", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const visit = new LinkVisit(familyLink());
    await visit.openList({
      linkPause: async () => {
        await promise;
        return listView(visit.becomes({ state: "paused", isPaused: true }));
      },
    });
    await acting.tabTo(mirror());
    await page.keyboard.press("Space");
    await expect.poll(() => mirror().getAttribute("aria-busy")).toBe("true");
    resolve();
    await expect.poll(() => mirror().isChecked()).toBe(false);
    expect(await hasFocus()).toBe(true);
  });

  test("is not offered for what has not begun", async () => {
    const visit = new LinkVisit(familyLink({ state: "starting", lastCopyTs: null }));
    await visit.open();
    await page.getByText("Its rooms are being told of it").waitFor();
    expect(await page.getByRole("switch").count()).toBe(0);
  });
});

describe("renaming", () => {
  const save = () => acting.button("Save the name");

  test("is done by the keyboard alone, and shown everywhere", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open({ linkRename: async ({ name }) => listView(visit.becomes({ name })) });
    await tab("Settings").click();
    await acting.enter("Name", "  Our house ");
    await acting.heading("Our house").waitFor();
    await page
      .getByRole("status")
      .getByText(/^Saved$/)
      .waitFor();
    expect(visit.ferry.askedOf("linkRename")).toEqual([{ link: "family", name: "Our house" }]);
  });

  test("to nothing is refused at the field, without asking", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open();
    await tab("Settings").click();
    await acting.field("Name").fill("   ");
    await acting.field("Name").press("Enter");
    await alert().getByText("A link needs a name.").waitFor();
    expect(visit.ferry.askedOf("linkRename")).toEqual([]);
  });

  test("that fails says why, and keeps what was typed", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open({ linkRename: failing("disk-full", "The disk is full.") });
    await tab("Settings").click();
    await acting.enter("Name", "Our house");
    await alert().getByText("The disk is full").first().waitFor();
    expect(await acting.field("Name").inputValue()).toBe("Our house");
    expect(await acting.heading("Family").isVisible()).toBe(true);
    expect(await save().isEnabled()).toBe(true);
  });
});

describe("removing", () => {
  const question = () => page.getByRole("alertdialog", { name: "Remove this link?" });

  async function ask(visit: LinkVisit, changes: Parameters<LinkVisit["open"]>[0] = {}): Promise<void> {
    await visit.open(changes);
    await tab("Settings").click();
    await acting.button("Remove this link").click();
    await question().waitFor();
  }

  test.each([
    ["and telling its rooms", true],
    ["without a word", false],
  ])("ends the link, %s", async (_how, tell) => {
    const visit = new LinkVisit(familyLink({ waiting: 2, failed: 1 }));
    await ask(visit, {
      linkRemove: async ({ link: id }) => {
        visit.link = null;
        return { id: id as LinkId, dropped: 3 };
      },
    });
    await question().getByText("3 messages that have not been copied yet will not be.").waitFor();
    if (!tell) await question().getByRole("checkbox", { name: "Tell the rooms" }).uncheck();
    await question().getByRole("button", { name: "Remove the link" }).click();
    await acting.arrive("Links");
    expect(await page.locator("main button.open").count()).toBe(0);
    expect(visit.ferry.askedOf("linkRemove")).toEqual([{ link: "family", tell }]);
  });

  test("is not done by who thinks better of it", async () => {
    const visit = new LinkVisit(familyLink());
    await ask(visit);
    await question().getByRole("button", { name: "Cancel" }).click();
    await question().waitFor({ state: "detached" });
    await acting.button("Remove this link").click();
    await page.keyboard.press("Escape");
    await question().waitFor({ state: "detached" });
    expect(visit.ferry.askedOf("linkRemove")).toEqual([]);
  });

  test("that fails says why in the question, and can be tried again", async () => {
    const failures = [failing("homeserver-unreachable", "No answer.")];
    const visit = new LinkVisit(familyLink());
    await ask(visit, {
      linkRemove: async ({ link: id }) => {
        await failures.pop()?.();
        visit.link = null;
        return { id: id as LinkId, dropped: 0 };
      },
    });
    await question().getByRole("button", { name: "Remove the link" }).click();
    await question().getByText("Your server does not answer").waitFor();
    await question().getByRole("button", { name: "Remove the link" }).click();
    await acting.arrive("Links");
    expect(visit.ferry.askedOf("linkRemove").length).toBe(2);
  });
});

describe("a link that is gone", () => {
  test("before its page came is said to be, with the way back to the others", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.openList({ linkShow: failing("unknown-link", "There is no link family.") });
    await page.locator("main button.open").click();
    await page.getByText("This link is not there any more").waitFor();
    await acting.button("See your links").click();
    await acting.arrive("Links");
  });

  test("while its page was open is said to be", async () => {
    const visit = new LinkVisit(familyLink());
    await visit.open();
    visit.link = null;
    visit.tell();
    await page.getByText("This link is not there any more").waitFor();
    await acting.button("See your links").click();
    await acting.arrive("Links");
  });

  test("is told apart from one that cannot be looked up now", async () => {
    const failures = [failing("disk-full", "The disk is full.")];
    const visit = new LinkVisit(familyLink());
    await visit.openList({
      linkShow: async () => {
        await failures.pop()?.();
        return familyLink();
      },
    });
    await page.locator("main button.open").click();
    await alert().getByText("The disk is full").first().waitFor();
    await acting.button("Try again").click();
    await acting.arrive("Family");
  });
});

describe("a change of the link that waits", () => {
  const changed = () =>
    familyLink({
      ...{ id: "change" as LinkId, changes: "family" as LinkId, state: "waiting", consents: [], lastCopyTs: null },
      rooms: [
        ...[side(KITCHEN), side(WORKSHOP)],
        side(GARDEN, { gap: { code: "consent-missing", sentence: "Garden has not agreed." } }),
      ],
      proposals: [asked(GARDEN, { sentTs: Date.now() - 2 * DAY })],
    });

  test("is shown with the link, which goes on, and can be taken back", async () => {
    const visit = new LinkVisit(familyLink(), changed());
    await visit.open({
      linkWithdraw: async ({ link: id }) => {
        visit.change = null;
        return { id: id as LinkId, withdrawn: 1 };
      },
    });
    const change = page.getByRole("region", { name: "A change of this link waits" });
    await change.getByText("the link goes on as it is").waitFor();
    await change.getByRole("heading", { name: "Garden: asked 2 days ago" }).waitFor();
    await tab("Settings").click();
    await page.getByText("A change of this link waits already.").waitFor();
    expect(await acting.button("Change rooms, direction or what is told").count()).toBe(0);
    await change.getByRole("button", { name: "Take it back" }).click();
    const question = page.getByRole("alertdialog", { name: "Take this change back?" });
    await question.getByText("The link goes on as it is.").waitFor();
    await question.getByRole("button", { name: "Take it back" }).click();
    await change.waitFor({ state: "detached" });
    await acting.button("Change rooms, direction or what is told").waitFor();
    expect(visit.ferry.askedOf("linkWithdraw")).toEqual([{ link: "change" }]);
  });

  test("takes the link's place on the page, too, once it has taken its place", async () => {
    const visit = new LinkVisit(familyLink(), changed());
    await visit.open();
    await page.getByRole("region", { name: "A change of this link waits" }).waitFor();
    const rooms = [side(KITCHEN), side(WORKSHOP), side(GARDEN)];
    visit.change = { ...changed(), changes: null, name: "Family and garden", state: "mirroring", rooms };
    visit.link = null;
    visit.tell();
    await acting.heading("Family and garden").waitFor();
    expect(await page.getByText("This link is not there any more").count()).toBe(0);
  });
});

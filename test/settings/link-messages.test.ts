import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { MessageView } from "../../main/protocol/control.ts";
import { delivery, familyLink, message, messagesOfEachMark, side } from "../support/fake-link.ts";
import { GARDEN, WORKSHOP } from "../support/fake-plans.ts";
import { failing, LinkVisit } from "./link-visit.ts";
import { acting, page, type Changes } from "./opened.ts";

/** "Why didn't my message arrive?": a link's last messages, what became of each, and what can be done. */

/** What main says of the link's messages. */
let messages: MessageView[];
let visit: LinkVisit;

/** Opens the link's page, where the messages stand first. */
async function open(changes: Changes = {}, link = familyLink({ failed: 1 })): Promise<void> {
  visit = new LinkVisit(link);
  await visit.open({ linkMessages: async ({ limit }) => messages.slice(0, limit), ...changes });
}

const row = (start: RegExp): Locator => page.getByRole("button", { name: start });
const failedRow = (): Locator => row(/^Not delivered/);
const alert = (): Locator => page.getByRole("alert");
const headingHasFocus = (): Promise<boolean> =>
  page.getByRole("heading", { name: "Last messages" }).evaluate((heading) => heading === document.activeElement);

/** As main does when nothing has failed any more. */
function deliver(): void {
  messages = messages.map((one) =>
    one.mark === "failed" ? { ...one, mark: "copied", destinations: [delivery(WORKSHOP, "copied")] } : one,
  );
  visit.becomes({ failed: 0 });
}

describe("each message", () => {
  test.each([
    ["copied", /^Copied\s*Reaction from Ana/, ["Its copy is in Workshop."]],
    ["waiting", /^Waiting\s*Message from Ana/, ["It waits for its turn, and follows by itself."]],
    ["left out", /^Left out\s*Message from Ana/, ["Its sender has asked to be left out.", "Only they can change that"]],
    ["not delivered", /^Not delivered\s*Message from Ana/, ["The server refused it."]],
  ])("that is %s says so, and opened says why, by the keyboard alone", async (_mark, name, reasons) => {
    messages = messagesOfEachMark();
    await open();
    await acting.tabTo(row(name));
    expect(await row(name).getAttribute("aria-expanded")).toBe("false");
    for (const reason of reasons) expect(await page.getByText(reason).filter({ visible: true }).count()).toBe(0);
    await page.keyboard.press("Enter");
    for (const reason of reasons) await page.getByText(reason).filter({ visible: true }).waitFor();
    expect(await row(name).getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("Space");
    for (const reason of reasons) await expect.poll(() => page.getByText(reason).first().isVisible()).toBe(false);
  });

  test("that waits says that it is the user who has paused the link", async () => {
    messages = messagesOfEachMark();
    await open({}, familyLink({ state: "paused", isPaused: true }));
    await row(/^Waiting/).click();
    await page.getByText("It follows when you go on with the link.").waitFor();
  });

  test("on its way to several rooms is told room by room", async () => {
    messages = [
      message(3, [
        delivery(WORKSHOP, "failed", { reason: "The server refused it.", outboxId: 8 }),
        delivery(GARDEN, "copied"),
      ]),
    ];
    const { rooms } = familyLink();
    await open({}, familyLink({ failed: 1, rooms: [...rooms, side(GARDEN)] }));
    await row(/^Not delivered.*2 rooms/s).click();
    await page.getByText("The server refused it.").waitFor();
    await page.getByText("Its copy is in Garden.").waitFor();
    expect(await acting.button("Dismiss").count()).toBe(1);
  });

  test("stays open while others come", async () => {
    messages = messagesOfEachMark();
    await open();
    await failedRow().click();
    messages = [message(0, [delivery(WORKSHOP, "copied")], { kind: "edit" }), ...messages];
    visit.tell();
    await row(/^Copied\s*Change from Ana/).waitFor();
    expect(await page.getByText("The server refused it.").isVisible()).toBe(true);
  });

  test("is missing where nothing was written yet, and that is said", async () => {
    messages = [];
    await open({}, familyLink());
    await page.getByText("Nothing has been written since this link was made.").waitFor();
  });

  test("that cannot be looked up says why", async () => {
    await open({ linkMessages: failing("database-damaged", "ferry.db is damaged.") });
    await alert().getByText("ferry.db is damaged.").first().waitFor();
  });
});

describe("trying again", () => {
  const again = (): Locator => page.getByRole("button", { name: "Try again" });
  const all = (): Locator => acting.button("Try all again");

  test("one of them asks for that one, and one goes on reading at the top", async () => {
    messages = messagesOfEachMark();
    await open({
      outboxRetry: async () => {
        deliver();
        return { count: 1 };
      },
    });
    await failedRow().click();
    await acting.tabTo(again());
    await page.keyboard.press("Enter");
    await failedRow().waitFor({ state: "detached" });
    await expect.poll(headingHasFocus).toBe(true);
    expect(visit.ferry.askedOf("outboxRetry")).toEqual([{ ids: [7] }]);
    expect(await all().count()).toBe(0);
  });

  test("all of them asks for those of this link, also for what is too old to be shown", async () => {
    messages = messagesOfEachMark();
    await open({}, familyLink({ failed: 2 }));
    await page.getByRole("heading", { name: "2 messages not delivered" }).waitFor();
    await page.getByText("1 older one besides not shown here.").waitFor();
    await all().click();
    await expect.poll(() => visit.ferry.askedOf("outboxRetry")).toEqual([{ link: "family" }]);
  });

  test("that fails says why, changes nothing, and can be done once more", async () => {
    messages = messagesOfEachMark();
    await open({ outboxRetry: failing("disk-full", "The disk is full.") });
    await failedRow().click();
    await again().click();
    await alert().getByText("The disk is full").first().waitFor();
    expect(await failedRow().isVisible()).toBe(true);
    await again().click();
    await expect.poll(() => visit.ferry.askedOf("outboxRetry").length).toBe(2);
  });

  test("by the keyboard leaves the focus where it was, where it fails", async () => {
    messages = messagesOfEachMark();
    const { promise, reject } = Promise.withResolvers<never>();
    await open({ outboxRetry: () => promise });
    await failedRow().click();
    await acting.tabTo(again());
    await page.keyboard.press("Enter");
    await expect.poll(() => all().getAttribute("aria-busy")).toBe("true");
    // Pressed once more, it asks no second time.
    await page.keyboard.press("Enter");
    reject(new FerryError("disk-full", "The disk is full."));
    await alert().getByText("The disk is full").first().waitFor();
    await expect.poll(() => again().evaluate((button) => button === document.activeElement)).toBe(true);
    expect(visit.ferry.askedOf("outboxRetry").length).toBe(1);
  });
});

describe("dismissing", () => {
  const question = (): Locator => page.getByRole("alertdialog", { name: "Dismiss this message?" });
  const yes = (): Locator => question().getByRole("button", { name: "Dismiss it" });

  async function ask(changes: Changes = {}): Promise<void> {
    messages = messagesOfEachMark();
    await open(changes);
    await failedRow().click();
    await acting.button("Dismiss").click();
    await question().getByText("It will not be copied to Workshop, now or later.").waitFor();
  }

  test("is done after a question, and what is dismissed is gone", async () => {
    await ask({
      outboxDismiss: async ({ ids }) => {
        messages = messages.filter(({ mark }) => mark !== "failed");
        visit.becomes({ failed: 0 });
        return { count: ids.length };
      },
    });
    await yes().click();
    await question().waitFor({ state: "detached" });
    await failedRow().waitFor({ state: "detached" });
    await expect.poll(() => acting.heading("Family").evaluate((title) => title === document.activeElement)).toBe(true);
    expect(visit.ferry.askedOf("outboxDismiss")).toEqual([{ ids: [7] }]);
  });

  test("is not done by who thinks better of it", async () => {
    await ask();
    await question().getByRole("button", { name: "Cancel" }).click();
    await question().waitFor({ state: "detached" });
    await acting.button("Dismiss").click();
    await page.keyboard.press("Escape");
    await question().waitFor({ state: "detached" });
    expect(visit.ferry.askedOf("outboxDismiss")).toEqual([]);
    expect(await failedRow().isVisible()).toBe(true);
  });

  test("that fails says why in the question, and can be tried again", async () => {
    const failures = [failing("unknown-outbox-row", "There is no row 7.")];
    await ask({
      outboxDismiss: async ({ ids }) => {
        await failures.pop()?.();
        return { count: ids.length };
      },
    });
    await yes().click();
    await question().getByText("This message does not wait any more.").waitFor();
    await yes().click();
    await question().waitFor({ state: "detached" });
    expect(visit.ferry.askedOf("outboxDismiss").length).toBe(2);
  });
});

describe("older ones", () => {
  const many = (count: number): MessageView[] =>
    Array.from({ length: count }, (_, index) => message(index, [delivery(WORKSHOP, "copied")]));
  const limits = (): unknown[] =>
    visit.ferry.askedOf("linkMessages").map((params) => (params as { limit: number }).limit);

  test("are shown when they are asked for", async () => {
    messages = many(70);
    await open({}, familyLink());
    await expect.poll(() => row(/^Copied/).count()).toBe(30);
    await acting.button("Show older ones").click();
    await expect.poll(() => row(/^Copied/).count()).toBe(70);
    expect(await acting.button("Show older ones").count()).toBe(0);
    expect([...new Set(limits())]).toEqual([30, 200]);
  });

  test("are not offered where there are none", async () => {
    messages = many(29);
    await open({}, familyLink());
    await expect.poll(() => row(/^Copied/).count()).toBe(29);
    expect(await acting.button("Show older ones").count()).toBe(0);
  });
});

test("what is left out is counted by its reason, what nobody misses apart", async () => {
  messages = [];
  const skipped = [
    { reason: "own-copy", count: 1200, latestTs: Date.now() },
    { reason: "unsupported-message", count: 2, latestTs: Date.now() - 120_000 },
  ];
  await open({}, familyLink({ skipped }));
  await page.getByText("A message without words, or of a kind that Ferry does not know.").waitFor();
  await page.getByText("The last one was 2 minutes ago.").waitFor();
  expect(await page.getByText("it is a copy already").isVisible()).toBe(false);
  await page.getByText("What is always left out").click();
  await page.getByText("it is a copy already").waitFor();
});

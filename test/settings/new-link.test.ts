import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { RoomSummary } from "../../main/matrix/event.ts";
import { GARDEN, KITCHEN, planFor, roomNamed, WORKSHOP } from "../support/fake-plans.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { choose, openNewLink, roomHandlers } from "./new-link-scenes.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** Making a link, from two rooms to what is sent. What goes wrong on the way is in new-link-failures.test.ts. */

const ATTIC = roomNamed("Attic", { joinedMembers: 7 });
const ROOMS = [KITCHEN, WORKSHOP, GARDEN, ATTIC];
let ferry: RememberingFerry;

async function open(changes: Changes = {}, rooms: readonly RoomSummary[] = ROOMS): Promise<void> {
  ferry = new RememberingFerry();
  await openOn(ferry, { ...roomHandlers(rooms), ...changes });
  await openNewLink(page);
}

const place = (at: number): Locator => page.locator("main .place").nth(at);
const arrow = (): Locator => page.getByRole("button", { name: /^(Both ways|One way)/ });
const goOn = (): Locator => acting.button("Continue");
const comparisons = (): Locator => page.getByRole("heading", { name: /^What is said in / });
/** What main was last asked what it would mean. */
const lastPlanned = (): unknown => ferry.askedOf("linkPlan").at(-1);

async function chooseTwo(first: string, second: string): Promise<void> {
  await choose(page, 0, first);
  await choose(page, 1, second);
  await comparisons().first().waitFor();
}

describe("the whole way", () => {
  test("by mouse makes a link of two rooms of one's own, and leads to it", async () => {
    await open();
    for (const [at, name] of [KITCHEN.name, ATTIC.name].entries()) {
      await place(at).click();
      await page.getByRole("option").filter({ hasText: name }).click();
    }
    await page.getByText("5 people and whoever is invited gain access", { exact: true }).waitFor();
    await goOn().click();
    await acting.arrive("Who gains access");
    // However far down one had to go for what led to it.
    expect(await page.locator("main").evaluate((main) => main.scrollTop)).toBe(0);
    await page.getByText("You approve for Kitchen.").waitFor();
    await goOn().click();
    await acting.arrive("Confirm the link");
    await page.getByText("By going on you approve for Kitchen and Attic.").waitFor();
    expect(ferry.askedOf("linkAdd")).toEqual([]);
    await acting.button("Link and tell both rooms").click();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd")).toEqual([
      {
        ...{ rooms: [KITCHEN.roomId, ATTIC.roomId], oneWay: false, name: "Kitchen and Attic" },
        ...{ propose: false, expose: [] },
      },
    ]);
  });

  test("tells the other rooms more than messages only where that is switched on", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    expect(lastPlanned()).toEqual({ rooms: [KITCHEN.roomId, ATTIC.roomId], oneWay: false });
    const told = page.getByRole("region", { name: "Also tell the other rooms" });
    expect(await told.getByRole("switch", { checked: true }).count()).toBe(0);
    for (const name of ["Which messages are pinned", "Who joins and leaves, or is removed", "New names and topics"]) {
      await told.getByRole("switch", { name }).click();
      await told.getByRole("switch", { name, checked: true }).waitFor();
    }
    await told.getByRole("switch", { name: "New names and topics" }).click();
    await expect.poll(lastPlanned).toMatchObject({ tells: ["members", "pins"] });
    await goOn().click();
    await acting.arrive("Who gains access");
    await goOn().click();
    await acting.arrive("Confirm the link");
    await acting.button("Link and tell both rooms").click();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd")).toMatchObject([{ tells: ["members", "pins"] }]);
  });

  test("by the keyboard alone makes a link that others must agree to", async () => {
    await open();
    for (const [at, words] of ["kit", "works"].entries()) {
      await acting.tabTo(place(at));
      await page.keyboard.press("Enter");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.type(words);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await comparisons().first().waitFor();
    await acting.tabTo(goOn());
    await page.keyboard.press("Enter");
    await acting.arrive("Who gains access");
    await page.getByText("In Workshop, an admin must: Ana or Jo.").waitFor();
    await acting.tabTo(goOn());
    await page.keyboard.press("Enter");
    await acting.arrive("Confirm the link");
    await acting.tabTo(acting.field("Name of the link"));
    await page.keyboard.type("House");
    await acting.tabTo(acting.button("Link, and ask the admins of Workshop"));
    await page.keyboard.press("Space");
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd")).toEqual([
      {
        ...{ rooms: [KITCHEN.roomId, WORKSHOP.roomId], oneWay: false, name: "House" },
        ...{ propose: true, expose: [] },
      },
    ]);
  });

  test("leads back past its steps, once the link is made", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    await goOn().click();
    await acting.arrive("Who gains access");
    await goOn().click();
    await acting.button("Link and tell both rooms").click();
    await acting.arrive("Family");
    await acting.button("Back").click();
    await acting.arrive("Links");
  });
});

describe("the direction", () => {
  test("is turned by the arrow, and what it means is asked anew each time", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    expect(await comparisons().count()).toBe(2);
    expect(lastPlanned()).toEqual({ rooms: [KITCHEN.roomId, ATTIC.roomId], oneWay: false });
    await acting.tabTo(arrow());
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^One way: only from Kitchen to Attic/ }).waitFor();
    await expect.poll(() => comparisons().allInnerTexts()).toEqual(["What is said in Kitchen"]);
    expect(lastPlanned()).toEqual({ rooms: [KITCHEN.roomId, ATTIC.roomId], oneWay: true });
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^One way: only from Attic to Kitchen/ }).waitFor();
    await expect.poll(() => comparisons().allInnerTexts()).toEqual(["What is said in Attic"]);
    expect(lastPlanned()).toEqual({ rooms: [ATTIC.roomId, KITCHEN.roomId], oneWay: true });
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: /^Both ways: between Kitchen and Attic/ }).waitFor();
    await expect.poll(() => comparisons().count()).toBe(2);
  });

  test("that was turned is that of the link", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    await arrow().click();
    await arrow().click();
    await goOn().click();
    await acting.arrive("Who gains access");
    await goOn().click();
    await acting.button("Link and tell both rooms").click();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd")).toMatchObject([
      { rooms: [ATTIC.roomId, KITCHEN.roomId], oneWay: true, name: "Attic to Kitchen" },
    ]);
  });

  test("of several rooms has one that is copied from, which can be another", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    await acting.button("Add another room").click();
    await expect.poll(() => place(2).evaluate((element) => element === document.activeElement)).toBe(true);
    await choose(page, 2, "Workshop");
    await expect.poll(() => comparisons().count()).toBe(3);
    await arrow().click();
    await expect.poll(() => comparisons().allInnerTexts()).toEqual(["What is said in Kitchen"]);
    await acting.button("Copy from Workshop instead").click();
    await expect.poll(() => comparisons().allInnerTexts()).toEqual(["What is said in Workshop"]);
    expect(lastPlanned()).toEqual({ rooms: [WORKSHOP.roomId, KITCHEN.roomId, ATTIC.roomId], oneWay: true });
    await acting.button("Leave out Kitchen").click();
    await expect.poll(lastPlanned).toEqual({ rooms: [WORKSHOP.roomId, ATTIC.roomId], oneWay: true });
  });
});

describe("what was chosen", () => {
  test("is kept by who goes back, with the name that was typed and the direction", async () => {
    await open();
    await chooseTwo("Kitchen", "Attic");
    await arrow().click();
    await goOn().click();
    await acting.arrive("Who gains access");
    await goOn().click();
    await acting.field("Name of the link").fill("House");
    await acting.button("Back").click();
    await acting.arrive("Who gains access");
    await acting.button("Back").click();
    await acting.arrive("New link");
    expect(await place(0).innerText()).toContain("Kitchen");
    expect(await place(1).innerText()).toContain("Attic");
    await page.getByRole("button", { name: /^One way: only from Kitchen to Attic/ }).waitFor();
    await choose(page, 1, "Workshop");
    await expect.poll(lastPlanned).toEqual({ rooms: [KITCHEN.roomId, WORKSHOP.roomId], oneWay: true });
    await goOn().click();
    await acting.arrive("Who gains access");
    await goOn().click();
    await acting.arrive("Confirm the link");
    expect(await acting.field("Name of the link").inputValue()).toBe("House");
  });

  test("needs two rooms before anything is asked, or can be gone on with", async () => {
    await open();
    expect(await goOn().isDisabled()).toBe(true);
    await choose(page, 0, "Kitchen");
    await page.getByText("Choose two rooms to see who could newly read what.").waitFor();
    expect(await goOn().isDisabled()).toBe(true);
    expect(ferry.askedOf("linkPlan")).toEqual([]);
  });

  test("is told of by the answer to the last question, whichever comes last", async () => {
    const slow = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    await open({
      linkPlan: async (params) => {
        if (params.oneWay) return planFor([KITCHEN, ATTIC], true);
        await slow.promise;
        answered.resolve();
        return planFor([KITCHEN, ATTIC], false);
      },
    });
    await choose(page, 0, "Kitchen");
    await choose(page, 1, "Attic");
    await expect.poll(() => ferry.askedOf("linkPlan").length).toBe(1);
    await arrow().click();
    await expect.poll(() => comparisons().allInnerTexts()).toEqual(["What is said in Kitchen"]);
    slow.resolve();
    await answered.promise;
    // The page hears of this after it has heard of that answer.
    ferry.tell({ summary: "What came afterwards" });
    await page.getByText("What came afterwards").waitFor();
    expect(await comparisons().allInnerTexts()).toEqual(["What is said in Kitchen"]);
    expect(await goOn().isEnabled()).toBe(true);
  });
});

test("a room that would show what is encrypted needs a tick of its own, and Continue leads there", async () => {
  await open();
  await chooseTwo("Kitchen", "Garden");
  await goOn().click();
  await acting.arrive("Who gains access");
  const tick = page.getByRole("checkbox", { name: "Copy encrypted messages into Garden all the same" });
  await tick.waitFor();
  await goOn().click();
  await expect.poll(() => tick.evaluate((box) => box === document.activeElement)).toBe(true);
  expect(await tick.getAttribute("aria-invalid")).toBe("true");
  await page.getByText("Tick this if it is what you want").waitFor();
  expect(await acting.heading("Who gains access").isVisible()).toBe(true);
  await page.keyboard.press("Space");
  await goOn().click();
  await acting.arrive("Confirm the link");
  await acting.button("Link and tell both rooms").click();
  await acting.arrive("Family");
  expect(ferry.askedOf("linkAdd")).toMatchObject([{ expose: [GARDEN.roomId] }]);
});

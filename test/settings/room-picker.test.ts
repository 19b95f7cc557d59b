import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { RoomSummary } from "../../main/matrix/event.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import { KITCHEN, roomNamed, WORKSHOP } from "../support/fake-plans.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { manyRooms, openNewLink, roomHandlers } from "./new-link-scenes.ts";
import { openOn, page } from "./opened.ts";

/** Finding one room among a few and among three thousand. */

const COUNT = 3000;
/** More than fit into the window, but far fewer than there are. */
const MOST_RENDERED = 60;
const CHOIR = roomNamed("Choir of the village", {
  roomId: "!song:example.org" as RoomId,
  alias: "#singers:example.org",
});

const dialog = (): Locator => page.getByRole("dialog", { name: "Choose a room" });
const search = (): Locator => page.getByRole("combobox", { name: "Search by name or address" });
const options = (): Locator => page.getByRole("option");
const list = (): Locator => page.getByRole("listbox", { name: "Rooms" });
const place = (at: number): Locator => page.locator("main .place").nth(at);

async function open(rooms: readonly RoomSummary[]): Promise<void> {
  await openOn(new RememberingFerry(), roomHandlers(rooms));
  await openNewLink(page);
  await place(0).click();
  await options().first().waitFor();
}

/** Where the arrow keys have come to, as it is read out: its position, and whether it is in sight. */
function active(): Promise<{ position: number; isInSight: boolean } | null> {
  return page.evaluate(() => {
    const id = document.activeElement?.getAttribute("aria-activedescendant") ?? "";
    const option = document.getElementById(id);
    const frame = document.querySelector("[role=listbox]")?.getBoundingClientRect();
    if (option === null || frame === undefined) return null;
    const box = option.getBoundingClientRect();
    const isInSight = box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
    return { position: Number(option.getAttribute("aria-posinset")), isInSight };
  });
}

/** Holds a key, as a keyboard does that repeats it. */
async function hold(key: string, times: number): Promise<void> {
  for (let pressed = 0; pressed < times; pressed++) await page.keyboard.down(key);
  await page.keyboard.up(key);
}

/**
 * Parts of the list's height where no room stands, once the page has been painted. By where the rooms are, as nothing in
 * the list is hit by a point while it scrolls.
 */
function blanks(): Promise<number[]> {
  return page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise((painted) => requestAnimationFrame(painted));
    const frame = document.querySelector("[role=listbox]")?.getBoundingClientRect() ?? new DOMRect();
    const boxes = [...document.querySelectorAll("[role=option]")]
      .filter((option) => option.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .map((option) => option.getBoundingClientRect());
    return [0.02, 0.25, 0.5, 0.75, 0.98].filter((part) => {
      const y = frame.y + frame.height * part;
      return !boxes.some(({ top, bottom }) => top <= y && y <= bottom);
    });
  });
}

describe("a room", () => {
  const rooms = [...manyRooms(20), KITCHEN, WORKSHOP, CHOIR];

  test.each([
    ["the start of its name", "Kitch", "Kitchen"],
    ["a word of its name, in small letters", "village", "Choir of the village"],
    ["its alias", "#singers:ex", "Choir of the village"],
    ["its id", "!song:", "Choir of the village"],
  ])("is found by %s", async (_what, words, name) => {
    await open(rooms);
    await search().fill(words);
    await expect.poll(() => options().count()).toBe(1);
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    expect(await place(0).innerText()).toContain(name);
  });

  test("for which others must agree is marked, and so it stays when it is chosen", async () => {
    await open(rooms);
    await search().fill("Workshop");
    await options().getByText("An admin has to agree; Ferry asks them").waitFor();
    await search().fill("Kitchen");
    await options().getByText("3 people").waitFor();
    expect(await options().getByText("An admin has to agree").count()).toBe(0);
    await search().fill("Workshop");
    await options().click();
    await place(0).getByText("Ferry asks its admins").waitFor();
  });

  test("that is chosen is not offered for the other place", async () => {
    await open(rooms);
    await search().fill("Kitchen");
    await page.keyboard.press("Enter");
    await place(1).click();
    await search().fill("Kitchen");
    await page.getByText("No room of yours has this name or address.").waitFor();
    expect(await options().count()).toBe(0);
    await page.keyboard.press("Enter");
    expect(await dialog().isVisible()).toBe(true);
  });

  test("is not chosen by who closes the list, and one goes on where one was", async () => {
    await open(rooms);
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await expect.poll(() => place(0).evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await place(0).innerText()).toContain("Choose a room");
    await page.keyboard.press("Enter");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await dialog().waitFor({ state: "detached" });
    expect(await place(0).innerText()).toContain("Choose a room");
  });
});

describe(`${COUNT} rooms`, () => {
  const rooms = [...manyRooms(COUNT - 1), CHOIR];

  test("are searched by who types at once, without losing a character", async () => {
    await open(rooms);
    await expect.poll(() => search().evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await options().count()).toBeLessThan(MOST_RENDERED);
    await page.keyboard.type(CHOIR.name);
    expect(await search().inputValue()).toBe(CHOIR.name);
    await expect.poll(() => options().count()).toBe(1);
    await page
      .getByRole("status")
      .getByText(/^1 room$/)
      .waitFor();
    await page.keyboard.press("Enter");
    expect(await place(0).innerText()).toContain(CHOIR.name);
  });

  test("are searched letter by letter as each is typed and taken back, and no more are on the page than fit", async () => {
    await open(rooms);
    await page.keyboard.type("Room 29");
    await expect.poll(() => options().first().innerText()).toContain("Room 29");
    await page
      .getByRole("status")
      .getByText(/^110 rooms$/)
      .waitFor();
    expect(await options().count()).toBeLessThan(MOST_RENDERED);
    await hold("Backspace", 7);
    expect(await search().inputValue()).toBe("");
    await page
      .getByRole("status")
      .getByText(/^3,000 rooms$/)
      .waitFor();
    expect(await options().count()).toBeLessThan(MOST_RENDERED);
  });

  test("are gone through by a key that is held, which is followed by what is in sight", async () => {
    await open(rooms);
    await hold("ArrowDown", 200);
    await expect.poll(active).toEqual({ position: 201, isInSight: true });
    expect(await options().count()).toBeLessThan(MOST_RENDERED);
    expect(await list().locator("[aria-selected=true]").getAttribute("aria-posinset")).toBe("201");
    await hold("ArrowUp", 50);
    await expect.poll(active).toEqual({ position: 151, isInSight: true });
    const name = await list()
      .locator("[aria-selected=true]")
      .getByText(/^Room \d+$/)
      .innerText();
    await page.keyboard.press("Enter");
    expect(await place(0).innerText()).toContain(name);
  });

  test("have a first and a last, beyond which no key leads", async () => {
    const fewer = 301;
    await open(manyRooms(fewer));
    await page.keyboard.press("ArrowUp");
    await expect.poll(active).toEqual({ position: 1, isInSight: true });
    await hold("PageDown", fewer / 6);
    await expect.poll(active).toEqual({ position: fewer, isInSight: true });
    await page.keyboard.press("ArrowDown");
    await expect.poll(active).toEqual({ position: fewer, isInSight: true });
    await page.keyboard.press("Enter");
    expect(await place(0).innerText()).toContain(`Room ${fewer - 1}`);
  });

  test("are never blank while the wheel turns, and no more are on the page than fit", async () => {
    await open(rooms);
    await list().hover();
    for (const step of [...Array<number>(20).fill(900), 40_000, ...Array<number>(10).fill(-700), 12]) {
      await page.mouse.wheel(0, step);
      expect(await blanks()).toEqual([]);
      expect(await options().count()).toBeLessThan(MOST_RENDERED);
    }
    expect(await list().evaluate((element) => element.scrollTop)).toBeGreaterThan(40_000);
    // What the arrow keys have come to is kept, though it is out of sight.
    expect(await active()).toEqual({ position: 1, isInSight: false });
  });

  test("are reached to the last by scrolling, which can be clicked", async () => {
    await open(rooms);
    await list().hover();
    await page.mouse.wheel(0, 1_000_000);
    const last = page.locator(`[role=option][aria-posinset="${COUNT}"]`);
    await last.click();
    expect(await place(0).innerText()).toContain(`Room ${COUNT - 2}`);
  });

  test("begin at the top again with every search", async () => {
    await open(rooms);
    await hold("ArrowDown", 30);
    await page.keyboard.type("Room");
    await expect.poll(active).toEqual({ position: 1, isInSight: true });
    await expect.poll(() => list().evaluate((element) => element.scrollTop)).toBe(0);
  });
});

import type { Page } from "playwright-core";
import type { RoomSummary } from "../../main/matrix/event.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import { fakeHandlers, fakeRoom } from "../support/fake-control.ts";
import { openSettings, type SettingsPage } from "../support/settings-page.ts";
import { manyLinks, ORDINARY } from "../settings/scenes.ts";
import { median } from "./figures.ts";

const OPENINGS = 7;
const LINKS = 50;
const ROOMS = 1_000;
/** What somebody does in the list of rooms: so many rooms down, and back. */
const STEPS = 100;
const FEW_ROOMS = 2 * STEPS;
const MANY_ROOMS = 15 * FEW_ROOMS;
const WORDS = "workshop 11";

export interface WindowTimes {
  /** From the page's start until as much as a window shows stands on it, in milliseconds. */
  emptyMs: number;
  fullMs: number;
  /** From the first key until the list of rooms shows what the last one meant, in milliseconds: of 200, and of 3,000. */
  fewRoomsMs: number;
  manyRoomsMs: number;
}

/**
 * How long the window's page takes to open, with nothing to show and with 50 links in an account of 1,000 rooms; and how
 * long it takes to go through few rooms and through many.
 */
export async function measureWindow(): Promise<WindowTimes> {
  const links = manyLinks(ORDINARY, LINKS);
  const empty = fakeHandlers({ linkList: async () => [], rooms: async () => [], proposals: async () => [] });
  const full = fakeHandlers({ linkList: async () => links, rooms: async () => roomsNamed(ROOMS) });
  const times = { emptyMs: [] as number[], fullMs: [] as number[], few: [] as number[], many: [] as number[] };
  for (let opening = 0; opening < OPENINGS; opening++) {
    times.emptyMs.push(await timed(empty, timeToShow));
    times.fullMs.push(await timed(full, timeToShow));
    times.few.push(await timed(fakeHandlers({ rooms: async () => roomsNamed(FEW_ROOMS) }), timeToSearch));
    times.many.push(await timed(fakeHandlers({ rooms: async () => roomsNamed(MANY_ROOMS) }), timeToSearch));
  }
  const { emptyMs, fullMs, few, many } = times;
  return {
    ...{ emptyMs: median(emptyMs), fullMs: median(fullMs) },
    ...{ fewRoomsMs: median(few), manyRoomsMs: median(many) },
  };
}

function roomsNamed(count: number): RoomSummary[] {
  return Array.from({ length: count }, (_, index) =>
    fakeRoom({ roomId: `!room${index}:example.org` as RoomId, name: `${ORDINARY.room(index)} ${index}` }),
  );
}

async function timed(
  handlers: ReturnType<typeof fakeHandlers>,
  measure: (page: Page) => Promise<number>,
): Promise<number> {
  const window: SettingsPage = await openSettings({ handlers });
  try {
    await window.page.getByRole("heading", { name: "Links", exact: true }).waitFor();
    return await measure(window.page);
  } finally {
    await window.end();
  }
}

async function timeToShow(page: Page): Promise<number> {
  // Set by the page itself once what it was told stands there, as far as a window shows it.
  const shown = await page.waitForFunction(() => performance.getEntriesByName("ferry:shown")[0]?.startTime);
  return (await shown.jsonValue()) ?? Number.NaN;
}

async function timeToSearch(page: Page): Promise<number> {
  await page.getByRole("button", { name: "New link" }).click();
  await page.getByRole("button", { name: "Choose a room" }).first().click();
  await page.getByRole("option").first().waitFor();
  const active = (position: number) => page.locator(`[aria-selected=true][aria-posinset="${position}"]`).waitFor();
  const startedMs = performance.now();
  for (let step = 0; step < STEPS; step++) await page.keyboard.press("ArrowDown");
  await active(STEPS + 1);
  for (let step = 0; step < STEPS; step++) await page.keyboard.press("ArrowUp");
  await active(1);
  await page.keyboard.type(WORDS);
  await page
    .getByRole("option", { name: /^Workshop 11/ })
    .first()
    .waitFor();
  return performance.now() - startedMs;
}

import type { RoomId } from "../../main/matrix/ids.ts";
import { fakeHandlers, fakeRoom } from "../support/fake-control.ts";
import { openSettings, type Behind } from "../support/settings-page.ts";
import { manyLinks, ORDINARY } from "../settings/scenes.ts";
import { median } from "./figures.ts";

const OPENINGS = 7;
const LINKS = 50;
const ROOMS = 1_000;

export interface WindowTimes {
  /** From the page's start until all that there is stands on it, in milliseconds. */
  emptyMs: number;
  fullMs: number;
}

/** How long the window's page takes to open, with nothing to show and with 50 links in an account of 1,000 rooms. */
export async function measureWindow(): Promise<WindowTimes> {
  const rooms = Array.from({ length: ROOMS }, (_, index) => {
    return fakeRoom({ roomId: `!room${index}:example.org` as RoomId, name: `${ORDINARY.room(index)} ${index}` });
  });
  const links = manyLinks(ORDINARY, LINKS);
  const empty = fakeHandlers({ linkList: async () => [], rooms: async () => [], proposals: async () => [] });
  const full = fakeHandlers({ linkList: async () => links, rooms: async () => rooms });
  const emptyMs: number[] = [];
  const fullMs: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    emptyMs.push(await timeToShow({ handlers: empty }));
    fullMs.push(await timeToShow({ handlers: full }));
  }
  return { emptyMs: median(emptyMs), fullMs: median(fullMs) };
}

async function timeToShow(behind: Behind): Promise<number> {
  const window = await openSettings(behind);
  try {
    await window.page.getByRole("heading", { name: "Links" }).waitFor();
    // Set by the page itself once what it was told stands on it.
    const shown = await window.page.waitForFunction(() => performance.getEntriesByName("ferry:shown")[0]?.startTime);
    return (await shown.jsonValue()) ?? Number.NaN;
  } finally {
    await window.end();
  }
}

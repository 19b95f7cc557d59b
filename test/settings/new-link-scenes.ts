import type { Page } from "playwright-core";
import type { RoomSummary } from "../../main/matrix/event.ts";
import type { RoomId } from "../../main/matrix/ids.ts";
import type { LinkPlan } from "../../main/protocol/control.ts";
import { memberNames, planFor, roomNamed } from "../support/fake-plans.ts";
import type { Names, Scene } from "./scenes.ts";

/** Making a link, step by step. */

/** Ferry's answers about so many rooms. @param more what the plans of this scene have besides */
export function roomHandlers(rooms: readonly RoomSummary[], more: Partial<LinkPlan> = {}): Scene["handlers"] {
  return {
    rooms: async () => [...rooms],
    linkPlan: async ({ rooms: ids, oneWay }) => {
      const chosen = ids.flatMap((id) => rooms.find(({ roomId }) => roomId === id) ?? []);
      return planFor(chosen, oneWay, more);
    },
    memberNames,
  };
}

/** So many rooms besides those that are named. */
export function manyRooms(count: number): RoomSummary[] {
  const rules = ["invite", "public", "restricted", "knock"];
  return Array.from({ length: count }, (_, index) =>
    roomNamed(`Room ${index}`, {
      roomId: `!many${index}:example.org` as RoomId,
      joinedMembers: index + 1,
      encrypted: index % 3 > 0,
      joinRule: rules[index % rules.length] ?? "invite",
      ownPower: index % 2 === 0 ? 100 : 0,
    }),
  );
}

export async function openNewLink(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^(New link|Make your first link)$/ }).click();
  await page.getByText("Choose a room").first().waitFor();
}

/** Chooses a room for a place, from the left, by some of its name. */
export async function choose(page: Page, place: number, words: string): Promise<void> {
  await page.locator("main .place").nth(place).click();
  await page.getByRole("combobox").fill(words);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Both rooms chosen, and the picture there. */
async function chooseTwo(page: Page, first: string, second: string): Promise<void> {
  await openNewLink(page);
  await choose(page, 0, first);
  await choose(page, 1, second);
  await page.getByRole("heading", { name: "What is said in" }).first().waitFor();
}

async function goOn(page: Page, untilText: string): Promise<void> {
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(untilText).first().waitFor();
}

export function newLinkScenes(names: Names): Scene[] {
  const rooms = Array.from({ length: 8 }, (_, index) =>
    roomNamed(names.room(index), {
      roomId: `!place${index}:example.org` as RoomId,
      ...{ alias: `#place${index}:example.org`, joinedMembers: 3 + 13 * index },
      ...(index === 1 ? { ownPower: 0 } : {}),
      ...(index === 2 ? { encrypted: false, joinRule: "public" } : {}),
    }),
  );
  const [first, second, third] = ["#place0:", "#place1:", "#place2:"] as const;
  const handlers = roomHandlers(rooms);
  const refusal = {
    code: "link-exists",
    sentence: names.sentence(`The link “${names.link(0)}” mirrors these rooms already.`),
  };
  return [
    { name: "new-link-empty", handlers, go: openNewLink },
    {
      name: "new-link-picker",
      handlers: roomHandlers([...rooms, ...manyRooms(200)]),
      go: async (page) => {
        await openNewLink(page);
        await page.locator("main .place").first().click();
        await page.getByRole("option").first().waitFor();
      },
    },
    { name: "new-link-rooms", handlers, go: (page) => chooseTwo(page, first, second) },
    {
      name: "new-link-one-way",
      handlers,
      go: async (page) => {
        await chooseTwo(page, first, third);
        await page.getByRole("button", { name: /^Both ways/ }).click();
        await page.getByRole("button", { name: /^One way/ }).waitFor();
      },
    },
    {
      name: "new-link-told",
      handlers,
      go: async (page) => {
        await chooseTwo(page, first, third);
        await page.getByRole("switch", { name: "Which messages are pinned" }).click();
        await page.getByRole("switch", { name: "Which messages are pinned", checked: true }).waitFor();
      },
    },
    {
      name: "new-link-three",
      handlers,
      go: async (page) => {
        await chooseTwo(page, first, second);
        await page.getByRole("button", { name: "Add another room" }).click();
        await choose(page, 2, third);
        await page.getByRole("heading", { name: "What is said in" }).nth(2).waitFor();
        // The third place is below the others.
        await page.evaluate(() => document.querySelector("main")?.scrollTo(0, 0));
      },
    },
    {
      name: "new-link-refused",
      handlers: roomHandlers(rooms, { refusal }),
      go: (page) => chooseTwo(page, first, second),
    },
    {
      name: "new-link-access",
      handlers,
      go: async (page) => {
        await chooseTwo(page, second, third);
        await goOn(page, "Who has to agree");
      },
    },
    {
      name: "new-link-confirm",
      handlers,
      go: async (page) => {
        await chooseTwo(page, first, second);
        await goOn(page, "Who has to agree");
        await goOn(page, "What will happen");
      },
    },
  ];
}

import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { LinkPlan } from "../../main/protocol/control.ts";
import { fakeLink } from "../support/fake-control.ts";
import { GARDEN, KITCHEN, planFor, roomNamed, WORKSHOP } from "../support/fake-plans.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { failing } from "./link-visit.ts";
import { choose, openNewLink, roomHandlers } from "./new-link-scenes.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** What can go wrong while a link is made: nothing is linked that the user has not read about as it is. */

const ATTIC = roomNamed("Attic", { joinedMembers: 7 });
const ROOMS = [KITCHEN, WORKSHOP, GARDEN, ATTIC];
const CHANGED = "Something has changed in these rooms since you read this. Nothing was done.";
let ferry: RememberingFerry;

async function open(changes: Changes = {}): Promise<void> {
  ferry = new RememberingFerry();
  await openOn(ferry, { ...roomHandlers(ROOMS), ...changes });
  await openNewLink(page);
}

const goOn = (): Locator => acting.button("Continue");
const make = (): Locator => acting.button("Link and tell both rooms");
const alert = (): Locator => page.getByRole("alert");

async function chooseTwo(second = "Attic"): Promise<void> {
  await choose(page, 0, "Kitchen");
  await choose(page, 1, second);
}

/** As far as the button that does it. */
async function toConfirm(second = "Attic"): Promise<void> {
  await chooseTwo(second);
  await goOn().click();
  await acting.arrive("Who gains access");
  const tick = page.getByRole("checkbox");
  if ((await tick.count()) > 0) await tick.check();
  await goOn().click();
  await acting.arrive("Confirm the link");
}

describe("what has changed between reading and confirming", () => {
  test("is shown, and nothing is linked until it was read", async () => {
    let attic = ATTIC;
    await open({ linkPlan: async () => planFor([KITCHEN, attic], false) });
    await toConfirm();
    attic = { ...ATTIC, joinedMembers: 70 };
    await make().click();
    await acting.arrive("Who gains access");
    await alert().getByText(CHANGED).waitFor();
    await page.getByText("68 people who are not in “Kitchen”").waitFor();
    expect(ferry.askedOf("linkAdd")).toEqual([]);
    await goOn().click();
    await acting.arrive("Confirm the link");
    await make().click();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd").length).toBe(1);
  });

  test("takes back the tick that was set for what it was before", async () => {
    let garden = GARDEN;
    await open({ linkPlan: async () => planFor([KITCHEN, garden], false) });
    await toConfirm("Garden");
    garden = { ...GARDEN, joinedMembers: 5000 };
    await make().click();
    await acting.arrive("Who gains access");
    expect(await page.getByRole("checkbox").isChecked()).toBe(false);
    await goOn().click();
    await page.getByText("Tick this if it is what you want").waitFor();
    expect(ferry.askedOf("linkAdd")).toEqual([]);
  });

  test("may be that it is refused now, which ends there", async () => {
    let refusal: LinkPlan["refusal"] = null;
    await open({ linkPlan: async () => planFor([KITCHEN, ATTIC], false, { refusal }) });
    await toConfirm();
    refusal = { code: "link-exists", sentence: "“House” links these rooms already." };
    await make().click();
    await acting.arrive("Who gains access");
    await page.getByText("“House” links these rooms already.").waitFor();
    expect(await goOn().count()).toBe(0);
    expect(ferry.askedOf("linkAdd")).toEqual([]);
  });

  test("is also seen by who only goes on from the rooms", async () => {
    let attic = ATTIC;
    await open({ linkPlan: async () => planFor([KITCHEN, attic], false) });
    await chooseTwo();
    await page.getByText("5 people and whoever is invited gain access", { exact: true }).waitFor();
    attic = { ...ATTIC, joinedMembers: 70 };
    await goOn().click();
    await acting.arrive("Who gains access");
    await page.getByText("68 people who are not in “Kitchen”").waitFor();
  });
});

describe("a link that cannot be made", () => {
  test("says why, keeps what was chosen, and can be tried again", async () => {
    const failures = [failing("homeserver-unreachable", "No answer.")];
    await open({
      linkAdd: async () => {
        await failures.pop()?.();
        return fakeLink();
      },
    });
    await toConfirm();
    await acting.field("Name of the link").fill("House");
    await make().click();
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(await acting.field("Name of the link").inputValue()).toBe("House");
    await make().click();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd")).toMatchObject([{ name: "House" }, { name: "House" }]);
  });

  test("because nobody knows how it is now says so, and links nothing", async () => {
    let isKnown = true;
    await open({
      linkPlan: async () => {
        if (!isKnown) throw new FerryError("homeserver-unreachable", "No answer.");
        return planFor([KITCHEN, ATTIC], false);
      },
    });
    await toConfirm();
    isKnown = false;
    await make().click();
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(ferry.askedOf("linkAdd")).toEqual([]);
    isKnown = true;
    await make().click();
    await acting.arrive("Family");
  });

  test("is asked for once, however often it is pressed, and says that it is under way", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await open({
      linkAdd: async () => {
        await promise;
        return fakeLink();
      },
    });
    await toConfirm();
    await make().dblclick();
    await expect.poll(() => make().getAttribute("aria-busy")).toBe("true");
    await make().click({ force: true });
    await page.keyboard.press("Enter");
    await page.getByText("Telling the rooms.").waitFor();
    await expect.poll(() => ferry.askedOf("linkAdd").length).toBe(1);
    resolve();
    await acting.arrive("Family");
    expect(ferry.askedOf("linkAdd").length).toBe(1);
  });

  test("does not call back who has gone elsewhere meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const made = [fakeLink({ name: "Made meanwhile" })];
    let isMade = false;
    await open({
      linkList: async () => (isMade ? made : []),
      linkAdd: async () => {
        await promise;
        isMade = true;
        return fakeLink();
      },
    });
    await toConfirm();
    await make().click();
    await expect.poll(() => ferry.askedOf("linkAdd").length).toBe(1);
    await acting.button("Links").click();
    await acting.arrive("Links");
    resolve();
    await page.getByText("Made meanwhile").waitFor();
    expect(await acting.heading("Links").isVisible()).toBe(true);
  });
});

describe("who gains access", () => {
  test("that cannot be found out says why at the rooms, and is asked again", async () => {
    const failures = [failing("homeserver-unreachable", "No answer.")];
    await open({
      linkPlan: async () => {
        await failures.pop()?.();
        return planFor([KITCHEN, ATTIC], false);
      },
    });
    await chooseTwo();
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(await goOn().isDisabled()).toBe(true);
    await acting.button("Try again").click();
    await page.getByRole("heading", { name: "What is said in Kitchen" }).waitFor();
    expect(await alert().count()).toBe(0);
    expect(await goOn().isEnabled()).toBe(true);
  });

  test("that cannot be found out says why at the second step, too", async () => {
    let isKnown = true;
    await open({
      linkPlan: async () => {
        if (!isKnown) throw new FerryError("homeserver-unreachable", "No answer.");
        return planFor([KITCHEN, ATTIC], false);
      },
    });
    await chooseTwo();
    await expect.poll(() => goOn().isEnabled()).toBe(true);
    isKnown = false;
    await goOn().click();
    await acting.arrive("Who gains access");
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(await goOn().count()).toBe(0);
    isKnown = true;
    await acting.button("Try again").click();
    await page.getByText("You approve for Kitchen.").waitFor();
    expect(await goOn().isEnabled()).toBe(true);
  });

  test("does not matter where the rooms cannot be linked, which is said", async () => {
    const refusal = { code: "link-exists", sentence: "“House” links these rooms already." };
    await open({ linkPlan: async () => planFor([KITCHEN, ATTIC], false, { refusal }) });
    await chooseTwo();
    await page.getByText("“House” links these rooms already.").waitFor();
    expect(await goOn().count()).toBe(0);
  });
});

test("rooms that cannot be looked up are asked for again", async () => {
  const failures = [failing("engine-gone", "The engine stopped.")];
  ferry = new RememberingFerry();
  await openOn(ferry, {
    ...roomHandlers(ROOMS),
    rooms: async () => {
      await failures.pop()?.();
      return ROOMS;
    },
  });
  await acting.button("Make your first link").click();
  await alert().getByText("A part of Ferry stopped").first().waitFor();
  await acting.button("Try again").click();
  await page.getByText("Choose a room").first().waitFor();
  expect(ferry.askedOf("rooms").length).toBe(2);
});

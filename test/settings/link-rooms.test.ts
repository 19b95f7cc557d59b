import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { UserId } from "../../main/matrix/ids.ts";
import { agreed, familyLink, HOUR, side } from "../support/fake-link.ts";
import { JO, KITCHEN, WORKSHOP } from "../support/fake-plans.ts";
import { LinkVisit } from "./link-visit.ts";
import { page } from "./opened.ts";

/** The rooms of a link, and what shows that they have agreed. */

const tab = (name: string): Locator => page.getByRole("tab", { name });

describe("the rooms' tab", () => {
  test("says who has agreed for each room, and what shows it", async () => {
    const reply = agreed(WORKSHOP, { approver: JO, way: "reply", power: null });
    await new LinkVisit(familyLink({ consents: [agreed(KITCHEN), reply] })).open();
    await tab("Rooms").click();
    const rooms = page.getByRole("list", { name: "Rooms of this link" }).locator("> li");
    await rooms.first().getByText("You agreed 20 days ago, by a click in Ferry.").waitFor();
    await rooms.last().getByText("Jo agreed 20 days ago, by an answer in the room.").waitFor();
    await rooms.first().getByText("What shows it").click();
    const evidence = ["@me:example.org", "Power level 100; 50 was needed.", "“Kitchen” has 16 members"];
    for (const shown of [...evidence, "$agreed"]) await rooms.first().getByText(shown).waitFor();
    await rooms.last().getByText("What shows it").click();
    await rooms.last().getByText("Made the room, which is above all levels; 50 was needed.").waitFor();
  });

  test("keeps what has ended apart, with the reason", async () => {
    const ended = agreed(WORKSHOP, { endedTs: Date.now() - HOUR, endedReason: "audience-widened" });
    const rooms = [side(KITCHEN), side(WORKSHOP, { gap: { code: "audience-widened", sentence: "More can read." } })];
    await new LinkVisit(familyLink({ state: "suspended", rooms, consents: [agreed(KITCHEN), ended] })).open();
    await tab("Rooms").click();
    const workshop = page.getByRole("list", { name: "Rooms of this link" }).locator("> li").last();
    await workshop.getByText("Nobody's agreement holds for this room.").waitFor();
    expect(await workshop.getByText("It ended 1 hour ago").isVisible()).toBe(false);
    await workshop.getByText("Earlier agreements (1)").click();
    await workshop.getByText("It ended 1 hour ago: more people can read it now.").waitFor();
  });

  test("names those who are left out at their own wish", async () => {
    await new LinkVisit(familyLink({ optedOut: ["@tim:example.org" as UserId] })).open();
    await tab("Rooms").click();
    await page.getByRole("heading", { name: "Left out at their own wish" }).waitFor();
    await page.getByText("@tim:example.org").waitFor();
    await page.getByText("Only they can change that").waitFor();
  });
});

import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { LinkId } from "../../main/matrix/ids.ts";
import type { LinkDetail, LinkPlan } from "../../main/protocol/control.ts";
import { agreed, asked, DAY, familyLink, HOUR, side } from "../support/fake-link.ts";
import { GARDEN, KITCHEN, planFor, WORKSHOP } from "../support/fake-plans.ts";
import { failing, LinkVisit } from "./link-visit.ts";
import { acting, page, type Changes } from "./opened.ts";

/** A link that waits for people, or was stopped: who is asked, what can be done, and what is read before it is done. */

let visit: LinkVisit;

async function open(link: LinkDetail, changes: Changes = {}): Promise<void> {
  visit = new LinkVisit(link);
  await visit.open(changes);
}

const gap = (code: string) => ({ gap: { code, sentence: "More people can read “Workshop” now." } });
const alert = (): Locator => page.getByRole("alert");
const CHANGED = "Something has changed in these rooms since you read this. Nothing was done.";

/** Stopped because of one room: Kitchen is the user's own, Workshop is others'. */
function stopped(code: string, room: typeof KITCHEN, changes: Partial<LinkDetail> = {}): LinkDetail {
  const rooms = [KITCHEN, WORKSHOP].map((one) => side(one, one === room ? gap(code) : {}));
  return familyLink({ state: "suspended", reason: "More people can read it.", rooms, ...changes });
}

/** Never begun: Workshop's admins were asked. */
function waiting(sentTs: number | null): LinkDetail {
  return familyLink({
    ...{ state: "waiting", copied: 0, lastCopyTs: null, consents: [agreed(KITCHEN)] },
    rooms: [side(KITCHEN), side(WORKSHOP, gap("consent-missing"))],
    proposals: [asked(WORKSHOP, { sentTs, state: sentTs === null ? "sending" : "open" })],
  });
}

/** As main does when nothing is wanting any more. */
const goOn = (): LinkDetail => visit.becomes({ state: "mirroring", rooms: [side(KITCHEN), side(WORKSHOP)] });

describe("approving again", () => {
  const approve = (): Locator => acting.button("Approve for Kitchen");

  async function read(changes: Changes = {}): Promise<void> {
    await open(stopped("audience-widened", KITCHEN), changes);
    await acting.button("Approve again").click();
    await acting.arrive("Approve again");
    await page.getByText("You approve for Kitchen.").waitFor();
  }

  test("shows who gains access first, and then sends the approval, by the keyboard alone", async () => {
    await open(stopped("audience-widened", KITCHEN), { linkApprove: async () => goOn() });
    await acting.tabTo(acting.button("Approve again"));
    await page.keyboard.press("Enter");
    await acting.arrive("Approve again");
    await page.getByRole("heading", { name: "What is said in Kitchen" }).waitFor();
    expect(visit.ferry.askedOf("linkApprove")).toEqual([]);
    await acting.tabTo(approve());
    await page.keyboard.press("Enter");
    await acting.heading("Family").waitFor();
    expect(await acting.button("Approve again").count()).toBe(0);
    expect(visit.ferry.askedOf("linkApprove")).toEqual([{ link: "family", expose: [] }]);
  });

  test("of something that has changed meanwhile sends nothing, and shows how it is now", async () => {
    let rooms = [KITCHEN, WORKSHOP];
    const linkPlan = async (): Promise<LinkPlan> => planFor(rooms, false);
    await read({ linkPlan, linkApprove: async () => goOn() });
    rooms = [KITCHEN, { ...WORKSHOP, joinedMembers: 90 }];
    await approve().click();
    await alert().getByText(CHANGED).waitFor();
    await page.getByText("88 people who are not in “Kitchen”").waitFor();
    expect(visit.ferry.askedOf("linkApprove")).toEqual([]);
    await approve().click();
    await acting.heading("Family").waitFor();
    expect(visit.ferry.askedOf("linkApprove").length).toBe(1);
  });

  test("needs a tick of its own for what would leave its encryption, and a change takes the tick away", async () => {
    let rooms = [KITCHEN, { ...WORKSHOP, encrypted: false }];
    await read({ linkPlan: async () => planFor(rooms, false), linkApprove: async () => goOn() });
    const tick = page.getByRole("checkbox", { name: "Copy encrypted messages into Workshop" });
    await approve().click();
    await expect.poll(() => tick.evaluate((box) => box === document.activeElement)).toBe(true);
    await page.getByText("Tick this if it is what you want").waitFor();
    await tick.check();
    rooms = [KITCHEN, { ...WORKSHOP, encrypted: false, joinedMembers: 90 }];
    await approve().click();
    await alert().getByText(CHANGED).waitFor();
    expect(await tick.isChecked()).toBe(false);
    expect(visit.ferry.askedOf("linkApprove")).toEqual([]);
    await tick.check();
    await approve().click();
    await acting.heading("Family").waitFor();
    expect(visit.ferry.askedOf("linkApprove")).toEqual([{ link: "family", expose: [WORKSHOP.roomId] }]);
  });

  test("that fails says why, and can be tried again; a double click asks once", async () => {
    const failures = [failing("homeserver-unreachable", "No answer.")];
    await read({
      linkApprove: async () => {
        await failures.pop()?.();
        return goOn();
      },
    });
    await approve().dblclick();
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(visit.ferry.askedOf("linkApprove").length).toBe(1);
    await approve().click();
    await acting.heading("Family").waitFor();
  });

  test("cannot be done while nobody knows who gains access", async () => {
    let isKnown = true;
    await open(stopped("audience-widened", KITCHEN), {
      linkPlan: async () => {
        if (!isKnown) throw new FerryError("homeserver-unreachable", "No answer.");
        return planFor([KITCHEN, WORKSHOP], false);
      },
    });
    await acting.button("Approve again").waitFor();
    isKnown = false;
    await acting.button("Approve again").click();
    await alert().getByText("Your server does not answer").first().waitFor();
    expect(await approve().count()).toBe(0);
    isKnown = true;
    await acting.button("Try again").click();
    await approve().waitFor();
  });

  test("is not done by who goes back", async () => {
    await read();
    await acting.button("Back").click();
    await acting.heading("Family").waitFor();
    await acting.button("Approve again").waitFor();
    expect(visit.ferry.askedOf("linkApprove")).toEqual([]);
  });
});

describe("asking the admins", () => {
  test("of a room that has ended it shows what they would be asked, and asks", async () => {
    await open(stopped("consent-revoked", WORKSHOP), {
      linkPropose: async () => visit.becomes({ proposals: [asked(WORKSHOP, { sentTs: Date.now() - HOUR / 60 })] }),
    });
    await page.getByRole("heading", { name: "Workshop: Ended by an admin" }).waitFor();
    await page.getByText("An admin can say so: Ana or Jo.").waitFor();
    await acting.button("Ask the admins").click();
    await acting.arrive("Ask the admins");
    await acting.button("Ask the admins of Workshop").click();
    await page.getByRole("heading", { name: "Workshop: asked just now" }).waitFor();
    expect(visit.ferry.askedOf("linkPropose")).toEqual([{ link: "family", expose: [] }]);
    expect(await acting.button("Remind them").isDisabled()).toBe(true);
  });

  test("once more is offered a day later, and done at once", async () => {
    await open(waiting(Date.now() - 2 * DAY), {
      linkPropose: async () => visit.becomes({ proposals: [asked(WORKSHOP, { sentTs: Date.now() - HOUR / 60 })] }),
    });
    await page.getByText("Ana or Jo can answer.").waitFor();
    await page.getByText("approve K7QF-2MXA").waitFor();
    await acting.button("Remind them").click();
    await page.getByText("Once a day: again in 23 hours").waitFor();
    expect(visit.ferry.askedOf("linkPropose")).toEqual([{ link: "family", expose: [] }]);
  });

  test("is not offered twice on one day", async () => {
    await open(waiting(Date.now() - 2 * HOUR));
    await page.getByText("Once a day: again in 21 hours").waitFor();
    expect(await acting.button("Remind them").isDisabled()).toBe(true);
  });

  test("is not offered again today where main says so", async () => {
    await open(waiting(Date.now() - 2 * DAY), { linkPropose: failing("asked-today", "They were asked today.") });
    await acting.button("Remind them").click();
    await page.getByText("They have been asked today already").waitFor();
    expect(await acting.button("Remind them").isDisabled()).toBe(true);
    expect(await alert().count()).toBe(0);
  });

  test("that fails says why, and can be tried again", async () => {
    await open(waiting(Date.now() - 2 * DAY), { linkPropose: failing("homeserver-unreachable", "No answer.") });
    await acting.button("Remind them").click();
    await alert().getByText("Your server does not answer").first().waitFor();
    await acting.button("Remind them").click();
    await expect.poll(() => visit.ferry.askedOf("linkPropose").length).toBe(2);
  });

  test("shows a question that has not been sent yet as such", async () => {
    await open(waiting(null));
    await page.getByRole("heading", { name: "Workshop: the question is on its way" }).waitFor();
    await page.getByText("can answer as soon as the question is there").waitFor();
  });
});

describe("taking back", () => {
  const question = (name: string): Locator => page.getByRole("alertdialog", { name });
  const yes = (name: string): Locator => question(name).getByRole("button", { name: "Take it back" });

  test("a link that has never begun removes it, after a question", async () => {
    await open(waiting(Date.now() - DAY), {
      linkWithdraw: async () => {
        visit.link = null;
        return { id: "family" as LinkId, withdrawn: 1 };
      },
    });
    await acting.button("Take it back").click();
    await question("Take this link back?").getByText("The question in Workshop is deleted there").waitFor();
    await page.keyboard.press("Escape");
    await question("Take this link back?").waitFor({ state: "detached" });
    expect(visit.ferry.askedOf("linkWithdraw")).toEqual([]);
    await acting.button("Take it back").click();
    await yes("Take this link back?").click();
    await acting.arrive("Links");
    expect(visit.ferry.askedOf("linkWithdraw")).toEqual([{ link: "family" }]);
  });

  test("the question about a link that was stopped leaves it stopped", async () => {
    const proposals = [asked(WORKSHOP, { sentTs: Date.now() - HOUR })];
    await open(stopped("consent-revoked", WORKSHOP, { proposals }), {
      linkWithdraw: async () => {
        visit.becomes({ proposals: [{ ...asked(WORKSHOP), state: "withdrawn" }] });
        return { id: "family" as LinkId, withdrawn: 1 };
      },
    });
    await acting.button("Take the question back").click();
    const stays = question("Take the question back?");
    await stays.getByText("The link stays stopped until somebody agrees.").waitFor();
    await stays.getByRole("button", { name: "Take the question back" }).click();
    await stays.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Workshop: Ended by an admin" }).waitFor();
    expect(await acting.heading("Family").isVisible()).toBe(true);
  });

  test("that fails says why in the question", async () => {
    await open(waiting(Date.now() - DAY), { linkWithdraw: failing("homeserver-unreachable", "No answer.") });
    await acting.button("Take it back").click();
    await yes("Take this link back?").click();
    await question("Take this link back?").getByText("Your server does not answer").waitFor();
    expect(visit.ferry.askedOf("linkWithdraw").length).toBe(1);
  });
});

describe("what is not a matter of agreeing", () => {
  test("is gone on with by one press", async () => {
    const rooms = [side(KITCHEN), side(WORKSHOP, { suspended: "The server refused ten messages." })];
    await open(familyLink({ state: "suspended", rooms }), { linkResume: async () => goOn() });
    await page.getByText("The server refused ten messages.").waitFor();
    await acting.button("Go on").click();
    await page.getByText("The server refused ten messages.").waitFor({ state: "detached" });
    expect(visit.ferry.askedOf("linkResume")).toEqual([{ link: "family" }]);
  });

  test("leads on in the room that took another's place", async () => {
    await open(stopped("room-upgraded", WORKSHOP), {
      linkPlan: async () => planFor([KITCHEN, GARDEN], false),
    });
    await acting.button("Go on in the new room").click();
    await acting.heading("Change link").waitFor();
    await page.locator("main .place").getByText("Garden").waitFor();
    expect(visit.ferry.askedOf("linkPlan")).toContainEqual({
      ...{ rooms: [KITCHEN.roomId, WORKSHOP.roomId], oneWay: false, tells: [], replaces: "family", follow: true },
    });
  });
});

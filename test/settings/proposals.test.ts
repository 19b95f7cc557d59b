import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { UserId } from "../../main/matrix/ids.ts";
import type { ProposalView } from "../../main/protocol/control.ts";
import { fakeProposal } from "../support/fake-control.ts";
import { DAY, HOUR } from "../support/fake-link.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { failing } from "./link-visit.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** What other people's Ferries ask, and the answers: nothing is approved but what was read. */

let ferry: RememberingFerry;
/** What main says there is. */
let proposals: ProposalView[];

/** Ben's, to link One with Kitchen, an hour old. */
const bens = (changes: Partial<ProposalView> = {}): ProposalView =>
  fakeProposal({ receivedTs: Date.now() - HOUR, expiresTs: Date.now() + 7 * DAY, ...changes });
const kims = (changes: Partial<ProposalView> = {}): ProposalView =>
  bens({ code: "ABCD2345", proposer: "@kim:example.org" as UserId, peers: ["Garden"], ...changes });

/** As main does: what is answered is answered for good. */
function answer(code: string, state: ProposalView["state"]): ProposalView {
  proposals = proposals.map((proposal) => (proposal.code === code ? { ...proposal, state } : proposal));
  return proposals.find((proposal) => proposal.code === code) ?? bens();
}

async function open(given: ProposalView[], changes: Changes = {}): Promise<void> {
  ferry = new RememberingFerry();
  proposals = given;
  await openOn(ferry, {
    proposals: async () => proposals,
    proposalApprove: async ({ proposal }) => answer(proposal, "approved"),
    proposalDecline: async ({ proposal }) => answer(proposal, "declined"),
    ...changes,
  });
  await acting.button("Proposals").click();
  await acting.arrive("Proposals");
}

const toAnswer = (): Locator => page.getByRole("list", { name: "To be answered" }).locator("> li");
const question = (): Locator => page.getByRole("alertdialog", { name: "Approve this link?" });
const yes = (): Locator => question().getByRole("button", { name: "Approve" });
const approve = (): Locator => toAnswer().getByRole("button", { name: "Approve" });
const decline = (): Locator => toAnswer().getByRole("button", { name: "Decline" });
const approved = (): Locator => page.getByRole("region", { name: "Approved by you" });
const CHANGED = "This proposal has changed while you were reading. Nothing was approved.";
const OVERTAKEN = "What you were about to approve was taken back or asked anew while you were reading.";

describe("a proposal", () => {
  test("says who asks, what would be copied, who gains access, and that all this is their word", async () => {
    await open([bens()]);
    const texts = [
      "@ben:example.org asks to link your room",
      "What is said in One would be copied to Kitchen.",
      "What is said in Kitchen would be copied to One.",
      "Everybody in Kitchen.",
      "All of this is the word of @ben:example.org",
      "Asked 1 hour ago.",
    ];
    for (const text of texts) await toAnswer().getByText(text).waitFor();
  });

  test("to get messages only says nothing of who gains access to one's own", async () => {
    await open([bens({ direction: "from" })]);
    await toAnswer().getByText("What is said in Kitchen would be copied to One.").waitFor();
    expect(await toAnswer().getByText("What is said in One would be copied").count()).toBe(0);
    expect(await page.getByRole("heading", { name: "Who gains access" }).count()).toBe(0);
  });

  test("about a room where one has no power any more cannot be answered, and says so", async () => {
    await open([bens({ mayApprove: false })]);
    await toAnswer().getByText("Only an admin of One can answer this, and you are not one any more.").waitFor();
    expect(await toAnswer().getByRole("button").count()).toBe(0);
  });

  test("that comes while the page is open stands first, and what one reads stays", async () => {
    await open([bens()]);
    await approve().click();
    await question().waitFor();
    proposals = [kims({ receivedTs: Date.now() }), ...proposals];
    ferry.tell({ proposals: 2 });
    await expect.poll(() => toAnswer().count()).toBe(2);
    expect(await toAnswer().first().innerText()).toContain("@kim:example.org");
    await question().getByText("What is said in One would be copied to Kitchen.").waitFor();
    await yes().click();
    await question().waitFor({ state: "detached" });
    expect(ferry.askedOf("proposalApprove")).toEqual([{ proposal: "K7QF2MXA" }]);
    await page.getByRole("button", { name: /^Proposals.*1 new one$/ }).waitFor();
  });
});

describe("approving", () => {
  test("asks once more, by the keyboard alone, and moves the proposal to what is approved", async () => {
    await open([bens(), kims()]);
    const first = toAnswer().filter({ hasText: "@ben" }).getByRole("button", { name: "Approve" });
    await acting.tabTo(first);
    await page.keyboard.press("Enter");
    await question().getByText("You can take it back here at any time.").waitFor();
    expect(ferry.askedOf("proposalApprove")).toEqual([]);
    await acting.tabTo(yes());
    await page.keyboard.press("Enter");
    await question().waitFor({ state: "detached" });
    await approved().getByText("You approved it.").waitFor();
    expect(await toAnswer().count()).toBe(1);
    expect(ferry.askedOf("proposalApprove")).toEqual([{ proposal: "K7QF2MXA" }]);
    await expect
      .poll(() => acting.heading("Proposals").evaluate((title) => title === document.activeElement))
      .toBe(true);
  });

  test("is not done by who thinks better of it", async () => {
    await open([bens()]);
    await approve().click();
    await question().getByRole("button", { name: "Cancel" }).click();
    await question().waitFor({ state: "detached" });
    await approve().click();
    await page.keyboard.press("Escape");
    await question().waitFor({ state: "detached" });
    expect(ferry.askedOf("proposalApprove")).toEqual([]);
    expect(await toAnswer().count()).toBe(1);
  });

  test("that fails says why in the question, and can be tried again", async () => {
    const failures = [failing("homeserver-unreachable", "No answer.")];
    await open([bens()], {
      proposalApprove: async ({ proposal }) => {
        await failures.pop()?.();
        return answer(proposal, "approved");
      },
    });
    await approve().click();
    await yes().click();
    await question().getByText("Your server does not answer").waitFor();
    expect(await toAnswer().count()).toBe(1);
    await yes().click();
    await approved().waitFor();
    expect(ferry.askedOf("proposalApprove").length).toBe(2);
  });

  test("is asked for once, however often it is pressed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await open([bens()], {
      proposalApprove: async ({ proposal }) => {
        await promise;
        return answer(proposal, "approved");
      },
    });
    await approve().click();
    await yes().dblclick();
    await expect.poll(() => yes().getAttribute("aria-busy")).toBe("true");
    await yes().click({ force: true });
    await page.keyboard.press("Escape");
    expect(await question().isVisible()).toBe(true);
    resolve();
    await approved().waitFor();
    expect(ferry.askedOf("proposalApprove").length).toBe(1);
  });
});

describe("a proposal that is another one by the time it is approved", () => {
  async function readThenBecome(now: ProposalView[]): Promise<void> {
    await open([bens()]);
    await approve().click();
    await question().waitFor();
    proposals = now;
    await yes().click();
    await page.getByRole("alert").getByText(OVERTAKEN).waitFor();
    await question().waitFor({ state: "detached" });
    expect(ferry.askedOf("proposalApprove")).toEqual([]);
  }

  test("in who gains access is not approved, and is shown as it is now", async () => {
    const shown = bens();
    await open([shown]);
    await approve().click();
    proposals = [{ ...shown, audience: ["Everybody on Matrix."] }];
    await yes().click();
    await question().getByText(CHANGED).first().waitFor();
    expect(ferry.askedOf("proposalApprove")).toEqual([]);
    await question().getByRole("button", { name: "Cancel" }).click();
    await toAnswer().getByText("Everybody on Matrix.").waitFor();
    await approve().click();
    expect(await question().getByText(CHANGED).count()).toBe(0);
    await yes().click();
    await approved().waitFor();
  });

  test("is not approved either where the page has heard of it while the question was open", async () => {
    const shown = bens();
    await open([shown]);
    await approve().click();
    await question().waitFor();
    proposals = [{ ...shown, audience: ["Everybody on Matrix."] }];
    ferry.tell({});
    await page.getByText("Everybody on Matrix.").waitFor();
    await yes().click();
    await question().getByText(CHANGED).first().waitFor();
    // Not by pressing it once more either: what has changed stands behind the question.
    await yes().click();
    await expect.poll(() => yes().getAttribute("aria-busy")).toBe("false");
    expect(ferry.askedOf("proposalApprove")).toEqual([]);
  });

  test("because it went while the question was open takes the question away, and that is said", async () => {
    await open([bens()]);
    await approve().click();
    await question().waitFor();
    proposals = [bens({ state: "withdrawn" })];
    ferry.tell({});
    await page.getByRole("alert").getByText(OVERTAKEN).waitFor();
    await question().waitFor({ state: "detached" });
  });

  test("because they took it back is not approved, and that is said", async () => {
    await readThenBecome([bens({ state: "withdrawn" })]);
    await page.getByText("There is nothing to answer now.").waitFor();
  });

  test("because they ask anew, for more, is not approved, and that is said", async () => {
    await readThenBecome([bens({ receivedTs: Date.now(), direction: "to", audience: ["Everybody on Matrix."] })]);
    await toAnswer().getByText("Everybody on Matrix.").waitFor();
  });

  test("because it is gone is not approved, and that is said", async () => {
    await readThenBecome([]);
  });
});

describe("declining", () => {
  const yes = (): Locator => page.getByRole("alertdialog").getByRole("button", { name: "Decline" });
  test("asks first, by the keyboard too, and what is declined stands apart", async () => {
    await open([bens()]);
    await acting.tabTo(decline());
    await page.keyboard.press("Enter");
    await page.getByText("is told, and may ask again").waitFor();
    await page.keyboard.press("Escape");
    await yes().waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await acting.answer("Decline");
    await page.getByText("There is nothing to answer now.").waitFor();
    expect(ferry.askedOf("proposalDecline")).toEqual([{ proposal: "K7QF2MXA" }]);
    await page.getByText("Declined, taken back and lapsed (1)").click();
    await page.getByText("You declined it.").waitFor();
    expect(await page.getByRole("button", { name: "Take it back" }).count()).toBe(0);
  });

  test("that fails says why, and can be tried again", async () => {
    const failures = [failing("no-power", "You may not answer in “One” any more.")];
    await open([bens()], {
      proposalDecline: async ({ proposal }) => {
        await failures.pop()?.();
        return answer(proposal, "declined");
      },
    });
    await decline().click();
    await yes().click();
    await page.getByRole("alert").getByText("You may not answer in “One” any more.").first().waitFor();
    await yes().click();
    await page.getByText("There is nothing to answer now.").waitFor();
  });
});

describe("taking an approval back", () => {
  const back = (): Locator => page.getByRole("alertdialog", { name: "Take your approval back?" });

  test("asks first, and says what stays", async () => {
    await open([bens({ state: "approved" })]);
    await acting.button("Take it back").click();
    await back().getByText("What was copied until now stays where it is.").waitFor();
    await page.keyboard.press("Escape");
    await back().waitFor({ state: "detached" });
    expect(ferry.askedOf("proposalDecline")).toEqual([]);
    await acting.button("Take it back").click();
    await back().getByRole("button", { name: "Take it back" }).click();
    await approved().waitFor({ state: "detached" });
    expect(ferry.askedOf("proposalDecline")).toEqual([{ proposal: "K7QF2MXA" }]);
  });

  test("that fails says why in the question", async () => {
    await open([bens({ state: "approved" })], { proposalDecline: failing("homeserver-unreachable", "No answer.") });
    await acting.button("Take it back").click();
    await back().getByRole("button", { name: "Take it back" }).click();
    await back().getByText("Your server does not answer").waitFor();
    expect(await approved().count()).toBe(1);
  });

  test("is not offered to who has no power in the room any more", async () => {
    await open([bens({ state: "approved", mayApprove: false })]);
    await approved().getByText("You approved it.").waitFor();
    expect(await acting.button("Take it back").count()).toBe(0);
  });
});

test("that nobody has asked anything is said", async () => {
  await open([]);
  await page.getByText("Nobody has asked you anything").waitFor();
});

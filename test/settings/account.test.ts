import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { SecurityView } from "../../main/protocol/control.ts";
import { fakeStatus } from "../support/fake-control.ts";
import { RememberingFerry } from "../support/remembering-ferry.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** What the account's page shows, and leaving: signing out, and deleting everything. */

let ferry: RememberingFerry;

async function open(changes?: Changes): Promise<void> {
  await openOn(ferry, changes);
  await acting.button("Account").click();
  await acting.arrive("Account");
}

test("says who one is, how this device stands, and where secrets are", async () => {
  ferry = new RememberingFerry();
  await open();
  const shown = ["@ana:example.org", "matrix.example.org", "This device is verified", "Key backup is connected"];
  for (const text of [...shown, "this computer's keychain"]) await page.getByText(text).first().waitFor();
  await page.getByText("Name and fingerprint").click();
  await page.getByText("q1w2 e3r4 t5y6 u7i8 o9p0 a1s2").waitFor();
  expect(await acting.button("Verify…").count()).toBe(0);
});

const states: [string, Partial<SecurityView>, string[]][] = [
  [
    "an unverified device",
    { verified: false, backup: "not-connected" },
    ["not verified", "Key backup is not connected"],
  ],
  ["no key backup", { recovery: false, backup: "missing" }, ["No key backup", "Make a recovery key…"]],
  ["a file that anybody can read", { secrets: "plain-file" }, ["a file that is not locked"]],
  ["a file with a passphrase", { secrets: "passphrase" }, ["locked with your passphrase"]],
];
test.each(states)("says what %s means", async (_what, security, texts) => {
  ferry = new RememberingFerry();
  ferry.security = { ...ferry.security, ...security };
  ferry.status = { ...ferry.status, verified: ferry.security.verified };
  await open();
  for (const text of texts) await page.getByText(text).first().waitFor();
});

test("shows a device's name as text", async () => {
  ferry = new RememberingFerry();
  ferry.security = { ...ferry.security, deviceName: "<img src=x> \u202eyrreF" };
  await open();
  await page.getByText("Name and fingerprint").click();
  await page.getByText("<img src=x> yrreF").waitFor();
  expect(await page.locator("img").count()).toBe(0);
});

describe("signing out", () => {
  const question = () => page.getByRole("alertdialog", { name: "Sign out?" });

  test("asks, by the keyboard alone, and leads to where one logs in", async () => {
    ferry = new RememberingFerry();
    await open();
    await acting.tabTo(acting.button("Sign out…"));
    await page.keyboard.press("Enter");
    await question().waitFor();
    expect(await page.getByRole("radio").count()).toBe(0);
    await page.keyboard.press("Escape");
    await question().waitFor({ state: "detached" });
    expect(ferry.askedOf("logout")).toEqual([]);
    await page.keyboard.press("Enter");
    await acting.tabTo(question().getByRole("button", { name: "Sign out" }));
    await page.keyboard.press("Enter");
    await acting.arrive("Welcome to Ferry", 1);
    expect(ferry.askedOf("logout")).toEqual([{ dropOwed: false }]);
  });

  test.each([
    ["keeps", "Keep for the next login", false],
    ["leaves out", "Leave out for good", true],
  ])("%s what is still owed, as one says", async (_what, label, dropOwed) => {
    ferry = new RememberingFerry();
    ferry.status = fakeStatus({ waiting: 12, failed: 1 });
    await open();
    await acting.button("Sign out…").click();
    await question().getByText("13 messages still wait").waitFor();
    await page.getByRole("radio", { name: label }).check();
    await question().getByRole("button", { name: "Sign out" }).click();
    await acting.arrive("Welcome back", 1);
    expect(ferry.askedOf("logout")).toEqual([{ dropOwed }]);
  });

  test("says on the next page where the server could not be told", async () => {
    ferry = new RememberingFerry();
    ferry.hearsLogout = false;
    await open();
    await acting.button("Sign out…").click();
    await question().getByRole("button", { name: "Sign out" }).click();
    await acting.arrive("Welcome to Ferry", 1);
    await page.getByText("Remove the device “Ferry” from your account with another app.").waitFor();
  });

  test("that fails changes nothing, and says why", async () => {
    ferry = new RememberingFerry();
    await open({ logout: () => Promise.reject(new FerryError("homeserver-unreachable", "No answer.")) });
    await acting.button("Sign out…").click();
    await question().getByRole("button", { name: "Sign out" }).click();
    await question().getByText("Your server does not answer").waitFor();
    await question().getByRole("button", { name: "Cancel" }).click();
    await acting.heading("Account").waitFor();
  });
});

describe("deleting everything", () => {
  const question = () => page.getByRole("alertdialog", { name: "Delete everything" });
  const yes = () => question().getByRole("button", { name: "Delete everything" });

  test("has to be meant, says what goes and what stays, and ends with a word of it", async () => {
    ferry = new RememberingFerry();
    ferry.status = fakeStatus();
    const { promise, resolve } = Promise.withResolvers<void>();
    await open({
      // As Ferry does: it logs out first, and the window must not take that for a new beginning.
      deleteData: async () => {
        ferry.tell({ userId: null, connection: "logged-out", links: 0 });
        await promise;
        return { loggedOut: true };
      },
    });
    await acting.button("Delete…").click();
    await question().getByText("which message is a copy of which").waitFor();
    await question().getByText("The copies stay in their rooms").waitFor();
    expect(await yes().isDisabled()).toBe(true);
    await question().getByRole("checkbox").check();
    await yes().click();
    await expect.poll(() => yes().getAttribute("aria-busy")).toBe("true");
    expect(await question().isVisible()).toBe(true);
    resolve();
    await acting.arrive("Everything is deleted");
    expect(await page.getByText("Your server could not be told").count()).toBe(0);
    expect(ferry.askedOf("deleteData").length).toBe(1);
  });

  test("without the server says what is left to be done there", async () => {
    ferry = new RememberingFerry();
    await open({ deleteData: async () => ({ loggedOut: false }) });
    await acting.button("Delete…").click();
    await question().getByRole("checkbox").check();
    await yes().click();
    await page.getByText("Your server could not be told").waitFor();
  });

  test("that fails says why, and the tick is asked for anew", async () => {
    ferry = new RememberingFerry();
    await open({ deleteData: () => Promise.reject(new FerryError("disk-full", "The disk is full.")) });
    await acting.button("Delete…").click();
    await question().getByRole("checkbox").check();
    await yes().click();
    await question().getByText("The disk is full").first().waitFor();
    await question().getByRole("button", { name: "Cancel" }).click();
    await acting.button("Delete…").click();
    expect(await question().getByRole("checkbox").isChecked()).toBe(false);
  });
});

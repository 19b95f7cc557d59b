import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { fakeStatus } from "../support/fake-control.ts";
import { NEW_KEY, newcomer, PASSWORD, RECOVERY, RememberingFerry } from "../support/remembering-ferry.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** Verifying this device, in the first run and later: by emoji, by a new recovery key, or not yet. */

let ferry: RememberingFerry;

const open = (changes?: Changes): Promise<void> => openOn(ferry, changes);

const recovery = (): Locator => acting.field("Recovery key or passphrase");
const texts = async (): Promise<string> => page.content();

describe("in the first run", () => {
  async function logIn(security: Partial<RememberingFerry["security"]> = {}): Promise<void> {
    ferry = newcomer(security);
    await open();
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.enter("Password", PASSWORD);
  }

  test("emoji are compared with another device, by the keyboard alone", async () => {
    await logIn();
    await acting.heading("Verify this device").waitFor();
    await acting.tabTo(acting.button("Compare emoji with another device"));
    await page.keyboard.press("Enter");
    await acting.heading("Compare emoji").waitFor();
    await page.getByText("accept it there").waitFor();
    ferry.compare();
    await expect.poll(() => page.getByRole("listitem").count()).toBe(7);
    await page.getByText("Unicorn").waitFor();
    await acting.tabTo(acting.button("They are the same"));
    await page.keyboard.press("Enter");
    await acting.heading("Ready. Make your first link.").waitFor();
    expect(ferry.asked.slice(2)).toEqual([
      ["verifyStart", {}],
      ["verifyConfirm", { matches: true }],
    ]);
  });

  test("emoji that differ verify nothing, and can be compared again", async () => {
    await logIn({ recovery: false });
    await acting.button("Compare emoji").click();
    ferry.compare();
    await acting.button("They differ").click();
    await page.getByRole("alert").getByText("were not the same").waitFor();
    await acting.button("Try again").click();
    await page.getByText("accept it there").waitFor();
    expect(ferry.askedOf("verifyConfirm")).toEqual([{ matches: false }]);
    expect(ferry.askedOf("verifyStart").length).toBe(2);
  });

  test("a comparison is given up by going back", async () => {
    await logIn();
    await acting.button("Compare emoji with another device").click();
    ferry.compare();
    await page.getByText("Unicorn").waitFor();
    await acting.button("Back").click();
    await recovery().waitFor();
    expect(ferry.askedOf("verifyCancel").length).toBe(1);
  });

  test("another device's wish to compare takes nothing away that was typed", async () => {
    await logIn();
    await recovery().fill("EsTc half of");
    ferry.tellVerification({ state: "asked", device: "<b>Phone</b>" });
    await page.getByText("<b>Phone</b>").waitFor();
    expect(await recovery().inputValue()).toBe("EsTc half of");
    await acting.button("Decline").click();
    await expect.poll(() => acting.button("Decline").count()).toBe(0);
    ferry.tellVerification({ state: "asked", device: "Phone" });
    await acting.button("Accept").click();
    await acting.heading("Compare emoji").waitFor();
    ferry.compare();
    await acting.button("They are the same").click();
    await acting.heading("Ready. Make your first link.").waitFor();
    expect(ferry.asked.slice(2).map(([method]) => method)).toEqual(["verifyCancel", "verifyAccept", "verifyConfirm"]);
  });

  test("an account that has nothing yet gets a recovery key, which is shown until it is written down", async () => {
    await logIn({ crossSigning: false, recovery: false, otherDevices: 0, backup: "missing" });
    await acting.heading("Make a recovery key").waitFor();
    await acting.button("Make my recovery key").click();
    const password = page.getByRole("textbox", { name: "Password of your Matrix account" });
    await expect.poll(() => password.evaluate((element) => element === document.activeElement)).toBe(true);
    await password.fill("wrong");
    await page.keyboard.press("Enter");
    await expect.poll(() => password.getAttribute("aria-invalid")).toBe("true");
    await password.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await acting.heading("Your recovery key").waitFor();
    expect(await page.getByLabel("Your recovery key").inputValue()).toBe(NEW_KEY);
    expect(await acting.button("Go on").isDisabled()).toBe(true);
    expect(await acting.button("Back").count()).toBe(0);
    await acting.button("Copy").click();
    await page.getByRole("status").getByText("Copied").waitFor();
    await page.getByRole("checkbox", { name: "I have written it down" }).check();
    await acting.button("Go on").click();
    await acting.heading("Ready. Make your first link.").waitFor();
    expect(await texts()).not.toContain(NEW_KEY);
    expect(await page.locator("textarea, input").count()).toBe(0);
    expect(ferry.askedOf("securitySetUp").map((params) => (params as { password: unknown }).password)).toEqual([
      ...[null, "wrong", PASSWORD],
    ]);
  });

  test("leaving it for later takes a second step, which says what it means", async () => {
    await logIn();
    await acting.button("Verify later").click();
    await acting.heading("Verify later?").waitFor();
    await page.getByText("Messages may stay unreadable").waitFor();
    await acting.button("Verify now").click();
    await recovery().waitFor();
    await acting.button("Verify later").click();
    await acting.button("Go on without").click();
    await acting.heading("Ready. Make your first link.").waitFor();
    await page.getByText("This device is not verified").waitFor();
    await acting.button("Verify it now").click();
    await acting.heading("Verify this device").waitFor();
  });

  test("a verified device is not asked about again", async () => {
    await logIn({ verified: true });
    await acting.heading("Ready. Make your first link.").waitFor();
  });

  test("says where nothing can vouch for this device", async () => {
    await logIn({ recovery: false, otherDevices: 0 });
    await page.getByText("no other device that could vouch").waitFor();
    ferry.security = { ...ferry.security, recovery: true };
    await acting.button("Look again").click();
    await recovery().waitFor();
  });
});

describe("later", () => {
  async function openAccount(): Promise<void> {
    await open();
    await acting.button("Account").click();
  }

  test("an unverified device is verified from the account's page, and the way leads back there", async () => {
    ferry = new RememberingFerry();
    ferry.status = fakeStatus({ verified: false });
    ferry.security = { ...ferry.security, verified: false, backup: "not-connected" };
    await openAccount();
    await acting.button("Verify…").click();
    await recovery().fill(RECOVERY);
    await page.keyboard.press("Enter");
    await acting.heading("This device is verified").waitFor();
    await page.getByText("Key backup is connected").waitFor();
    await acting.button("Done").click();
    await acting.heading("Account").waitFor();
    await page.getByText("This device is verified").waitFor();
  });

  test("a key backup that is not connected is connected by the recovery key", async () => {
    ferry = new RememberingFerry();
    ferry.security = { ...ferry.security, backup: "not-connected" };
    await openAccount();
    await acting.button("Connect…").click();
    await acting.heading("Connect key backup").waitFor();
    await recovery().fill(RECOVERY);
    await acting.button("Connect").click();
    await page.getByText("Key backup is connected").waitFor();
  });

  test("another device that asks is heard on any page", async () => {
    ferry = new RememberingFerry();
    await open();
    await acting.heading("Links").waitFor();
    ferry.tellVerification({ state: "asked", device: "Phone" });
    await page.getByRole("status").getByText("asks to compare emoji").waitFor();
    await acting.button("Accept").click();
    await acting.heading("Compare emoji").waitFor();
    ferry.compare();
    await page.getByText("Unicorn").waitFor();
    await acting.button("Settings").click();
    await page.getByText("You are comparing emoji").waitFor();
    await page.getByRole("status").getByRole("button", { name: "Go on" }).click();
    await acting.button("They are the same").click();
    await page.getByText("Both devices trust each other").waitFor();
  });

  test("a recovery key that is not written down yet is not lost by looking elsewhere", async () => {
    ferry = new RememberingFerry();
    ferry.security = { ...ferry.security, recovery: false, backup: "missing" };
    await open({ securitySetUp: async () => ({ recoveryKey: NEW_KEY, keyId: "k1" }) });
    await acting.button("Account").click();
    await acting.button("Make a recovery key…").click();
    await acting.button("Make my recovery key").click();
    await acting.heading("Your recovery key").waitFor();
    await acting.button("Links").click();
    await page.getByText("not written down yet").waitFor();
    expect(await texts()).not.toContain(NEW_KEY);
    await acting.button("Show it").click();
    expect(await page.getByLabel("Your recovery key").inputValue()).toBe(NEW_KEY);
    expect(ferry.askedOf("recoveryKeyWritten")).toEqual([]);
    await page.getByLabel("I have written it down").check();
    await acting.button("Go on").click();
    await acting.heading("Your recovery key").waitFor({ state: "hidden" });
    expect(ferry.askedOf("recoveryKeyWritten")).toEqual([{ keyId: "k1" }]);
  });

  test("says why it is not known how the account is secured, and asks again", async () => {
    ferry = new RememberingFerry();
    const answers = [new FerryError("homeserver-unreachable", "No answer.")];
    await open({
      security: async () => {
        const failure = answers.pop();
        if (failure) throw failure;
        return ferry.security;
      },
    });
    await acting.button("Account").click();
    await page.getByText("Your server does not answer").waitFor();
    await acting.button("Try again").click();
    await page.getByText("Key backup is connected").waitFor();
  });
});

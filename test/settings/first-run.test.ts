import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { newcomer, PASSWORD, RECOVERY, type RememberingFerry } from "../support/remembering-ferry.ts";
import { acting, openOn, page, type Changes } from "./opened.ts";

/** From nothing to the first link, in the real page, with a Ferry that has no Matrix behind it. */

let ferry: RememberingFerry;

const open = (changes?: Changes): Promise<void> => openOn(ferry, changes);

async function logIn(): Promise<void> {
  await acting.enter("Your Matrix ID", "@ana:example.org");
  await acting.heading("Log in").waitFor();
  await acting.enter("Password", PASSWORD);
}

describe("with a password and a recovery key", () => {
  test("leads to the first link by the keyboard alone, in four steps", async () => {
    ferry = newcomer();
    await open();
    await acting.arrive("Welcome to Ferry", 1);
    await acting.tabTo(acting.field("Your Matrix ID"));
    await page.keyboard.type("@ana:example.org");
    await page.keyboard.press("Enter");
    await acting.arrive("Log in", 2);
    await acting.tabTo(acting.field("Password"));
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await acting.arrive("Verify this device", 3);
    await acting.tabTo(acting.field("Recovery key or passphrase"));
    await page.keyboard.type(RECOVERY);
    await page.keyboard.press("Enter");
    await acting.arrive("Ready. Make your first link.", 4);
    await page.getByText("This device is verified").waitFor();
    await page.getByText("Key backup is connected").waitFor();
    await acting.tabTo(acting.button("Make your first link"));
    await page.keyboard.press("Enter");
    await acting.arrive("New link");
    // The page that it leads to asks for the rooms.
    expect(ferry.asked.filter(([method]) => method !== "rooms")).toEqual([
      ["loginMethods", { server: "@ana:example.org" }],
      ["loginPassword", { homeserver: "https://matrix.example.org", user: "ana", password: PASSWORD }],
      ["verifyRecovery", { secret: RECOVERY }],
    ]);
  });

  test("leads to the links where the first one is to wait", async () => {
    ferry = newcomer();
    await open();
    await logIn();
    await acting.enter("Recovery key or passphrase", RECOVERY);
    await acting.button("Later").click();
    await acting.arrive("Links");
  });

  test("asks for the name where only the server is known", async () => {
    ferry = newcomer();
    const homeserver = "https://matrix.example.org";
    await open({ loginMethods: async () => ({ homeserver, user: null, password: true, sso: [], oauth: false }) });
    await acting.enter("Your Matrix ID", "example.org");
    await acting.heading("Log in").waitFor();
    await acting.enter("Password", PASSWORD);
    await expect.poll(() => acting.field("User name").getAttribute("aria-invalid")).toBe("true");
    await acting.field("User name").fill("ana");
    await acting.button("Log in").click();
    await acting.arrive("Verify this device", 3);
    expect(ferry.askedOf("loginPassword")).toEqual([{ homeserver, user: "ana", password: PASSWORD }]);
  });

  test("goes back without asking anything twice", async () => {
    ferry = newcomer();
    await open();
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.arrive("Log in", 2);
    expect(await acting.field("Your Matrix ID").inputValue()).toBe("@ana:example.org");
    await acting.button("Back").click();
    await acting.arrive("Welcome to Ferry", 1);
    expect(await acting.field("Your Matrix ID").inputValue()).toBe("@ana:example.org");
    await acting.button("Go on").click();
    await acting.enter("Password", PASSWORD);
    await acting.arrive("Verify this device", 3);
    await acting.button("Back").click();
    await acting.arrive("You are logged in", 2);
    await acting.button("Go on").click();
    await acting.arrive("Verify this device", 3);
    await acting.enter("Recovery key or passphrase", RECOVERY);
    await acting.arrive("Ready. Make your first link.", 4);
    await acting.button("Back").click();
    await acting.arrive("This device is verified", 3);
    await acting.button("Go on").click();
    await acting.arrive("Ready. Make your first link.", 4);
    expect(ferry.askedOf("loginPassword").length).toBe(1);
  });
});

describe("what a wrong entry means is said at the field", () => {
  test("where nothing or no Matrix ID was entered, without asking anybody", async () => {
    ferry = newcomer();
    await open();
    await acting.button("Go on").click();
    expect(await acting.problemAt("Your Matrix ID")).toMatch(/Enter your Matrix ID/);
    await acting.enter("Your Matrix ID", "ana@example.org");
    await expect.poll(() => acting.problemAt("Your Matrix ID")).toMatch(/e-mail address/);
    expect(ferry.asked).toEqual([]);
  });

  test("where there is no such server", async () => {
    ferry = newcomer();
    const refuse = () => Promise.reject(new FerryError("homeserver-not-found", "No homeserver at exmaple.org."));
    await open({ loginMethods: refuse });
    await acting.enter("Your Matrix ID", "@ana:exmaple.org");
    expect(await acting.problemAt("Your Matrix ID")).toMatch(/no Matrix server.*Check the spelling/);
  });

  test("where the password is wrong, which is then not kept", async () => {
    ferry = newcomer();
    await open();
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.heading("Log in").waitFor();
    await acting.enter("Password", "wrong");
    expect(await acting.problemAt("Password")).toMatch(/password/);
    expect(await acting.field("Password").inputValue()).toBe("");
  });

  test("where the recovery key is wrong, which stays to be corrected", async () => {
    ferry = newcomer();
    await open();
    await logIn();
    await acting.enter("Recovery key or passphrase", "EsTc wrong");
    expect(await acting.problemAt("Recovery key or passphrase")).toMatch(/not the recovery key/);
    expect(await acting.field("Recovery key or passphrase").inputValue()).toBe("EsTc wrong");
    expect(await acting.field("Recovery key or passphrase").getAttribute("type")).toBe("password");
    await acting.button("Show what is typed").click();
    expect(await acting.field("Recovery key or passphrase").getAttribute("type")).toBe("text");
  });

  test("and what is about no field beside it, with the password kept", async () => {
    ferry = newcomer();
    await open({ loginPassword: () => Promise.reject(new FerryError("offline", "No network.")) });
    await logIn();
    await page.getByRole("alert").getByText("not connected to a network").waitFor();
    expect(await acting.field("Password").inputValue()).toBe(PASSWORD);
  });
});

test("asks once, however often it is pressed, and shows that it is under way", async () => {
  ferry = newcomer();
  const { promise, resolve } = Promise.withResolvers<void>();
  await open({
    loginMethods: async () => {
      await promise;
      return { homeserver: "https://matrix.example.org", user: "ana", password: true, sso: [], oauth: false };
    },
  });
  await acting.field("Your Matrix ID").fill("@ana:example.org");
  for (let times = 0; times < 3; times++) await acting.button("Go on").click({ force: true });
  await expect.poll(() => acting.button("Go on").getAttribute("aria-busy")).toBe("true");
  resolve();
  await acting.arrive("Log in", 2);
  expect(ferry.askedOf("loginMethods").length).toBe(1);
});

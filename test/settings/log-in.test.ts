import { describe, expect, test } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import type { UserId } from "../../main/matrix/ids.ts";
import { fakeLink } from "../support/fake-control.ts";
import {
  BROWSER_ADDRESS,
  loggedOut,
  newcomer,
  PASSWORD,
  RECOVERY,
  type RememberingFerry,
} from "../support/remembering-ferry.ts";
import { acting, openOn, page, window, type Changes } from "./opened.ts";

/** Logging in through the browser, and once more where a login has ended, in the real page. */

let ferry: RememberingFerry;

const open = (changes?: Changes): Promise<void> => openOn(ferry, changes);

describe("through the browser", () => {
  const homeserver = "https://matrix.example.org";
  const offers = (oauth: boolean, ...names: string[]) => ({
    loginMethods: async () => ({
      ...{ homeserver, user: "ana", password: false, oauth },
      sso: names.map((name, index) => ({ id: `provider${index}`, name })),
    }),
  });

  test("goes on by itself once somebody has logged in there", async () => {
    ferry = newcomer();
    await open(offers(true));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.button("Log in with your browser").click();
    await acting.arrive("Go on in your browser", 2);
    expect(await page.getByLabel("this is the address").inputValue()).toBe(BROWSER_ADDRESS);
    await page.getByRole("link", { name: "Open it again" }).click();
    await expect.poll(() => window.opened).toEqual([BROWSER_ADDRESS]);
    ferry.comeBack();
    await acting.arrive("Verify this device", 3);
    expect(ferry.askedOf("loginBrowser")).toEqual([{ homeserver, method: "oauth", provider: null }]);
  });

  test("names the identity providers, as text", async () => {
    ferry = newcomer();
    await open(offers(false, "Google", "<img src=x> \u202eevil and much longer than anybody would call it"));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.button("Go on with <img src=x>").waitFor();
    expect(await page.locator("img").count()).toBe(0);
    await acting.button("Go on with Google").click();
    await acting.arrive("Go on in your browser", 2);
    expect(ferry.askedOf("loginBrowser")).toEqual([{ homeserver, method: "sso", provider: "provider0" }]);
  });

  test("can be cancelled, which is no failure, and begun again", async () => {
    ferry = newcomer();
    await open(offers(true));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.button("Log in with your browser").click();
    await acting.button("Cancel").click();
    await acting.arrive("Log in", 2);
    expect(await page.getByRole("alert").count()).toBe(0);
    await acting.button("Log in with your browser").click();
    await acting.arrive("Go on in your browser", 2);
    await acting.button("Back").click();
    await acting.arrive("Log in", 2);
    expect(ferry.askedOf("loginBrowserCancel").length).toBe(2);
  });

  test("says why it failed", async () => {
    ferry = newcomer();
    await open(offers(true));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.button("Log in with your browser").click();
    await acting.arrive("Go on in your browser", 2);
    ferry.comeBack(new FerryError("homeserver-error", "It answered 500."));
    await acting.arrive("Log in", 2);
    await page.getByRole("alert").getByText("Your server has a problem").waitFor();
  });

  test("shows an address that is no https one as text only", async () => {
    ferry = newcomer();
    ferry.browserAddress = "http://127.0.0.1:8008/login";
    await open(offers(true));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await acting.button("Log in with your browser").click();
    await acting.arrive("Go on in your browser", 2);
    expect(await page.getByRole("link").count()).toBe(0);
  });

  test("says where a server offers nothing that Ferry knows", async () => {
    ferry = newcomer();
    await open(offers(false));
    await acting.enter("Your Matrix ID", "@ana:example.org");
    await page.getByText("no way to log in that Ferry knows").waitFor();
    await acting.button("Back").click();
    await acting.arrive("Welcome to Ferry", 1);
  });
});

describe("when a login has ended", () => {
  const former = "@kim:example.org" as UserId;
  function revoked(): RememberingFerry {
    const lost = newcomer();
    lost.status = loggedOut({ userId: former, homeserver: "https://matrix.example.org", links: 2, waiting: 3 });
    return lost;
  }

  test("the same account logs in again, and everything goes on", async () => {
    ferry = revoked();
    await open({ linkList: async () => [fakeLink()] });
    await acting.arrive("Log in again", 1);
    await page.getByText("so is what waits to be copied: 3 messages").waitFor();
    expect(await acting.field("Your Matrix ID").inputValue()).toBe(former);
    expect(await acting.field("Your Matrix ID").getAttribute("readonly")).not.toBe(null);
    await acting.button("Go on").click();
    await acting.enter("Password", PASSWORD);
    await acting.enter("Recovery key or passphrase", RECOVERY);
    await acting.arrive("Ready. Your links go on.", 4);
    await acting.button("See your link").click();
    await acting.arrive("Links");
    // The address is known; the name alone might lead elsewhere.
    expect(ferry.asked.slice(0, 2)).toEqual([
      ["loginMethods", { server: "https://matrix.example.org" }],
      ["loginPassword", { homeserver: "https://matrix.example.org", user: former, password: PASSWORD }],
    ]);
  });

  test("another account comes after signing out, which asks what to do with what is owed", async () => {
    ferry = revoked();
    await open();
    await acting.button("Use another account").click();
    await page.getByRole("alertdialog", { name: "Sign out?" }).waitFor();
    await page.getByRole("radio", { name: "Leave out for good" }).check();
    await acting.button("Sign out").click();
    await acting.arrive("Welcome back", 1);
    expect(ferry.askedOf("logout")).toEqual([{ dropOwed: true }]);
  });

  test("a login to an account that the links are not of leads out of it", async () => {
    ferry = revoked();
    await open({ loginPassword: () => Promise.reject(new FerryError("other-account", "Links of @ana:example.org.")) });
    await acting.button("Go on").click();
    await acting.enter("Password", PASSWORD);
    await page.getByRole("alert").getByText("belong to another account").waitFor();
    await acting.button("Delete everything").click();
    await page.getByRole("checkbox", { name: "cannot be undone" }).check();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete everything" }).click();
    await acting.arrive("Everything is deleted");
    expect(ferry.askedOf("deleteData").length).toBe(1);
  });
});

import type { Page } from "playwright-core";
import type { SecurityView, StatusView } from "../../main/protocol/control.ts";
import { fakeSecurity, fakeStatus } from "../support/fake-control.ts";
import type { Names, Scene } from "./scenes.ts";

/** The first steps, the account, and the settings, in the states that look different. */

const LOGGED_OUT = {
  connection: "logged-out",
  userId: null,
  deviceId: null,
  homeserver: null,
  verified: null,
} as const;
const UNVERIFIED = { verified: false, links: 0, summary: "Ready, no links yet" } as const;

const heading = (page: Page, name: string): Promise<void> => page.getByRole("heading", { name, level: 1 }).waitFor();

async function toLogIn(page: Page): Promise<void> {
  await heading(page, "Welcome to Ferry");
  await page.getByLabel("Your Matrix ID").fill("@ana:example.org");
  await page.getByRole("button", { name: "Go on" }).click();
  await heading(page, "Log in");
}

async function toVerify(page: Page): Promise<void> {
  await toLogIn(page);
  await page.getByLabel("Password", { exact: true }).fill("secret");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await heading(page, "Verify this device");
}

/** Somebody who is led from nothing, and is logged in once they have given a password. */
function led(security: Partial<SecurityView>, after: Partial<StatusView> = UNVERIFIED): Scene["handlers"] {
  let isLoggedIn = false;
  return {
    status: async () => fakeStatus(isLoggedIn ? after : { ...LOGGED_OUT, links: 0 }),
    linkList: async () => [],
    proposals: async () => [],
    security: async () => fakeSecurity({ verified: after.verified === true, ...security }),
    loginPassword: async () => {
      isLoggedIn = true;
      const { userId, deviceId, homeserver } = fakeStatus();
      if (userId === null || deviceId === null || homeserver === null) throw new Error("Nobody has logged in.");
      return { userId, deviceId, homeserver };
    },
  };
}

function firstRun(names: Names): Scene[] {
  const unverified = { verified: false, backup: "not-connected" } as const;
  const methods = {
    ...{ homeserver: "https://matrix.example.org", user: "ana", password: true, oauth: false },
    sso: ["House keys", "University"].map((name, index) => ({ id: `idp${index}`, name: names.sentence(name) })),
  };
  const loggingIn = { ...led(unverified), loginMethods: async () => methods };
  return [
    { name: "first-run-welcome", handlers: led(unverified), go: (page) => heading(page, "Welcome to Ferry") },
    { name: "first-run-log-in", handlers: loggingIn, go: toLogIn },
    {
      name: "first-run-browser",
      handlers: { ...loggingIn, loginBrowserEnd: () => new Promise(() => undefined) },
      go: async (page) => {
        await toLogIn(page);
        await page
          .getByRole("button", { name: /^Go on with/ })
          .first()
          .click();
        await heading(page, "Go on in your browser");
      },
    },
    { name: "first-run-verify", handlers: led(unverified), go: toVerify },
    {
      name: "first-run-skip",
      handlers: led(unverified),
      go: async (page) => {
        await toVerify(page);
        await page.getByRole("button", { name: "Verify later…" }).click();
        await heading(page, "Verify later?");
      },
    },
    {
      name: "first-run-set-up",
      handlers: led({ ...unverified, crossSigning: false, recovery: false, otherDevices: 0, backup: "missing" }),
      go: async (page) => {
        await toLogIn(page);
        await page.getByLabel("Password", { exact: true }).fill("secret");
        await page.getByRole("button", { name: "Log in", exact: true }).click();
        await page.getByText("Step 3 of 4").waitFor();
      },
    },
    {
      name: "first-run-write-down",
      handlers: led({ ...unverified, crossSigning: false, recovery: false, otherDevices: 0, backup: "missing" }),
      go: async (page) => {
        await toLogIn(page);
        await page.getByLabel("Password", { exact: true }).fill("secret");
        await page.getByRole("button", { name: "Log in", exact: true }).click();
        await page.getByRole("button", { name: "Make my recovery key" }).click();
        await heading(page, "Your recovery key");
      },
    },
    {
      name: "first-run-ready",
      handlers: led({}, { ...UNVERIFIED, verified: true }),
      go: async (page) => {
        await toLogIn(page);
        await page.getByLabel("Password", { exact: true }).fill("secret");
        await page.getByRole("button", { name: "Log in", exact: true }).click();
        await heading(page, "Ready. Make your first link.");
      },
    },
    {
      name: "logged-out",
      handlers: { status: async () => fakeStatus({ connection: "logged-out", summary: "Logged out", waiting: 12 }) },
      go: (page) => heading(page, "Log in again"),
    },
  ];
}

function account(names: Names): Scene[] {
  const open = async (page: Page): Promise<void> => {
    await page.getByRole("navigation").getByRole("button", { name: "Account" }).click();
    await heading(page, "Account");
  };
  const emoji = ["Dog", "Cat", "Lion", "Horse", "Unicorn", "Pig", "Elephant"].map((name, index) => ({
    ...{ name, symbol: ["🐶", "🐱", "🦁", "🐎", "🦄", "🐷", "🐘"][index] ?? "" },
  }));
  const device = names.room(2).slice(0, 500);
  return [
    {
      name: "account",
      handlers: {},
      go: async (page) => {
        await open(page);
        await page.getByText("Key backup is connected").waitFor();
      },
    },
    {
      name: "account-asked",
      handlers: {
        status: async () =>
          fakeStatus({ verified: false, verification: { state: "asked", device, emoji: [], reason: null } }),
        security: async () => fakeSecurity({ verified: false, backup: "missing", secrets: "plain-file" }),
      },
      go: open,
    },
    {
      name: "verify-emoji",
      handlers: {
        status: async () =>
          fakeStatus({ verified: false, verification: { state: "comparing", device, emoji, reason: null } }),
        security: async () => fakeSecurity({ verified: false, backup: "not-connected" }),
      },
      go: async (page) => {
        await open(page);
        await page.getByRole("button", { name: "Verify…" }).click();
        await page.getByText("Unicorn").waitFor();
      },
    },
    {
      name: "sign-out",
      handlers: { status: async () => fakeStatus({ waiting: 12, failed: 2 }) },
      go: async (page) => {
        await open(page);
        await page.getByRole("button", { name: "Sign out…" }).click();
        await page.getByRole("alertdialog").waitFor();
      },
    },
    {
      name: "delete",
      handlers: {},
      go: async (page) => {
        await open(page);
        await page.getByRole("button", { name: "Delete…" }).click();
        await page.getByRole("alertdialog").waitFor();
      },
    },
  ];
}

function settings(): Scene[] {
  return [
    {
      name: "settings",
      handlers: {},
      go: async (page) => {
        await page.getByRole("navigation").getByRole("button", { name: "Settings" }).click();
        await heading(page, "Settings");
        await page.getByText("Start with this computer").waitFor();
      },
    },
  ];
}

export function accountScenes(names: Names): Scene[] {
  return [...firstRun(names), ...account(names), ...settings()];
}

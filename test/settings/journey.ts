import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EmojiPeer } from "../support/emoji.ts";
import { DESKS, type Desk, type DeskKind } from "../support/desk.ts";
import { succeeded } from "../support/ferry.ts";
import { twoRooms, type TwoRooms } from "../support/linked-rooms.ts";
import { installGate } from "../support/synapse-gate.ts";
import { createWorld, type World } from "../support/world.ts";
import { keyboard, mouse, type Hand } from "./hand.ts";

const LIMIT_MS = 30_000;

/** Tests what its user does in the window, from the first start on, against a real homeserver, with one hand alone. */
export function testJourney(kind: "mouse" | "keyboard"): void {
  describe.each(DESKS)("in $name", (desk) => journeyAt(desk, kind));
}

function journeyAt({ missing, open: openDesk }: DeskKind, kind: "mouse" | "keyboard"): void {
  if (missing !== null) return test.skip(missing);

  let world: World;
  let rooms: TwoRooms;
  let desk: Desk;
  let page: Page;
  let hand: Hand;
  let recoveryKey: string;

  beforeAll(async () => {
    world = await createWorld({});
    await world.kim.crossSign();
    recoveryKey = await world.kim.makeRecoverable("correct horse battery staple");
    rooms = await twoRooms(world);
    desk = await openDesk(world);
    page = desk.page;
    page.setDefaultTimeout(LIMIT_MS);
    hand = kind === "mouse" ? mouse() : keyboard(page);
  }, 240_000);

  afterAll(async () => {
    await desk.end();
    await world.end();
  });

  // What went wrong inside the page is a failure of what was just done there.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.log(`The window showed:\n${await page.innerText("body")}`);
    expect(await desk.problems()).toEqual([]);
  });

  const button = (name: string | RegExp): Locator =>
    page.getByRole("button", { name, exact: typeof name === "string" });
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });
  const heading = (name: string | RegExp): Promise<void> => page.getByRole("heading", { name, level: 1 }).waitFor();

  async function logIn(password: string): Promise<void> {
    await hand.write(field("Password"), password);
    await hand.press(button("Log in"));
  }

  async function pick(slot: RegExp, room: string): Promise<void> {
    await hand.press(button(slot).first());
    await page.getByRole("combobox").fill(room);
    await page.getByRole("option", { name: room }).first().waitFor();
    if (kind === "mouse") await page.getByRole("option", { name: room }).first().click();
    else await page.keyboard.press("Enter");
  }

  async function open(name: string): Promise<void> {
    await hand.press(page.getByRole("navigation").getByRole("button", { name }));
    await heading(name);
  }

  test("logs in with a password, after entries that are wrong, which is said where they stand", async () => {
    await heading("Welcome to Ferry");
    await hand.write(field("Your Matrix ID"), "nobody at all");
    await hand.press(button("Go on"));
    await page.locator("[aria-invalid=true]").waitFor();
    await hand.write(field("Your Matrix ID"), world.synapse.url);
    await hand.press(button("Go on"));
    await hand.write(field("User name"), "kim");
    await logIn("not this one");
    await page.getByText("The server does not know this name with this password.").waitFor();
    await logIn(world.kim.password);
    await heading("Verify this device");
  });

  test("verifies the device by the recovery key, after a wrong one", async () => {
    await hand.write(
      field("Recovery key or passphrase"),
      "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d",
    );
    await hand.press(button("Verify"));
    await page.locator("[aria-invalid=true]").waitFor();
    await hand.write(field("Recovery key or passphrase"), recoveryKey);
    await hand.press(button("Verify"));
    await heading("Ready. Make your first link.");
    await page.getByText("Key backup is connected").waitFor();
  });

  test("links two rooms after having seen who gains access, and messages cross", async () => {
    await hand.press(button("Make your first link"));
    await heading("New link");
    await pick(/Choose a room/, "Kitchen");
    await pick(/Choose a room/, "Workshop");
    await page.getByRole("heading", { name: "Who gains access" }).waitFor({ state: "attached" });
    await hand.press(button("Continue"));
    await page.getByText("Who has to agree").waitFor();
    await hand.press(button("Continue"));
    await hand.press(button("Link and tell both rooms"));
    await heading("Kitchen and Workshop");
    await page.getByText("Mirroring", { exact: true }).first().waitFor();
    await rooms.ana.say(rooms.kitchen, "Is the kettle mended?");
    await rooms.jo.waitForMessage(rooms.workshop, "Is the kettle mended?", LIMIT_MS);
    await page.getByText("Message from Ana").first().waitFor();
  });

  test("a link that a room has stopped is said to be, and goes on by the button that says so", async () => {
    // Ana's room, for nobody can take anything from the one who made a room.
    const garden = await rooms.ana.createEncryptedRoom({
      ...{ name: "Garden", invite: [world.kim], powerLevels: { users: { [world.kim.userId]: 50 } }, roomVersion: "12" },
    });
    await world.kim.join(garden);
    const known = async (): Promise<boolean> => (await desk.cli("rooms", "--json")).stdout.includes(garden);
    await world.kim.waitFor(known, LIMIT_MS, "Ferry to know the room");
    const words = ["link", "add", rooms.workshop, garden, "--name", "Vegetables", "--yes", "--json"];
    succeeded("ferry link add", await desk.cli(...words));
    await open("Links");
    await hand.press(button(/^Vegetables/));
    await heading("Vegetables");
    const levels = (await rooms.ana.state(garden, "m.room.power_levels")) ?? {};
    await rooms.ana.setState(garden, "m.room.power_levels", "", { ...levels, events_default: 60 });
    await rooms.jo.say(rooms.workshop, "Held back");
    await page.getByText("Stopped", { exact: true }).first().waitFor();
    await rooms.ana.setState(garden, "m.room.power_levels", "", levels);
    await hand.press(page.getByRole("main").getByRole("button", { name: "Go on" }));
    await rooms.ana.waitForMessage(garden, "Held back", LIMIT_MS);
    await page.getByText("Mirroring", { exact: true }).first().waitFor();
    await desk.cli("link", "remove", "Vegetables", "--yes");
    await open("Links");
    await hand.press(button(/^Kitchen and Workshop/));
  });

  test("a message that the homeserver refused is shown with the reason, and retried", async () => {
    const gate = await installGate(world.synapse, world.kim.userId);
    gate.close();
    await rooms.ana.say(rooms.kitchen, "Refused at first");
    await page.getByText("1 message not delivered").waitFor({ timeout: 60_000 });
    await hand.press(button(/Not delivered/).first());
    await page.getByText("refused").first().waitFor();
    gate.open();
    await hand.press(button("Try again"));
    await rooms.jo.waitForMessage(rooms.workshop, "Refused at first", 60_000);
    await page.getByText("1 message not delivered").waitFor({ state: "detached" });
  });

  test("everything is paused at once, and goes on", async () => {
    await hand.press(button("Pause everything"));
    await page.getByText("Paused with everything").first().waitFor();
    await rooms.ana.say(rooms.kitchen, "While paused");
    await page
      .getByText(/1 message will follow/)
      .first()
      .waitFor();
    expect((await rooms.jo.timeline(rooms.workshop)).map(({ body }) => body)).not.toContain("While paused");
    await hand.press(page.getByRole("contentinfo").getByRole("button", { name: "Go on" }));
    await rooms.jo.waitForMessage(rooms.workshop, "While paused", LIMIT_MS);
  });

  test("a proposal of somebody else's Ferry is read and approved", async () => {
    const cellar = await rooms.jo.createEncryptedRoom({ name: "Cellar", invite: [] });
    const attic = await world.room("Attic", [rooms.jo]);
    const other = await world.ferryOf(rooms.jo);
    succeeded("ferry link propose", await other.cli("link", "propose", cellar, attic, "--yes", "--json"));
    await open("Proposals");
    await page.getByText(rooms.jo.userId).first().waitFor();
    await hand.press(button("Approve").first());
    await hand.press(page.getByRole("alertdialog").getByRole("button", { name: "Approve" }));
    await page.getByText("Approved by you").waitFor();
    const isMirroring = async (): Promise<boolean> => (await other.cli("link", "list")).stdout.includes("mirroring");
    await rooms.jo.waitFor(isMirroring, LIMIT_MS, "Jo's link to begin");
    await rooms.jo.say(cellar, "From the cellar");
    await world.kim.waitForMessage(attic, "From the cellar", 60_000);
    await other.stop();
  });

  test("signs out and in again, verifies by emoji, and the links are as they were", async () => {
    await open("Account");
    await hand.press(button(/^Sign out/));
    await hand.press(page.getByRole("alertdialog").getByRole("button", { name: "Sign out" }));
    await heading("Welcome back");
    await hand.write(field("Your Matrix ID"), world.synapse.url);
    await hand.press(button("Go on"));
    await hand.write(field("User name"), "kim");
    await logIn(world.kim.password);
    await heading("Verify this device");
    const asked = EmojiPeer.asked(world.kim);
    await hand.press(button("Compare emoji with another device"));
    const peer = await asked;
    await peer.request.accept();
    const shown = await peer.emoji();
    await button("They are the same").waitFor();
    expect(await page.locator(".emoji .symbol").allTextContents()).toEqual(shown);
    await hand.press(button("They are the same"));
    await peer.press(true);
    await heading("Ready. Your links go on.");
    await hand.press(button("See your link"));
    await page.getByText("Mirroring", { exact: true }).first().waitFor();
    await rooms.ana.say(rooms.kitchen, "After the second login");
    await rooms.jo.waitForMessage(rooms.workshop, "After the second login", LIMIT_MS);
    expect((await desk.cli("link", "list", "--json")).json).toHaveLength(1);
  });
}

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DESKS, type Desk } from "../support/desk.ts";
import { createSsoWorld, type SsoWorld } from "../support/sso-world.ts";
import type { Visitor } from "../support/visitor.ts";
import type { World } from "../support/world.ts";

/** The first steps in the window where the server logs people in by single sign-on, with a real provider behind it. */

describe.each(DESKS)("in $name", ({ missing, open }) => {
  if (missing !== null) return test.skip(missing);
  let sso: SsoWorld;
  let world: World;
  let browser: Visitor;
  let desk: Desk;

  beforeAll(async () => {
    sso = await createSsoWorld();
    ({ world, browser } = sso);
    await world.kim.crossSign();
    desk = await open(world);
  }, 120_000);

  afterAll(async () => {
    await desk.end();
    await sso.end();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.log(`The window showed:\n${await desk.page.innerText("body")}`);
  });

  test("what is cancelled can be begun again, and the browser's login leads on to verification", async () => {
    const { page } = desk;
    page.setDefaultTimeout(30_000);
    await page.getByLabel("Your Matrix ID").fill(world.synapse.url);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("button", { name: "Go on with House keys" }).click();
    await page.getByRole("heading", { name: "Go on in your browser" }).waitFor();
    const field = page.getByLabel("If nothing has opened, this is the address");
    const first = await field.inputValue();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.getByRole("button", { name: "Go on with House keys" }).click();
    const second = await field.inputValue();
    expect(second).not.toBe(first);
    expect(await browser.logIn(second, "kim")).toBe("You can close this tab and go back to Ferry.");
    // There is no recovery key, and another device that is verified.
    await page.getByRole("heading", { name: "Compare emoji", level: 1 }).waitFor();
    expect(await page.getByText("Step 3 of 4").count()).toBe(1);
    expect(await desk.problems()).toEqual([]);
  });
});

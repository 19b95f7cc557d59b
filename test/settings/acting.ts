import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** What a user sees and does, by the names that stand on the page. */
export interface Acting {
  heading(name: string): Locator;
  field(name: string): Locator;
  button(name: string): Locator;
  /** Fills a field and presses Enter in it. */
  enter(name: string, text: string): Promise<void>;
  /** Goes there by Tab alone, as somebody does who has no mouse. */
  tabTo(control: Locator): Promise<void>;
  /** Presses Enter on a button of the question that has just opened: not before it has taken the focus. */
  answer(name: string): Promise<void>;
  /** That a page has come, and that whoever hears the window notices; `step`: which of four it is. */
  arrive(name: string, step?: number): Promise<void>;
  /** What is said to be wrong at a field, which has the focus then. */
  problemAt(name: string): Promise<string>;
}

/** More controls than any page has. */
const MOST_TABS = 40;

const hasFocus = (control: Locator): Promise<boolean> =>
  control.evaluate((element) => element === document.activeElement);

export function actingOn(page: Page): Acting {
  const heading = (name: string): Locator => page.getByRole("heading", { name, level: 1 });
  const field = (name: string): Locator => page.getByRole("textbox", { name });
  return {
    heading,
    field,
    button: (name) => page.getByRole("button", { name }),
    async enter(name, text) {
      await field(name).fill(text);
      await field(name).press("Enter");
    },
    async tabTo(control) {
      await control.waitFor();
      for (let tabs = 0; tabs < MOST_TABS; tabs++) {
        await page.keyboard.press("Tab");
        if (await hasFocus(control)) return;
      }
      throw new Error("Tab does not lead there.");
    },
    async answer(name) {
      const question = page.getByRole("alertdialog");
      const hasTaken = (): Promise<boolean> => question.evaluate((element) => element.contains(document.activeElement));
      await expect.poll(hasTaken).toBe(true);
      await question.getByRole("button", { name }).press("Enter");
    },
    async arrive(name, step) {
      await heading(name).waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent.trim())).toBe(name);
      if (step !== undefined) await page.getByText(`Step ${step} of 4`).waitFor();
      expect(await page.title()).toBe(`${name} – Ferry`);
    },
    async problemAt(name) {
      await expect.poll(() => field(name).getAttribute("aria-invalid")).toBe("true");
      await expect.poll(() => hasFocus(field(name))).toBe(true);
      const ids = (await field(name).getAttribute("aria-describedby"))?.split(" ") ?? [];
      return page.locator(`[id="${ids.at(-1)}"]`).innerText();
    },
  };
}

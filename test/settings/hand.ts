import type { Locator, Page } from "playwright-core";

/** How somebody uses the window. */
export interface Hand {
  readonly kind: "mouse" | "keyboard";
  /** Presses a button, a switch, a tick box, a tab or the head of something folded. */
  press(control: Locator): Promise<void>;
  /** Writes into a field, in place of what stands there. */
  write(field: Locator, text: string): Promise<void>;
}

/** More steps than any page has controls. */
const MOST_STEPS = 150;

/** Points and clicks. */
export function mouse(): Hand {
  return {
    kind: "mouse",
    press: (control) => control.click(),
    write: (field, text) => field.fill(text),
  };
}

/** Has no pointer: goes by Tab and the arrows, and presses Enter and Space. */
export function keyboard(page: Page): Hand {
  return {
    kind: "keyboard",
    press: async (control) => {
      await reach(page, control);
      const isTurned = await control.evaluate((element) => element.matches("[role=switch], input"));
      await page.keyboard.press(isTurned ? "Space" : "Enter");
    },
    write: async (field, text) => {
      await reach(page, field);
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type(text);
    },
  };
}

async function reach(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  // Of tabs and radio buttons one can be reached by Tab, and from there the others by arrows.
  const isOneOfMany = await control.evaluate((element) => element.matches("[role=tab], input[type=radio]"));
  for (let step = 0; step < MOST_STEPS; step++) {
    if (await hasFocus(control)) return;
    await page.keyboard.press(isOneOfMany && (await isAmong(control)) ? "ArrowRight" : "Tab");
  }
  throw new Error(`By keyboard alone nothing leads to ${control.toString()}.`);
}

function hasFocus(control: Locator): Promise<boolean> {
  return control.evaluate((element) => element === document.activeElement);
}

/** Whether one of those that belong together has the focus. */
function isAmong(control: Locator): Promise<boolean> {
  return control.evaluate((element) => {
    const group = element.closest("[role=tablist], fieldset, [role=radiogroup]");
    return group?.contains(document.activeElement) === true;
  });
}

import axe from "axe-core";
import type { Page } from "playwright-core";

/** What must hold on every page of the window. Each answers with what is wrong, in words; an empty list is good. */

/**
 * Accessibility as far as axe can tell, contrast of the colours that are set now included.
 *
 * @param rules those of axe's that are asked; all where none are named
 */
export async function axeViolations(page: Page, rules?: string[]): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in globalThis);
  if (!isThere) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(async (values) => {
    const { axe: loaded } = globalThis as unknown as { axe: typeof axe };
    return loaded.run(document, { resultTypes: ["violations"], ...(values ? { runOnly: values } : {}) });
  }, rules);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** Controls that cannot be brought into view or clicked, and what sticks out of the window sideways. */
export async function lostControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const name = (element: Element): string =>
      `${element.tagName.toLowerCase()} “${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 60)}”`;
    const isShown = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true });
    const dialog = document.querySelector("[role=alertdialog], [role=dialog]");
    const controls = (dialog ?? document).querySelectorAll("button, input, select, textarea, a[href], summary");
    for (const control of [...controls].filter(isShown)) {
      control.scrollIntoView({ block: "center", inline: "nearest" });
      const box = control.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || control.closest(".hidden")) continue;
      const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
      const y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
      const hit = document.elementFromPoint(x, y);
      const isHit = hit !== null && (control.contains(hit) || hit.contains(control) || hit.closest("label") !== null);
      if (!isHit) problems.push(`${name(control)} is covered by ${hit === null ? "nothing" : name(hit)}`);
      if (box.left < -1 || box.right > innerWidth + 1) problems.push(`${name(control)} sticks out sideways`);
    }
    for (const scroller of document.querySelectorAll("html, body, main, [role=alertdialog], [role=dialog]")) {
      const over = scroller.scrollWidth - scroller.clientWidth;
      if (over > 1) problems.push(`${scroller.tagName.toLowerCase()} is ${over} px wider than it can show`);
    }
    return problems;
  });
}

/** Makes every text 40 % longer, as a translation into German would, with words that can be broken as real ones can. */
export async function lengthenTexts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (texts.nextNode()) nodes.push(texts.currentNode as Text);
    for (const node of nodes) {
      if (node.data.trim() === "") continue;
      const words = node.data.trim().split(/\s+/);
      const more = Math.ceil(node.data.length * 0.4);
      // A word grows by its own part, so that one long word stays one long word.
      const grown = words.map(
        (word) => word + "enlich".repeat(9).slice(0, Math.ceil((more * word.length) / node.data.length)),
      );
      node.data = node.data.replace(node.data.trim(), grown.join(" "));
    }
  });
}

/** Texts that are cut off: wider or higher than the box that hides what does not fit. */
export async function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    for (const element of document.querySelectorAll("body *")) {
      if (!element.checkVisibility() || element.closest(".hidden, svg, [aria-hidden=true]")) continue;
      if (!["hidden", "clip"].includes(getComputedStyle(element).overflowX) || element.textContent.trim() === "")
        continue;
      if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) {
        problems.push(`${element.tagName.toLowerCase()} “${element.textContent.trim().slice(0, 60)}” is cut off`);
      }
    }
    return problems;
  });
}

/** What still moves by itself. */
export async function movements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === "running")
      .map(
        (animation) =>
          `${animation.id || "an animation"} on ${(animation.effect as KeyframeEffect | null)?.target?.className}`,
      ),
  );
}

const CONTROLS = "button, input, select, textarea, a[href], summary, [tabindex='0']";

/** Goes through the page by Tab alone: what cannot be reached, or does not show that it has the focus. */
export async function keyboardProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  const expected = await page.evaluate((selector) => {
    (document.activeElement as HTMLElement | null)?.blur();
    const dialog = document.querySelector("[role=alertdialog], [role=dialog]");
    const controls = [...(dialog ?? document).querySelectorAll<HTMLElement>(selector)].filter(
      (control) =>
        control.tabIndex >= 0 && control.checkVisibility({ visibilityProperty: true }) && !control.matches(":disabled"),
    );
    // Of radio buttons that belong together one has the focus, and the arrows go on from there.
    const reachable = controls.filter((control) => !control.matches("input[type=radio]:not(:checked)"));
    (globalThis as unknown as { toReach: Set<Element> }).toReach = new Set(reachable);
    return reachable.length;
  }, CONTROLS);
  // One step more: wherever the page has put the focus, Tab leaves it once at its end, for the browser, and comes back.
  for (let step = 0; step <= expected; step++) {
    await page.keyboard.press("Tab");
    const problem = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      if (element === document.body) return null;
      (globalThis as unknown as { toReach: Set<Element> }).toReach.delete(element);
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const name = `${element.tagName.toLowerCase()} “${element.textContent.trim().slice(0, 60)}”`;
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) return `${name} does not show its focus`;
      const isInSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      return isInSight ? null : `${name} has the focus and is out of sight`;
    });
    if (problem !== null) problems.push(problem);
  }
  const unreached = await page.evaluate(() =>
    [...(globalThis as unknown as { toReach: Set<Element> }).toReach].map((element) => element.outerHTML.slice(0, 120)),
  );
  return [...problems, ...unreached.map((html) => `Tab does not reach ${html}`)];
}

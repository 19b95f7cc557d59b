/**
 * Whoever works by keyboard must not fall out of the page where what had the focus goes away: a row that was dismissed, a
 * button that has nothing to do any more. The focus goes to the heading of the part of the page that it was in, which
 * also tells those who hear the window where they are.
 */
export function keepFocus(page: Document): void {
  let trail: Element[] = [];
  page.addEventListener("focusin", ({ target }) => (trail = target instanceof Element ? ancestorsOf(target) : []));
  let isDue = false;
  const observer = new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    // By then a dialog that closes has given the focus back to where it came from.
    requestAnimationFrame(() => {
      isDue = false;
      if (page.activeElement === page.body && !mayHaveFocus(trail[0])) headingNear(trail, page)?.focus(AS_IT_STANDS);
    });
  });
  observer.observe(page.body, { subtree: true, childList: true, attributes: true, attributeFilter: GONE_BY });
}

const GONE_BY = ["disabled", "hidden"];
const AS_IT_STANDS = { preventScroll: true };
const PARTS = "section, [role=tabpanel], [role=alertdialog], main";

function ancestorsOf(element: Element): Element[] {
  return [element, ...(element.parentElement === null ? [] : ancestorsOf(element.parentElement))];
}

/** Nothing has been lost either where nothing has had the focus yet. */
function mayHaveFocus(element: Element | undefined): boolean {
  return element === undefined || (element.isConnected && !element.matches(":disabled") && element.checkVisibility());
}

function headingNear(trail: readonly Element[], page: Document): HTMLElement | null {
  const left = trail.find((element) => element.isConnected && element.matches(PARTS));
  const heading = (left ?? page).querySelector<HTMLElement>("h1, h2, h3") ?? page.querySelector<HTMLElement>("h1");
  if (heading !== null && heading.tabIndex < 0) heading.tabIndex = -1;
  return heading;
}

import type { Page } from "playwright-core";
import type { controlRequests } from "../../main/protocol/control.ts";
import type { Handlers } from "../../main/protocol/rpc.ts";
import { openSettings, type RenewablePage, type SettingsPage } from "./settings-page.ts";

/**
 * One window for all tests of a worker, one after the other: to load its page anew takes an eighth of what it takes to
 * start a browser. What a test could leave behind is looked for after each, and a window in which one has failed is not
 * used again.
 */

type ControlHandlers = Handlers<typeof controlRequests>;

interface Kept {
  window: RenewablePage;
  /** Who answers behind it just now. */
  answers: ControlHandlers;
}

let kept: Kept | null = null;
/** The test's own view of the window, where one has it open. */
let inUse: SettingsPage | null = null;

/** Opens the window, as new, on answers of the test's own. `releaseWindow` closes it where the test has not. */
export async function showWindow(answers: ControlHandlers): Promise<SettingsPage> {
  if (inUse !== null) throw new Error("The window is open already.");
  if (kept?.window.page.isClosed() === true) await discard();
  if (kept === null) {
    const current = { answers };
    kept = Object.assign(current, { window: await openSettings({ handlers: forwarding(current) }) });
  } else {
    kept.answers = answers;
    await kept.window.renew();
  }
  inUse = viewOf(kept.window);
  return inUse;
}

/**
 * Has a test let go of the window.
 *
 * @param hasFailed whether the test has failed: what the window showed is printed, and another one opened next time
 * @throws Error where something went wrong in the page, or stays in the browser for the next test
 */
export async function releaseWindow(hasFailed: boolean): Promise<void> {
  if (hasFailed && kept !== null) {
    console.log(`The window showed:\n${await kept.window.page.innerText("body").catch(String)}`);
    return discard();
  }
  await inUse?.close();
}

/** Ends the browser. */
async function discard(): Promise<void> {
  const window = kept?.window;
  kept = null;
  inUse = null;
  await window?.end();
}

/** Each question goes to whoever answers when it is asked. */
function forwarding(current: { answers: ControlHandlers }): ControlHandlers {
  const forwarded = Object.keys(current.answers).map((method) => [
    method,
    (params: never) => current.answers[method as keyof ControlHandlers](params),
  ]);
  return Object.fromEntries(forwarded) as ControlHandlers;
}

/** What one test has of the window: once closed, it is none of that test's business any more. */
function viewOf(window: RenewablePage): SettingsPage {
  const end = async (): Promise<void> => {
    if (inUse === view) inUse = null;
  };
  const view: SettingsPage = {
    ...window,
    statusChanged: (status) => {
      if (inUse === view) window.statusChanged(status);
    },
    close: async () => {
      await end();
      const problems = await window.problems();
      const left = await leftIn(window.page);
      if (problems.length > 0) throw new Error(`In the settings page: ${problems.join("; ")}`);
      if (left.length > 0) throw new Error(`The settings page leaves ${left.join(", ")} in the browser.`);
    },
    end,
  };
  return view;
}

/** What of a page outlives its being loaded anew. */
async function leftIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const counts = {
      "things in localStorage": localStorage.length,
      "things in sessionStorage": sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      cookies: document.cookie === "" ? 0 : 1,
      "steps of its history": history.length - 1,
    };
    return Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`);
  });
}

import type { Page } from "playwright-core";
import type { RememberingFerry } from "../support/remembering-ferry.ts";
import type { SettingsPage } from "../support/settings-page.ts";
import { actingOn, type Acting } from "./acting.ts";

/** The window that the test that runs has open. It is closed after each test, which fails where something went wrong in it. */
export let window: SettingsPage;
export let page: Page;
export let acting: Acting;

/** Answers that are other than the Ferry's own. */
export type Changes = NonNullable<Parameters<RememberingFerry["open"]>[0]>;

/** Opens the window on a Ferry. */
export async function openOn(ferry: RememberingFerry, changes: Changes = {}): Promise<void> {
  window = await ferry.open(changes);
  page = window.page;
  acting = actingOn(page);
}

/** The window's pages that a piece of advice can lead to. */
export type Page = "login" | "account" | "settings" | "links" | "proposals";

/**
 * What the user can do about something. With a page it is what stands on the button that opens it ("Log in"); without
 * one it is a sentence ("Free some space. Ferry goes on by itself."). Null where nothing needs to be done.
 */
export interface Advice {
  action: string | null;
  page: Page | null;
}

export const NOTHING_TO_DO: Advice = { action: null, page: null };

/** Advice that a button follows. */
export function button(label: string, page: Page): Advice {
  return { action: label, page };
}

/** Advice that only the user can follow. */
export function advice(sentence: string): Advice {
  return { action: sentence, page: null };
}

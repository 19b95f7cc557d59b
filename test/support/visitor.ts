import { chromium, type Browser, type Page } from "playwright-core";
import { findChromium } from "../../main/host/find-chromium.ts";

/** Somebody at the system's browser: a real Chromium, with cookies of its own that it keeps over several logins. */
export interface Visitor {
  /**
   * Opens a login's address and goes through the provider's pages under this name.
   *
   * @returns what stands on the page at the end
   */
  logIn(address: string, name: string): Promise<string>;
  /** Opens a login's address and says no there. @returns what stands on the page at the end */
  refuse(address: string): Promise<string>;
  /** Forgets who is logged in at the provider. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Visitor> {
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const context = await browser.newContext();
  // The provider's page would like a font from elsewhere.
  await context.route(/^https:/, (route) => route.abort());
  const visit = async (address: string, act: (page: Page) => Promise<void>): Promise<string> => {
    const page = await context.newPage();
    try {
      await page.goto(address);
      await act(page);
      return await page.innerText("body");
    } finally {
      await page.close();
    }
  };
  return {
    logIn: (address, name) => visit(address, (page) => logInAt(page, name)),
    refuse: (address) =>
      visit(address, async (page) => {
        const { port } = new URL(page.url());
        const elsewhere = page.waitForURL((other) => other.port !== port);
        await Promise.all([elsewhere, page.getByRole("link", { name: "Cancel" }).click()]);
      }),
    forget: () => context.clearCookies(),
    close: () => browser.close(),
  };
}

/** Goes on from page to page, whatever comes: the login, the question whether that is all right, the homeserver's own. */
async function logInAt(page: Page, name: string): Promise<void> {
  for (;;) {
    const url = page.url();
    if (isFerrys(new URL(url))) return;
    const login = page.locator("input[name=login]");
    if ((await login.count()) > 0) {
      await login.fill(name);
      await page.locator("input[name=password]").fill("any");
    }
    const next = page.locator("button[type=submit], a.primary-button").first();
    if ((await next.count()) === 0) throw new Error(`There is no way on from ${url}: ${await page.innerText("body")}`);
    await Promise.all([page.waitForURL((other) => other.href !== url), next.click()]);
  }
}

/** Where a login of Ferry's ends. */
function isFerrys({ hostname, pathname }: URL): boolean {
  return hostname === "127.0.0.1" && /^\/[0-9a-f]{48}$/.test(pathname);
}

import type { WindowPage } from "../desktop/windows.ts";
import type { Host } from "./host.ts";

/**
 * Electron as a host: the engine page in a hidden window.
 *
 * @param openEngine opens that window, which may connect to the given origins
 */
export function createElectronHost(openEngine: (connect: readonly string[]) => Promise<WindowPage>): Host {
  const open = new Set<WindowPage>();
  return {
    kind: "electron",
    browserVersion: process.versions["chrome"] ?? "unknown",
    openEngine: async (reach) => {
      const page = await openEngine(reach.connect);
      let closing = false;
      open.add(page);
      page.onGone(() => open.delete(page));
      return {
        channel: page.channel,
        // As under Chromium: who closes the page is not told that it is gone.
        onGone: (listener) => page.onGone((reason) => void (closing || listener(reason))),
        close: async () => {
          closing = true;
          await page.close();
        },
      };
    },
    close: async () => {
      await Promise.all([...open].map((page) => page.close()));
    },
  };
}
